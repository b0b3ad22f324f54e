//! One restore, from the look at the archive to the last word on it.

use jiff::{SignedDuration, Timestamp};

use super::plan::{self, Step};
use super::safety::{self, Safety};
use super::services::{self, Services};
use super::videos::{self, Missing};
use super::{RestoreError, Wish};
use crate::config::Config;
use crate::jobs::report::Report;
use crate::model::{ArchiveName, LastRestore, RestoreState, Sentence, Step as Stage, Undo};
use crate::store::{RunLock, Store};
use crate::targets::{Content, Entry, Intent, Intents, New, Phase, Switch};

/// A restore that holds the run's lock.
pub(super) struct Restoring<'r, 'j, 'o> {
    pub(super) config: &'r Config,
    pub(super) store: &'r Store,
    pub(super) lock: &'r RunLock,
    pub(super) services: &'r mut dyn Services,
    pub(super) report: &'r mut Report<'j, 'o>,
}

/// What is to be put back, and what is to go.
struct Asked {
    archive: ArchiveName,
    members: Option<Vec<String>>,
    removed: Vec<String>,
    /// Whose settings may be put back: anybody's where they were here before.
    club: Club,
}

enum Club {
    /// This box's, or the one that was named.
    Same { confirm: Option<String> },
    /// Anybody's.
    Any,
}

impl<'r> Restoring<'r, '_, '_> {
    pub(super) fn make(mut self, wish: Wish) -> Result<ArchiveName, RestoreError> {
        let undo = wish == Wish::Undo;
        let asked = self.asked(wish)?;
        self.report.info(Sentence::new("restore.started").with("name", &asked.archive));
        let mut missing = Missing::of(self.config);
        let steps = self.look(&asked, &mut missing)?;
        let safety = safety::copy(self.config, self.store, self.lock, &steps, self.report)?;
        let count = steps.len();
        let intent = Intent {
            job: self.report.journal.id().clone(),
            phase: Phase::Prepare,
            archive: asked.archive.clone(),
            safety: safety.archive.clone(),
            undo,
            entries: Vec::new(),
        };
        // Only a whole restore is one of the videos, too.
        let missing = asked.members.is_none().then_some(missing).filter(|missing| missing.files > 0);
        self.switch(intent, steps, &safety, missing.as_ref())?;
        let done = Sentence::new(if undo { "restore.undone" } else { "restore.done" });
        self.report.info(done.with("name", &asked.archive).with("count", count));
        Ok(asked.archive)
    }

    fn asked(&self, wish: Wish) -> Result<Asked, RestoreError> {
        match wish {
            Wish::Restore { archive, members, confirm } => {
                Ok(Asked { archive, members, removed: Vec::new(), club: Club::Same { confirm } })
            }
            Wish::Undo => {
                let last = self.store.last_restore();
                let undo = last.as_ref().and_then(|last| last.way_back(Timestamp::now()));
                let undo = undo.cloned().ok_or(RestoreError::NothingToUndo)?;
                let kept = undo.members.into_iter().filter(|member| !undo.absent.contains(member));
                let members = Some(kept.collect());
                Ok(Asked { archive: undo.safety, members, removed: undo.absent, club: Club::Any })
            }
        }
    }

    /// Reads the archive, looks at every place, and refuses what must not be done.
    fn look(&mut self, asked: &Asked, missing: &mut Missing<'r>) -> Result<Vec<Step<'r>>, RestoreError> {
        let Asked { archive, members, removed, club } = asked;
        self.report.journal.step(Stage::Verify);
        let named = |member: &str| self.config.files.iter().any(|file| file.member == member);
        let is_asked =
            |member: &str| members.as_ref().is_none_or(|members| members.iter().any(|asked| asked == member));
        let mut read = plan::read(self.store, archive, &named, missing)?;
        self.report.journal.step(Stage::Compare);
        let no_member =
            |member: &String| RestoreError::NoMember { archive: archive.clone(), member: member.clone() };
        for member in members.iter().flatten() {
            if !read.staged.iter().any(|staged| staged.member == *member) {
                return Err(no_member(member));
            }
        }
        if let Club::Same { confirm } = club {
            self.same_club(&mut read.staged, confirm.as_deref())?;
        }
        read.staged.retain(|staged| is_asked(&staged.member));
        for staged in &mut read.staged {
            let fault = staged.fault().map_err(|error| self.unread(error))?;
            if let Some(fault) = fault {
                return Err(RestoreError::Faulty { member: staged.member.clone(), fault });
            }
        }
        for sentence in plan::doubts(&read.back) {
            self.report.warn(sentence);
        }
        let archived: Vec<_> = read.staged.iter().map(|staged| staged.member.clone()).collect();
        if archived.is_empty() && removed.is_empty() {
            return Err(RestoreError::Nothing { archive: archive.clone() });
        }
        for file in
            self.config.files.iter().filter(|file| members.is_none() && !archived.contains(&file.member))
        {
            self.report.warn(Sentence::new("restore.not_archived").with("member", &file.member));
        }
        if members.is_none() {
            missing.check_room()?;
        }
        plan::steps(self.config, read.staged, &|member| {
            [&archived, removed].iter().any(|list| list.iter().any(|named| named == member))
        })
    }

    /// Another club's settings are put back only by who names that club.
    fn same_club(
        &self,
        staged: &mut [crate::archive::Staged],
        confirm: Option<&str>,
    ) -> Result<(), RestoreError> {
        let theirs =
            plan::club_of(staged.iter_mut().map(|staged| (staged.member.as_str(), &mut staged.content)));
        let ours = plan::club_here(self.config, self.store.directory());
        match (theirs, ours) {
            (Some(club), Some(here)) if club != here && confirm != Some(club.as_str()) => {
                Err(RestoreError::OtherClub { club, here })
            }
            _ => Ok(()),
        }
    }

    fn unread(&self, error: std::io::Error) -> RestoreError {
        crate::store::StoreError::of("read", self.store.directory(), error).into()
    }

    /// Replaces the files, and goes back where a service does not stay up.
    fn switch(
        &mut self,
        intent: Intent,
        steps: Vec<Step<'r>>,
        safety: &Safety,
        missing: Option<&Missing<'_>>,
    ) -> Result<(), RestoreError> {
        self.report.journal.step(Stage::Apply);
        let mut switch = self.prepare(intent, steps, safety)?;
        for path in std::mem::take(&mut switch.kept_owner) {
            self.report.warn(Sentence::new("restore.kept_owner").with("path", path.display()));
        }
        let applied = switch.apply().and_then(|()| switch.note(Phase::Check)).map_err(RestoreError::from);
        let up = applied
            .and_then(|()| services::start_anew(&self.config.restore, self.services, self.report))
            .and_then(|()| Ok(switch.note(Phase::Done)?));
        if let Err(error) = up {
            return self.roll_back(switch, error);
        }
        // The files are those of the archive now, whatever fails here: the next start ends it.
        let noted = note(self.config, self.store, switch.intent(), ended(switch.intent()));
        if let Some(missing) = missing {
            self.put_videos_back(missing, &switch.intent().archive.clone());
        }
        if let Err(error) = noted.and_then(|()| Ok(switch.finish()?)) {
            self.report.warn(error.sentence());
        }
        Ok(())
    }

    /// What fails here costs videos, and not the settings that are back.
    fn put_videos_back(&mut self, missing: &Missing<'_>, archive: &ArchiveName) {
        match videos::put_back(self.store, missing, archive, self.report) {
            Ok(count) => self.report.info(Sentence::new("restore.videos_done").with("count", count)),
            Err(error) => {
                let sentence = Sentence::new("restore.videos_failed");
                self.report.warn(sentence.with_sentence("reason", error.sentence()));
            }
        }
        if let Err(error) = videos::clear(self.config) {
            self.report.warn(error.sentence());
        }
    }

    fn prepare(
        &mut self,
        intent: Intent,
        steps: Vec<Step<'r>>,
        safety: &Safety,
    ) -> Result<Switch, RestoreError> {
        let mut owners = Vec::new();
        for step in &steps {
            let owner = step.owner()?;
            if !owner.known && step.staged.is_some() {
                let path = step.place.path().display().to_string();
                self.report.warn(Sentence::new("restore.owner_unknown").with("path", path));
            }
            owners.push(owner);
        }
        let contents = steps.into_iter().zip(owners).map(|(step, owner)| {
            let before = safety.digests.get(&step.source.member).copied();
            let modified = step.modified();
            let after = step.staged.map(|staged| New {
                content: Box::new(staged.content),
                uid: owner.uid,
                gid: owner.gid,
                mode: staged.mode,
                modified,
            });
            Content { place: step.place, before, after }
        });
        let intents = Intents::of(&self.config.paths.state);
        Ok(Switch::prepare(&intents, intent, contents.collect())?)
    }

    fn roll_back(&mut self, switch: Switch, error: RestoreError) -> Result<(), RestoreError> {
        self.report.journal.step(Stage::RollBack);
        let intent = switch.intent().clone();
        switch.roll_back().map_err(|source| RestoreError::Stuck { source })?;
        if intent.phase > Phase::Apply {
            services::start_as_before(&self.config.restore, self.services, self.report);
        }
        if let Err(unnoted) = note(self.config, self.store, &intent, RestoreState::RolledBack) {
            self.report.warn(unnoted.sentence());
        }
        Err(error)
    }
}

/// How a restore that was done to its end is told.
pub(super) fn ended(intent: &Intent) -> RestoreState {
    if intent.undo { RestoreState::Undone } else { RestoreState::Done }
}

/// Notes how a restore ended, and until when it can be taken back.
pub(super) fn note(
    config: &Config,
    store: &Store,
    intent: &Intent,
    state: RestoreState,
) -> Result<(), RestoreError> {
    let at = Timestamp::now();
    let undo = match state {
        RestoreState::Done => Some(way_back(config, intent, at)),
        // What was before the undo is in its safety copy, a backup like any other.
        RestoreState::Undone => None,
        RestoreState::RolledBack | RestoreState::Interrupted => {
            store.last_restore().and_then(|before| before.undo)
        }
    };
    let (job, archive) = (intent.job.clone(), intent.archive.clone());
    let last = LastRestore { job, at, archive, state, undo };
    Ok(store.note_restore(&last, &store.lock()?)?)
}

fn way_back(config: &Config, intent: &Intent, at: Timestamp) -> Undo {
    let member = |entry: &Entry| {
        let file = config.files.iter().find(|file| file.path == entry.path);
        file.map(|file| file.member.clone())
    };
    let days = SignedDuration::from_hours(24 * i64::from(config.restore.undo_days));
    Undo {
        archive: intent.archive.clone(),
        safety: intent.safety.clone(),
        members: intent.entries.iter().filter_map(member).collect(),
        absent: intent.entries.iter().filter(|entry| !entry.had).filter_map(member).collect(),
        until: at.checked_add(days).unwrap_or(Timestamp::MAX),
    }
}

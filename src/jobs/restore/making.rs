//! One restore, from what was asked to the last word on it.

use jiff::{SignedDuration, Timestamp};

use super::plan::Step;
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
            store.last_restore()?.and_then(|before| before.undo)
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
        pinned_by_person: false,
    }
}

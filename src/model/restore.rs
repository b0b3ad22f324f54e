//! Putting the club's files back: what is asked, what it would change, how it went.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArchiveName, Comparison, JobId, Sentence};

/// What a restore is asked to do; travels in a file that its reader treats as hostile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "action")]
pub enum RestoreRequest {
    /// Says what a restore would change, and changes nothing.
    Preview {
        /// From which archive.
        archive: ArchiveName,
    },
    /// Puts files back.
    Restore {
        /// From which archive.
        archive: ArchiveName,
        /// The members; all that the configuration names where none is given.
        #[serde(default)]
        members: Option<Vec<String>>,
        /// The name of the archive's club, where it is another one than this box's.
        #[serde(default)]
        confirm: Option<String>,
    },
    /// Takes the last restore back.
    Undo,
}

/// What a restore would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The archive.
    pub archive: ArchiveName,
    /// The archive as the older side, what is there now as the newer.
    pub comparison: Comparison,
    /// What can be put back, in the configuration's order.
    pub files: Vec<PreviewFile>,
    /// The club's name in the archive, where it says one.
    pub club: Option<String>,
    /// The same as it is now.
    pub club_here: Option<String>,
    /// Whether the archive has a manifest to be held against.
    pub proven: bool,
    /// What cannot be known or will not be done.
    pub warnings: Vec<Sentence>,
}

impl Preview {
    /// Whether the archive is of another club than this box's, as far as both say.
    pub fn is_other_club(&self) -> bool {
        self.club.is_some() && self.club_here.is_some() && self.club != self.club_here
    }
}

/// One file that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFile {
    /// Its name in the archive.
    pub member: String,
    /// Where it lies.
    pub path: String,
    /// Whether the archive has it.
    pub archived: bool,
    /// Why it cannot be put back; none where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Sentence>,
}

/// How the last restore ended, and what can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRestore {
    /// The job.
    pub job: JobId,
    /// When it ended.
    pub at: Timestamp,
    /// What was to be put back.
    pub archive: ArchiveName,
    /// How it ended.
    pub state: RestoreState,
    /// The way back to the files before the last one that was done; none where there is none.
    pub undo: Option<Undo>,
}

/// The way back to the files before a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// What that restore has put back.
    pub archive: ArchiveName,
    /// The copy of what was there before, pinned for this.
    pub safety: ArchiveName,
    /// The members that were replaced.
    pub members: Vec<String>,
    /// Those of them that were not there before.
    pub absent: Vec<String>,
    /// Until when it can be gone.
    pub until: Timestamp,
    /// Whether a person pinned the copy as well: then it stays when this way is closed.
    #[serde(default)]
    pub pinned_by_person: bool,
}

/// How a restore ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreState {
    /// The files are those of the archive.
    Done,
    /// It took back the restore before it.
    Undone,
    /// A service did not stay up: the files are those of before.
    RolledBack,
    /// It was interrupted: the files are those of before.
    Interrupted,
}

impl LastRestore {
    /// The way back, where it is still open at this moment.
    pub fn way_back(&self, now: Timestamp) -> Option<&Undo> {
        self.undo.as_ref().filter(|undo| now < undo.until)
    }
}

/// Whether an archive was put back into a scratch folder, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Rehearsal {
    /// Every file came out as it went in, and is what its name says.
    Proven,
    /// One did not.
    Failed {
        /// Why.
        reason: Sentence,
    },
}

impl Rehearsal {
    /// The state's name in JSON and in catalogue keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Failed { .. } => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::super::testing::{
        archive_name, job_id, maybe_text, sentence, text, timestamp, written_and_read,
    };
    use super::super::{Change, DiffState, Form, MemberDiff, What};
    use super::*;

    fn request() -> impl Strategy<Value = RestoreRequest> {
        let members = option::of(vec(text(), 0..3));
        prop_oneof![
            archive_name().prop_map(|archive| RestoreRequest::Preview { archive }),
            (archive_name(), members, maybe_text()).prop_map(|(archive, members, confirm)| {
                RestoreRequest::Restore { archive, members, confirm }
            }),
            Just(RestoreRequest::Undo),
        ]
    }

    fn comparison() -> impl Strategy<Value = Comparison> {
        let what = proptest::sample::select(vec![What::Added, What::Removed, What::Changed]);
        let change = (what, text(), maybe_text(), maybe_text())
            .prop_map(|(what, path, before, after)| Change { what, path, before, after });
        let form = proptest::sample::select(vec![Form::Json, Form::Settings, Form::Inventory, Form::Opaque]);
        let state = proptest::sample::select(vec![
            DiffState::Same,
            DiffState::Changed,
            DiffState::Added,
            DiffState::Removed,
            DiffState::Unreadable,
        ]);
        let counts = any::<(u64, u64, u64)>();
        let member = (text(), form, state, counts, vec(change, 0..3));
        let member = member.prop_map(|(member, form, state, (added, removed, changed), changes)| {
            MemberDiff { member, form, state, added, removed, changed, changes }
        });
        vec(member, 0..3).prop_map(|members| Comparison { members })
    }

    fn preview() -> impl Strategy<Value = Preview> {
        let file = (text(), text(), any::<bool>(), option::of(sentence()));
        let file = file.prop_map(|(member, path, archived, problem)| PreviewFile {
            member,
            path,
            archived,
            problem,
        });
        let clubs = (maybe_text(), maybe_text(), any::<bool>());
        (archive_name(), comparison(), vec(file, 0..3), clubs, vec(sentence(), 0..2)).prop_map(
            |(archive, comparison, files, (club, club_here, proven), warnings)| Preview {
                archive,
                comparison,
                files,
                club,
                club_here,
                proven,
                warnings,
            },
        )
    }

    fn last_restore() -> impl Strategy<Value = LastRestore> {
        use RestoreState::{Done, Interrupted, RolledBack, Undone};
        let names = || vec(text(), 0..3);
        let undo = (archive_name(), archive_name(), names(), names(), timestamp(), any::<bool>()).prop_map(
            |(archive, safety, members, absent, until, pinned_by_person)| Undo {
                archive,
                safety,
                members,
                absent,
                until,
                pinned_by_person,
            },
        );
        let state = proptest::sample::select(vec![Done, Undone, RolledBack, Interrupted]);
        (job_id(), timestamp(), archive_name(), state, option::of(undo))
            .prop_map(|(job, at, archive, state, undo)| LastRestore { job, at, archive, state, undo })
    }

    proptest! {
        #[test]
        fn a_request_its_answer_and_the_note_of_it_are_read_as_they_were_written(
            request in request(), preview in preview(), last in last_restore(), reason in sentence()
        ) {
            prop_assert_eq!(written_and_read(&request), request);
            prop_assert_eq!(written_and_read(&preview), preview);
            prop_assert_eq!(written_and_read(&last), last);
            for rehearsal in [Rehearsal::Proven, Rehearsal::Failed { reason }] {
                prop_assert_eq!(written_and_read(&rehearsal), rehearsal);
            }
        }
    }
}

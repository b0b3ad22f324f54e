//! Counts differences, and keeps the first of them. Uses: model.

use crate::model::{Change, DiffState, Form, MemberDiff, What};

/// How many differences of a member are kept in full; all are counted.
pub(super) const MOST_CHANGES: usize = 300;

/// The differences of one member so far.
#[derive(Default)]
pub(super) struct Tally {
    added: u64,
    removed: u64,
    changed: u64,
    changes: Vec<Change>,
}

/// A difference as it will be shown: its path, its older and its newer value.
pub(super) type Shown = (String, Option<String>, Option<String>);

impl Tally {
    /// Counts one more. How it is shown is asked only of those that are kept, because
    /// a value may be large and masking reads all of it.
    pub(super) fn count(&mut self, what: What, show: impl FnOnce() -> Shown) {
        match what {
            What::Added => self.added += 1,
            What::Removed => self.removed += 1,
            What::Changed => self.changed += 1,
        }
        if self.changes.len() < MOST_CHANGES {
            let (path, before, after) = show();
            self.changes.push(Change { what, path, before, after });
        }
    }

    /// Whether there is no difference.
    pub(super) fn state(&self) -> DiffState {
        super::state_of(self.added + self.removed + self.changed == 0)
    }

    /// Forgets what was counted: the content turned out to be unreadable.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The answer on this member.
    pub(super) fn into_diff(self, member: String, form: Form, state: DiffState) -> MemberDiff {
        let Self { added, removed, changed, changes } = self;
        MemberDiff { member, form, state, added, removed, changed, changes }
    }
}

//! `restore.json` in the state directory: how the last restore ended, and the way back,
//! whose safety copy is pinned.

use jiff::Timestamp;

use super::error::StoreError;
use super::{Store, StoreLock, atomic};
use crate::model::{ArchiveName, LastRestore, Undo};

const NAME: &str = "restore.json";
/// Names and times are no secrets.
const MODE: u32 = 0o644;
const LARGEST_BYTES: u64 = 1 << 20;

impl Store {
    /// The last restore; none before the first, or where the note is broken.
    ///
    /// # Errors
    /// Where the disk does not give the note.
    pub fn last_restore(&self) -> Result<Option<LastRestore>, StoreError> {
        let text = atomic::read_if_any(&self.state.join(NAME), LARGEST_BYTES)?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// The way back to the files before the last restore, where it is still open at this moment.
    ///
    /// # Errors
    /// As [`Store::last_restore`].
    pub fn way_back(&self, now: Timestamp) -> Result<Option<Undo>, StoreError> {
        Ok(self.last_restore()?.and_then(|last| last.way_back(now).cloned()))
    }

    /// Notes a restore, pins the safety copy that leads back, and lets that of the one before go.
    pub fn note_restore(&self, last: &LastRestore, _held: &StoreLock) -> Result<(), StoreError> {
        // One that the disk does not give keeps its pin, which a person can take back: a restore
        // that is made must not wait for a note that may never be read again.
        let before = self.last_restore().unwrap_or_else(|error| {
            tracing::warn!(%error, "the restore before is not known, its safety copy stays pinned");
            None
        });
        let before = before.and_then(|before| before.undo);
        let mut last = last.clone();
        if let Some(undo) = &mut last.undo {
            if let Some(before) = before.as_ref().filter(|before| before.safety == undo.safety) {
                // It was pinned when it was noted; whether it still is, or is there at all, is for
                // people to say.
                undo.pinned_by_person = before.pinned_by_person;
            } else {
                undo.pinned_by_person = self.is_pinned(&undo.safety)?;
                self.put_pin(&undo.safety)?;
            }
        }
        let safety = last.undo.as_ref().map(|undo| &undo.safety);
        // Before the note is gone that names it: who is killed here notes again at the next start.
        if let Some(before) = before.filter(|before| safety != Some(&before.safety)) {
            self.let_go(&before)?;
        }
        self.write(&last)
    }

    /// Gives a safety copy back to retention where its restore can no longer be taken back.
    /// The caller has seen to it that the clock can be trusted.
    pub fn end_undo(&self, now: Timestamp, _held: &StoreLock) -> Result<(), StoreError> {
        let Some(mut last) = self.last_restore()? else { return Ok(()) };
        let Some(undo) = last.undo.take_if(|undo| now >= undo.until) else { return Ok(()) };
        self.let_go(&undo)?;
        self.write(&last)
    }

    /// A person's pin of the copy that leads back is the same file as ours, and is to outlive it.
    pub(super) fn note_pinned_by_person(
        &self,
        name: &ArchiveName,
        pinned: bool,
        _held: &StoreLock,
    ) -> Result<(), StoreError> {
        let Some(mut last) = self.last_restore()? else { return Ok(()) };
        match last.undo.as_mut().filter(|undo| undo.safety == *name && undo.pinned_by_person != pinned) {
            Some(undo) => undo.pinned_by_person = pinned,
            None => return Ok(()),
        }
        self.write(&last)
    }

    fn let_go(&self, undo: &Undo) -> Result<(), StoreError> {
        if undo.pinned_by_person {
            return Ok(());
        }
        self.take_pin(&undo.safety)
    }

    fn write(&self, last: &LastRestore) -> Result<(), StoreError> {
        let text = serde_json::to_vec(last).expect("names and times are JSON");
        atomic::replace(&self.state.join(NAME), &text, MODE)
    }
}

//! `last-backup-status.json`: replaced whole, readable by all. One that the card does not take
//! is kept beside the jobs' events, in memory, so that nobody is told of the run before.

use std::fs;

use super::error::StoreError;
use super::{Store, atomic};
use crate::model::{LastRun, RunStatus};

pub(super) const NAME: &str = "last-backup-status.json";
const MODE: u32 = 0o644;
/// A hundred warnings are about 20 KB.
const LARGEST_BYTES: u64 = 256 << 10;

impl Store {
    /// The outcome of the last run as the file says it, unknown keys included; none
    /// before the first run, or where the file is not JSON.
    pub fn status(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&atomic::read(&self.backups.join(NAME), LARGEST_BYTES).ok()?).ok()
    }

    /// How the last run ended, also where the card did not take its status.
    pub fn last_run(&self) -> Option<LastRun> {
        let not_taken = atomic::read(&self.memory.join(NAME), LARGEST_BYTES).ok();
        let not_taken = not_taken.and_then(|text| serde_json::from_slice(&text).ok());
        not_taken.or_else(|| self.status()).as_ref().and_then(LastRun::of)
    }

    /// Writes the outcome of a run. Under the store's lock where it can be had: that a
    /// state directory is unusable is just what a status must be able to tell.
    ///
    /// The day remembers it too, where that can be written.
    pub fn write_status(&self, status: &RunStatus) -> Result<(), StoreError> {
        let held = self.lock();
        let mut text = serde_json::to_vec_pretty(status).expect("texts and numbers are JSON");
        text.push(b'\n');
        let written = atomic::replace(&self.backups.join(NAME), &text, MODE);
        let not_taken = self.memory.join(NAME);
        if written.is_ok() {
            // None is the rule.
            let _ = fs::remove_file(&not_taken);
        } else if let Err(error) = atomic::replace(&not_taken, &text, MODE) {
            tracing::warn!(%error, "the status is not told in memory either");
        }
        written?;
        let noted =
            held.and_then(|held| status.night().map_or(Ok(()), |night| self.note_night(night, &held)));
        if let Err(error) = noted {
            tracing::warn!(%error, "the night is not noted");
        }
        Ok(())
    }
}

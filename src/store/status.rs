//! `last-backup-status.json`: replaced whole, readable by all.

use super::error::StoreError;
use super::{Store, atomic};
use crate::model::RunStatus;

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

    /// Writes the outcome of a run. Under the store's lock where it can be had: that a
    /// state directory is unusable is just what a status must be able to tell.
    ///
    /// The day remembers it too, where that can be written.
    pub fn write_status(&self, status: &RunStatus) -> Result<(), StoreError> {
        let held = self.lock();
        let mut text = serde_json::to_vec_pretty(status).expect("texts and numbers are JSON");
        text.push(b'\n');
        atomic::replace(&self.backups.join(NAME), &text, MODE)?;
        let noted =
            held.and_then(|held| status.night().map_or(Ok(()), |night| self.note_night(night, &held)));
        if let Err(error) = noted {
            tracing::warn!(%error, "the night is not noted");
        }
        Ok(())
    }
}

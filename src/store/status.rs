//! `last-backup-status.json`: replaced whole, readable by all.

use std::fs;

use super::error::StoreError;
use super::{Store, StoreLock, atomic};
use crate::model::RunStatus;

pub(super) const NAME: &str = "last-backup-status.json";
const MODE: u32 = 0o644;

impl Store {
    /// The outcome of the last run as the file says it, unknown keys included; none
    /// before the first run, or where the file is not JSON.
    pub fn status(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&fs::read(self.backups.join(NAME)).ok()?).ok()
    }

    /// Writes the outcome of a run.
    pub fn write_status(&self, status: &RunStatus, _held: &StoreLock) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec_pretty(status).expect("texts and numbers are JSON");
        text.push(b'\n');
        atomic::replace(&self.backups.join(NAME), &text, MODE)
    }
}

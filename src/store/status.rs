//! `last-backup-status.json`: replaced whole, readable by all. One that the card does not take
//! is kept beside the jobs' events, in memory, so that nobody is told of the run before.

use std::fs;

use serde_json::Value;

use super::error::{At, StoreError};
use super::{Store, atomic};
use crate::model::{JobId, LastRun, RunStatus};

pub(super) const NAME: &str = "last-backup-status.json";
const MODE: u32 = 0o644;
/// A hundred warnings are about 20 KB.
const LARGEST_BYTES: u64 = 256 << 10;

impl Store {
    /// The outcome of the last run as the file says it, unknown keys included; none
    /// before the first run, or where the file is not JSON.
    pub fn status(&self) -> Option<Value> {
        serde_json::from_slice(&atomic::read(&self.backups.join(NAME), LARGEST_BYTES).ok()?).ok()
    }

    /// How the last run ended, also where the card did not take its status.
    pub fn last_run(&self) -> Option<LastRun> {
        let of = |status: Option<Value>| status.as_ref().and_then(LastRun::of);
        of(self.not_taken()).or_else(|| of(self.status()))
    }

    /// Whether this job has told itself how it ended.
    pub fn has_told(&self, job: &JobId) -> bool {
        [self.not_taken(), self.status()].into_iter().flatten().any(|status| status["job"] == job.as_str())
    }

    /// The status that the card did not take; none is the rule.
    fn not_taken(&self) -> Option<Value> {
        serde_json::from_slice(&atomic::read(&self.memory.join(NAME), LARGEST_BYTES).ok()?).ok()
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
        let in_memory = match fs::remove_file(&not_taken) {
            _ if written.is_err() => atomic::replace(&not_taken, &text, MODE),
            Err(error) if !atomic::is_nothing_of_ours(&error) => Err(error).at("delete", &not_taken),
            _ => Ok(()),
        };
        if let Err(error) = in_memory {
            tracing::warn!(%error, "what memory tells of the last run is not as it should be");
        }
        let noted =
            held.and_then(|held| status.night().map_or(Ok(()), |night| self.note_night(night, &held)));
        if let Err(error) = noted {
            tracing::warn!(%error, "the night is not noted");
        }
        written
    }
}

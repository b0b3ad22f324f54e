//! `schedule.json` in the state directory: whether the local timer is on, and how
//! far it has come. Under systemd nobody reads it: there, systemd is the only truth.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::{Store, StoreLock, atomic};

pub(super) const NAME: &str = "schedule.json";
const MODE: u32 = 0o664;
const LARGEST_BYTES: u64 = 4 << 10;

/// The local timer's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Whether backups are made by themselves.
    pub enabled: bool,
    /// Everything due up to this time has been started, or was never to be.
    pub done_until: Timestamp,
}

impl Store {
    /// The timer's state. Before the first start there is none: it is on, and
    /// nothing was missed.
    pub fn schedule(&self, now: Timestamp) -> Schedule {
        let read = || serde_json::from_slice(&atomic::read(&self.schedule_path(), LARGEST_BYTES).ok()?).ok();
        read().unwrap_or(Schedule { enabled: true, done_until: now })
    }

    /// Changes the timer's state; gives back what it is then.
    pub fn change_schedule(
        &self,
        now: Timestamp,
        _held: &StoreLock,
        change: impl FnOnce(&mut Schedule),
    ) -> Result<Schedule, StoreError> {
        let before = self.schedule(now);
        let mut after = before;
        change(&mut after);
        if after != before || !self.schedule_path().exists() {
            let text = serde_json::to_vec(&after).expect("a switch and a time are JSON");
            atomic::replace(&self.schedule_path(), &text, MODE)?;
        }
        Ok(after)
    }

    fn schedule_path(&self) -> PathBuf {
        self.state.join(NAME)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{timestamp, written_and_read};

    proptest! {
        #[test]
        fn the_timer_s_state_is_read_as_it_was_written(enabled: bool, done_until in timestamp()) {
            let schedule = Schedule { enabled, done_until };
            prop_assert_eq!(written_and_read(&schedule), schedule);
        }
    }
}

//! A machine whose clocks are known better than it knows them itself.

use jiff::{SignedDuration, Timestamp};

use super::event::{IMAGE, Starts};
use crate::model::clock::{Reading, Sync};

/// The truth, and what the machine makes of it.
pub(super) struct Machine {
    /// What a right clock would show.
    pub(super) truth: Timestamp,
    /// How far the machine's is from that, in seconds.
    pub(super) wrong_by: i64,
    pub(super) boot: u32,
    booted: Timestamp,
    time_service: bool,
    pub(super) sync: Sync,
}

impl Machine {
    pub(super) fn new(begins: Timestamp, time_service: bool) -> Self {
        let sync = if time_service { Sync::Done } else { Sync::Unknown };
        Self { truth: begins, wrong_by: 0, boot: 1, booted: begins, time_service, sync }
    }

    pub(super) fn passes(&mut self, hours: i64) {
        // Not to the second, as no two nights are.
        self.truth += SignedDuration::from_secs(hours * 3_600 + 7);
    }

    /// Within the years that a clock of this machine can show.
    pub(super) fn move_clock(&mut self, seconds: i64) {
        const LIFETIME: i64 = 60 * 365 * 86_400;
        self.wrong_by = (self.wrong_by + seconds).clamp(-LIFETIME, LIFETIME);
    }

    pub(super) fn set_clock(&mut self) {
        self.wrong_by = 0;
        if self.time_service {
            self.sync = Sync::Done;
        }
    }

    pub(super) fn reboot(&mut self, hours: i64, starts: Starts, last_saved: Option<Timestamp>) {
        self.passes(hours);
        self.boot += 1;
        self.booted = self.truth;
        if self.time_service {
            self.sync = Sync::NotYet;
        }
        let shows = |shown: Timestamp| shown.duration_since(self.truth).as_secs();
        match starts {
            Starts::Right => self.wrong_by = 0,
            Starts::AtImage => self.wrong_by = shows(IMAGE.parse().unwrap()),
            Starts::AtLastSaved => self.wrong_by = shows(last_saved.unwrap_or(self.truth)),
            Starts::Anywhere(seconds) => self.move_clock(seconds),
        }
    }

    pub(super) fn wall(&self) -> Timestamp {
        self.truth + SignedDuration::from_secs(self.wrong_by)
    }

    pub(super) fn reading(&self) -> Reading {
        let since_boot = self.truth.duration_since(self.booted).as_millis();
        Reading {
            wall: self.wall(),
            since_boot_ms: i64::try_from(since_boot).unwrap(),
            boot_id: self.boot.to_string(),
        }
    }
}

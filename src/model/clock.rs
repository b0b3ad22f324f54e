//! Whether the clock can be believed. Pure: the readings are arguments.
//!
//! A Pi has no clock of its own. A backup is always made; archives are pruned
//! only under a clock that is trusted, and times read under one that was not
//! are not believed later either.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// No machine that runs this version can honestly show an earlier time.
/// The date of the newest entry in CHANGELOG.md; a test holds the two together.
pub const RELEASED: &str = "2026-11-28";

/// How far wall clock and monotonic clock may drift apart between two runs
/// before it counts as a jump. A network time service slews at most 500 ppm,
/// 43 s a day, so five minutes is a week's worth.
const JUMP_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The two clocks at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What the wall clock says.
    pub wall: Timestamp,
    /// Milliseconds since boot, suspended time included.
    pub since_boot_ms: i64,
    /// The kernel's random name for this boot.
    pub boot_id: String,
}

/// What the machine says about time synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// A time service says that the clock is set.
    Done,
    /// A time service runs and has not reached a server since boot.
    NotYet,
    /// Nothing on the machine can say.
    Unknown,
}

/// The judgement; everything but [`Trust::Trusted`] forbids pruning in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The clock can be believed.
    Trusted,
    /// The time service has not yet set the clock.
    NotSynchronised,
    /// The clock shows a time before this program was released.
    BeforeRelease,
    /// The clock shows a time before the last run.
    BeforeLastRun,
    /// The wall clock moved and the monotonic clock did not.
    Jumped,
    /// What the clock showed at the last run is there and cannot be read, so that no jump would be seen.
    Unknown,
}

impl Trust {
    /// Whether archives may be pruned.
    pub fn is_trusted(self) -> bool {
        self == Self::Trusted
    }

    /// The judgement's name in catalogue keys and in the log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::NotSynchronised => "not_synchronised",
            Self::BeforeRelease => "before_release",
            Self::BeforeLastRun => "before_last_run",
            Self::Jumped => "jumped",
            Self::Unknown => "unknown",
        }
    }
}

/// Judges `now` by what is known of the last run.
///
/// One run after a jump is not trusted; its reading is what the next run is
/// compared with, so a clock that was wrong once does not forbid pruning for ever.
pub fn judge(now: &Reading, sync: Sync, last_run: Option<&Reading>) -> Trust {
    let released: Timestamp =
        format!("{RELEASED}T00:00:00Z").parse().expect("RELEASED is a date (held by a test)");
    if sync == Sync::NotYet {
        return Trust::NotSynchronised;
    }
    if now.wall < released {
        return Trust::BeforeRelease;
    }
    let Some(last) = last_run else { return Trust::Trusted };
    if now.wall < last.wall {
        return Trust::BeforeLastRun;
    }
    if now.boot_id == last.boot_id {
        let by_wall = now.wall.duration_since(last.wall);
        let by_boot = SignedDuration::from_millis(now.since_boot_ms - last.since_boot_ms);
        if (by_wall - by_boot).abs() > JUMP_TOLERANCE {
            return Trust::Jumped;
        }
    }
    Trust::Trusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(wall: &str, since_boot_ms: i64, boot_id: &str) -> Reading {
        Reading { wall: wall.parse().unwrap(), since_boot_ms, boot_id: boot_id.into() }
    }

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn the_release_date_is_the_changelog_s_newest() {
        let changelog = include_str!("../../CHANGELOG.md");
        let newest = changelog.lines().find(|line| line.starts_with("## ")).unwrap();
        assert!(newest.contains(RELEASED), "{newest}");
        assert!(newest.contains(env!("CARGO_PKG_VERSION")), "{newest}");
    }

    #[test]
    fn an_ordinary_night_is_trusted_with_and_without_a_time_service() {
        let last = reading("2027-01-01T02:00:00Z", HOUR_MS, "a");
        let now = reading("2027-01-02T02:00:00Z", 25 * HOUR_MS, "a");
        assert_eq!(judge(&now, Sync::Done, Some(&last)), Trust::Trusted);
        assert_eq!(judge(&now, Sync::Unknown, Some(&last)), Trust::Trusted);
        assert_eq!(judge(&now, Sync::Unknown, None), Trust::Trusted);
    }

    #[test]
    fn each_of_the_four_conditions_forbids_trust() {
        let last = reading("2027-01-01T02:00:00Z", HOUR_MS, "a");
        let good = reading("2027-01-02T02:00:00Z", 25 * HOUR_MS, "a");
        assert_eq!(judge(&good, Sync::NotYet, Some(&last)), Trust::NotSynchronised);
        let old = reading("2016-11-03T17:16:43Z", 0, "b");
        assert_eq!(judge(&old, Sync::Done, None), Trust::BeforeRelease);
        let back = reading("2026-12-31T02:00:00Z", 0, "b");
        assert_eq!(judge(&back, Sync::Done, Some(&last)), Trust::BeforeLastRun);
        let ahead = reading("2037-01-01T02:00:00Z", 25 * HOUR_MS, "a");
        assert_eq!(judge(&ahead, Sync::Done, Some(&last)), Trust::Jumped);
    }

    #[test]
    fn a_clock_that_was_wrong_once_is_trusted_again_at_the_second_right_run() {
        let ahead = reading("2036-01-01T02:00:00Z", HOUR_MS, "a");
        let right = reading("2027-01-01T02:00:00Z", 2 * HOUR_MS, "a");
        let next = reading("2027-01-02T02:00:00Z", 26 * HOUR_MS, "a");
        assert_eq!(judge(&right, Sync::Done, Some(&ahead)), Trust::BeforeLastRun);
        assert_eq!(judge(&next, Sync::Done, Some(&right)), Trust::Trusted);
    }

    #[test]
    fn a_reboot_explains_any_gap_in_the_monotonic_clock() {
        let last = reading("2027-01-01T02:00:00Z", 900 * HOUR_MS, "a");
        let now = reading("2027-03-01T02:00:00Z", HOUR_MS, "b");
        assert_eq!(judge(&now, Sync::Done, Some(&last)), Trust::Trusted);
    }
}

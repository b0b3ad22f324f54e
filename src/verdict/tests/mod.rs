//! The judgement, case by case.

mod causes;
mod nights;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::*;
use crate::model::{Rehearsal, Verification};
use crate::text::Language;

fn zone() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

/// A local time.
fn local(text: &str) -> Zoned {
    text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone()).unwrap()
}

fn now() -> Timestamp {
    local("2026-12-18T09:00:00").timestamp()
}

fn damaged() -> Verification {
    Verification::Damaged { reason: Sentence::new("damage.empty") }
}

/// An archive made so many minutes ago.
fn made(minutes: i64, verification: Verification) -> ArchiveInfo {
    ArchiveInfo::made(now() - SignedDuration::from_mins(minutes), verification)
}

fn good(hours: i64) -> ArchiveInfo {
    made(hours * 60, Verification::Verified)
}

fn unread(hours: i64) -> ArchiveInfo {
    made(hours * 60, Verification::Unverified)
}

fn broken(hours: i64) -> ArchiveInfo {
    made(hours * 60, damaged())
}

fn unrestorable(hours: i64) -> ArchiveInfo {
    let reason = Sentence::new("damage.empty");
    ArchiveInfo { rehearsal: Some(Rehearsal::Failed { reason }), ..good(hours) }
}

//! What can happen to a box, and how often.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::config::Retention;

/// One history.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// When it begins.
    pub(super) begins: Timestamp,
    /// Whether a time service runs, which says when it has set the clock.
    pub(super) time_service: bool,
    pub(super) policy: Retention,
    pub(super) events: Vec<Event>,
}

/// One thing that happens. A number names an archive: its place in the list, from the newest on,
/// and round again.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Time passes, then a backup is made.
    Night {
        hours: i64,
        ends: Ends,
        clock_moves_meanwhile: Option<i64>,
    },
    /// Somebody, or something, moves the clock by so many seconds.
    ClockMoves(i64),
    /// The time service sets it.
    ClockSet,
    /// The box is off for a while.
    Reboot {
        hours: i64,
        starts: Starts,
    },
    Pin(usize),
    Unpin(usize),
    Delete(usize),
    /// The card changes the archive; the weekly look finds it.
    Decays(usize),
    /// The file's time changes, so that it is to be read again.
    Touched(usize),
    Imported(Import),
    /// The catalogue cannot be read any more.
    CatalogueLost,
    /// The state directory is deleted: pins and the last reading of the clock are gone as well.
    StateLost,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Well,
    /// Killed before the reading of the clock is remembered.
    KilledAtOnce,
    /// Killed, or failed, before there is an archive.
    WithoutArchive,
    /// Killed when its archive was shown, and not yet noted.
    KilledAtPublishing,
    /// Killed when it had deleted so many.
    KilledPruning(usize),
}

/// What the clock of a box without a battery shows at a start.
#[derive(Clone, Copy, Debug)]
pub(super) enum Starts {
    /// It has one that goes on.
    Right,
    /// The date of its image.
    AtImage,
    /// The time of the last run.
    AtLastSaved,
    /// Whatever a bad battery leaves.
    Anywhere(i64),
}

/// An archive from elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) days_old: i64,
    /// None without a manifest.
    pub(super) sequence: Option<u64>,
    pub(super) clock_trusted: bool,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// The image's date is older than the program.
pub(super) const IMAGE: &str = "2024-11-19T15:00:00Z";

/// Minutes to decades, back and forth; one hour is what a wrong zone or a repeated hour costs.
fn moves() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => -20 * 60..20 * 60i64,
        2 => prop_oneof![Just(HOUR), Just(-HOUR)],
        3 => -3 * DAY..3 * DAY,
        3 => -400 * DAY..400 * DAY,
        2 => -30 * 365 * DAY..30 * 365 * DAY,
    ]
}

fn starts() -> impl Strategy<Value = Starts> {
    prop_oneof![
        3 => Just(Starts::Right),
        3 => Just(Starts::AtImage),
        3 => Just(Starts::AtLastSaved),
        1 => moves().prop_map(Starts::Anywhere),
    ]
}

fn nights() -> impl Strategy<Value = Event> {
    let hours = prop_oneof![8 => Just(24i64), 1 => 0..3i64, 2 => 20..80i64];
    let ends = prop_oneof![
        16 => Just(Ends::Well),
        1 => Just(Ends::KilledAtOnce),
        1 => Just(Ends::WithoutArchive),
        1 => Just(Ends::KilledAtPublishing),
        1 => (0..4usize).prop_map(Ends::KilledPruning),
    ];
    let meanwhile = prop_oneof![30 => Just(None), 1 => moves().prop_map(Some)];
    (hours, ends, meanwhile).prop_map(|(hours, ends, clock_moves_meanwhile)| Event::Night {
        hours,
        ends,
        clock_moves_meanwhile,
    })
}

fn imports() -> impl Strategy<Value = Event> {
    let sequence = prop_oneof![
        2 => Just(None),
        6 => (1..60u64).prop_map(Some),
        1 => (1..1_000_000u64).prop_map(Some),
        1 => (u64::MAX - 3..=u64::MAX).prop_map(Some),
    ];
    (0..400i64, sequence, any::<bool>()).prop_map(|(days_old, sequence, clock_trusted)| {
        Event::Imported(Import { days_old, sequence, clock_trusted })
    })
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        60 => nights(),
        5 => moves().prop_map(Event::ClockMoves),
        8 => Just(Event::ClockSet),
        5 => (0..100i64, starts()).prop_map(|(hours, starts)| Event::Reboot { hours, starts }),
        4 => (0..40usize).prop_map(Event::Pin),
        3 => (0..40usize).prop_map(Event::Unpin),
        3 => (0..40usize).prop_map(Event::Delete),
        4 => (0..40usize).prop_map(Event::Decays),
        2 => (0..40usize).prop_map(Event::Touched),
        3 => imports(),
        1 => Just(Event::CatalogueLost),
        1 => Just(Event::StateLost),
    ]
}

fn policies() -> impl Strategy<Value = Retention> {
    let days = prop_oneof![4 => Just(7u16), 2 => 1..5u16, 1 => 1..400u16];
    let kept = || prop_oneof![3 => Just(0u16), 1 => 1..5u16];
    (days, prop_oneof![3 => Just(3u16), 1 => 3..6u16], kept(), kept(), kept()).prop_map(
        |(days, keep_last, keep_daily, keep_weekly, keep_monthly)| Retention {
            days,
            keep_last,
            keep_daily,
            keep_weekly,
            keep_monthly,
        },
    )
}

/// Some begin in the weeks of summer time's changes, whose hours are skipped or come twice.
fn beginnings() -> impl Strategy<Value = Timestamp> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
    let second = prop_oneof![
        2 => at("2026-12-01T02:00:00Z")..at("2036-12-01T02:00:00Z"),
        1 => at("2027-03-20T00:30:00Z")..at("2027-03-29T00:30:00Z"),
        1 => at("2027-10-22T00:30:00Z")..at("2027-11-01T01:30:00Z"),
    ];
    second.prop_map(|second| Timestamp::from_second(second).unwrap())
}

pub(super) fn histories() -> impl Strategy<Value = History> {
    let events = prop::collection::vec(events(), 1..45);
    (beginnings(), any::<bool>(), policies(), events)
        .prop_map(|(begins, time_service, policy, events)| History { begins, time_service, policy, events })
}

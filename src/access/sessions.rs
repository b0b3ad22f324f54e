//! How old sessions are, whatever the clock on the wall does. Pure.

use std::collections::HashMap;
use std::time::Duration;

use super::Moment;
use super::kept::Session;

/// Without a click.
const LONGEST_IDLE: Duration = Duration::from_hours(12);
/// In all.
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// What this process has seen of each session, by the clock that never jumps.
///
/// A session that was made here is as old as this process has counted. One that was made
/// before a restart is as old as the wall's clock says or as this process has counted,
/// whichever is more: a clock that goes back, or one that is not set yet after a power
/// cut, gives nobody more time.
#[derive(Debug, Default)]
pub(super) struct Ages(HashMap<String, Age>);

#[derive(Clone, Copy, Debug)]
struct Age {
    /// When this process first knew of it, and how old and how long unused it was then.
    known: Duration,
    old: Duration,
    used: Duration,
    idle: Duration,
    made_here: bool,
    used_here: bool,
}

impl Ages {
    /// A session that has just been made.
    pub(super) fn made(&mut self, id: &str, now: Moment) {
        let running = now.running;
        let age = Age {
            known: running,
            old: Duration::ZERO,
            used: running,
            idle: Duration::ZERO,
            made_here: true,
            used_here: true,
        };
        self.0.insert(id.to_owned(), age);
    }

    /// A session that is used now.
    pub(super) fn used(&mut self, session: &Session, now: Moment) {
        let age = self.of(session, now);
        *age = Age { used: now.running, idle: Duration::ZERO, used_here: true, ..*age };
    }

    /// Whether the session has come to its end.
    pub(super) fn is_over(&mut self, session: &Session, now: Moment) -> bool {
        let age = *self.of(session, now);
        let counted = age.old + now.running.saturating_sub(age.known);
        let old = if age.made_here { counted } else { counted.max(now.since(session.created)) };
        let counted = age.idle + now.running.saturating_sub(age.used);
        let idle = if age.used_here { counted } else { counted.max(now.since(session.used)) };
        old >= LONGEST || idle >= LONGEST_IDLE
    }

    /// Forgets the sessions that are not among these.
    pub(super) fn keep(&mut self, sessions: &[Session]) {
        self.0.retain(|id, _| sessions.iter().any(|session| session.id == *id));
    }

    fn of(&mut self, session: &Session, now: Moment) -> &mut Age {
        self.0.entry(session.id.clone()).or_insert_with(|| Age {
            known: now.running,
            old: now.since(session.created),
            used: now.running,
            idle: now.since(session.used),
            made_here: false,
            used_here: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    /// The same, to go back by.
    const HOURS: i64 = 3600;
    const DAYS: i64 = 24 * HOURS;

    fn wall(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    /// So many seconds after the beginning by both clocks, the wall's being wrong by `jump`.
    fn at(seconds: u64, jump: i64) -> Moment {
        Moment { wall: wall(i64::try_from(seconds).unwrap() + jump), running: Duration::from_secs(seconds) }
    }

    fn session(created: i64, used: i64) -> Session {
        Session {
            id: "s".into(),
            secret: String::new(),
            password: String::new(),
            created: wall(created),
            used: wall(used),
            address: String::new(),
            browser: String::new(),
        }
    }

    #[test]
    fn twelve_hours_without_use_end_it_and_thirty_days_in_all() {
        let (mut ages, session) = (Ages::default(), session(0, 0));
        ages.made("s", at(0, 0));
        assert!(!ages.is_over(&session, at(12 * HOUR - 1, 0)));
        assert!(ages.is_over(&session, at(12 * HOUR, 0)));
        for hour in (0..30 * 24).step_by(11) {
            ages.used(&session, at(hour * HOUR, 0));
        }
        assert!(!ages.is_over(&session, at(30 * DAY - 1, 0)));
        assert!(ages.is_over(&session, at(30 * DAY, 0)), "however much it is used");
    }

    #[test]
    fn a_clock_that_jumps_while_it_is_used_changes_nothing() {
        let year = 365 * 24 * 3600;
        for jump in [-10 * year, -3600, 3600, 10 * year] {
            let (mut ages, session) = (Ages::default(), session(0, 0));
            ages.made("s", at(0, 0));
            assert!(!ages.is_over(&session, at(11 * HOUR, jump)), "{jump}");
            assert!(ages.is_over(&session, at(12 * HOUR, jump)), "{jump}");
        }
    }

    #[test]
    fn after_a_restart_the_wall_s_clock_counts_and_going_back_gives_no_time() {
        let of_yesterday = session(-DAYS, -13 * HOURS);
        assert!(Ages::default().is_over(&of_yesterday, at(0, 0)), "13 hours idle, most of them switched off");
        let fresh = session(-DAYS, -HOURS);
        assert!(!Ages::default().is_over(&fresh, at(0, 0)));

        // The clock is not set yet, as after a power cut: then it is, and the truth comes out.
        let mut ages = Ages::default();
        assert!(!ages.is_over(&of_yesterday, at(0, -2 * DAYS)));
        assert!(ages.is_over(&of_yesterday, at(60, 0)));

        // A clock that stays back: what this process counts ends it all the same.
        let mut ages = Ages::default();
        let back = -100 * DAYS;
        assert!(!ages.is_over(&fresh, at(0, back)));
        assert!(!ages.is_over(&fresh, at(12 * HOUR - 1, back)));
        assert!(ages.is_over(&fresh, at(12 * HOUR, back)));
    }
}

//! When the nightly run is due. Pure: the time is an argument.

use jiff::{Timestamp, ToSpan, Zoned, civil::Time};

/// The first moment after `now` at which a clock on the wall shows `at`.
///
/// A time that a night skips (the change to summer time) is the moment behind the
/// gap; of a time that a night has twice it is the first. None at the end of time.
pub fn next(at: Time, now: &Zoned) -> Option<Zoned> {
    let mut date = now.date();
    // Today's may be over; a day of a zone that skips a whole date may have none.
    for _ in 0..3 {
        let due = date.to_datetime(at).to_zoned(now.time_zone().clone()).ok()?;
        if due.timestamp() > now.timestamp() {
            return Some(due);
        }
        date = date.checked_add(1.day()).ok()?;
    }
    None
}

/// Whether a run was due since `done_until`. However many were missed, it is one.
pub fn missed(at: Time, done_until: Timestamp, now: &Zoned) -> bool {
    let since = done_until.to_zoned(now.time_zone().clone());
    next(at, &since).is_some_and(|due| due.timestamp() <= now.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn paris() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn local(text: &str) -> Zoned {
        text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(paris()).unwrap()
    }

    fn next_at(at: &str, now: &str) -> String {
        next(time(at), &local(now)).unwrap().strftime("%F %T %Z").to_string()
    }

    #[test]
    fn three_o_clock_is_today_or_tomorrow() {
        assert_eq!(next_at("03:00", "2026-12-18T02:59:59"), "2026-12-18 03:00:00 CET");
        assert_eq!(next_at("03:00", "2026-12-18T03:00:00"), "2026-12-19 03:00:00 CET");
    }

    #[test]
    fn a_time_that_the_night_skips_is_the_moment_behind_the_gap() {
        assert_eq!(next_at("02:30", "2027-03-28T01:59:00"), "2027-03-28 03:30:00 CEST");
        assert_eq!(next_at("02:30", "2027-03-28T03:30:00"), "2027-03-29 02:30:00 CEST");
    }

    #[test]
    fn a_time_that_the_night_has_twice_is_due_once() {
        let before = local("2027-10-31T01:00:00");
        let first = next(time("02:30"), &before).unwrap();
        assert_eq!(first.strftime("%F %T %Z").to_string(), "2027-10-31 02:30:00 CEST");
        let second = next(time("02:30"), &first).unwrap();
        assert_eq!(second.strftime("%F %T %Z").to_string(), "2027-11-01 02:30:00 CET");
    }

    #[test]
    fn missed_nights_are_noticed_once_and_future_marks_are_not() {
        let now = local("2026-12-18T08:00:00");
        assert!(missed(time("03:00"), local("2026-12-10T03:00:00").timestamp(), &now));
        assert!(!missed(time("03:00"), local("2026-12-18T03:00:00").timestamp(), &now));
        assert!(!missed(time("03:00"), local("2030-01-01T03:00:00").timestamp(), &now));
    }

    proptest! {
        #[test]
        fn the_next_run_is_never_past_and_never_more_than_26_hours_away(
            seconds in 1_700_000_000i64..2_700_000_000, hour in 0i8..24, minute in 0i8..60
        ) {
            let now = Timestamp::from_second(seconds).unwrap().to_zoned(paris());
            let at = jiff::civil::time(hour, minute, 0, 0);
            let due = next(at, &now).unwrap();
            let wait = due.timestamp().duration_since(now.timestamp());
            prop_assert!(wait.is_positive() && wait <= jiff::SignedDuration::from_hours(26));
        }
    }
}

//! What systemd says of the timer.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned, civil::Time};

use super::TIMER;
use super::bus::{self, ManagerProxy, TimerProxy, refused};
use crate::config::time_of_day;
use crate::supervisor::{Automatic, SupervisorError};

/// A nightly run is at most a day and a changed hour away; what is further was armed
/// under a clock that has since gone back.
const FURTHEST: SignedDuration = SignedDuration::from_hours(26);

/// systemd's word for a timer whose unit is at work.
const FIRING: &str = "running";

/// What the timer is set to now.
pub(super) async fn read(manager: &ManagerProxy<'_>, zone: &TimeZone) -> Result<Automatic, SupervisorError> {
    let state = manager.get_unit_file_state(TIMER).await.map_err(refused)?;
    let unit = bus::unit(manager, TIMER).await?;
    let (state_now, detail) =
        (unit.active_state().await.map_err(refused)?, unit.sub_state().await.map_err(refused)?);
    let active = state_now == "active";
    let timer = TimerProxy::builder(manager.inner().connection());
    let timer = timer.path(unit.inner().path().to_owned()).build().await.map_err(refused)?;
    let next = timer.next_elapse().await.map_err(refused)?;
    let calendar = timer.timers_calendar().await.map_err(refused)?;
    let waits_otherwise = !timer.timers_monotonic().await.map_err(refused)?.is_empty();
    Ok(Automatic {
        enabled: matches!(state.as_str(), "enabled" | "enabled-runtime"),
        active,
        firing: detail == FIRING,
        next: active.then(|| upcoming(next, &Timestamp::now().to_zoned(zone.clone()))).flatten(),
        at: if waits_otherwise { None } else { daily(&calendar) },
        word: Some(format!("{state_now} ({detail})")),
    })
}

/// The hour of a calendar that is one plain time a day, as systemd writes it.
fn daily(calendar: &[(String, String, u64)]) -> Option<Time> {
    let [(_, written, _)] = calendar else { return None };
    time_of_day(written.strip_prefix("*-*-* ")?.strip_suffix(":00")?).ok()
}

/// The time that systemd means, where it is still to come: while the run itself is going
/// on, systemd repeats the time at which it began.
fn upcoming(microseconds: u64, now: &Zoned) -> Option<Zoned> {
    let next = Timestamp::from_microsecond(i64::try_from(microseconds).ok()?).ok()?;
    (next > now.timestamp()).then(|| next.to_zoned(now.time_zone().clone()))
}

/// Whether the timer waits for a night that is further away than the next.
pub(super) fn is_stranded(automatic: &Automatic, now: Timestamp) -> bool {
    automatic.next.as_ref().is_some_and(|next| next.timestamp().duration_since(now) > FURTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        let paris = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        "2026-12-18T07:00:00Z".parse::<Timestamp>().unwrap().to_zoned(paris)
    }

    fn microseconds(text: &str) -> u64 {
        u64::try_from(text.parse::<Timestamp>().unwrap().as_microsecond()).unwrap()
    }

    #[test]
    fn only_a_time_to_come_is_the_next() {
        let next = upcoming(microseconds("2026-12-19T02:00:00Z"), &now()).unwrap();
        assert_eq!(next.datetime().to_string(), "2026-12-19T03:00:00");
        assert_eq!(upcoming(microseconds("2026-12-18T02:00:00Z"), &now()), None);
        assert_eq!((upcoming(0, &now()), upcoming(u64::MAX, &now())), (None, None));
    }

    #[test]
    fn only_one_plain_time_a_day_is_an_hour() {
        let hour = |written: &[&str]| {
            let entry = |text: &&str| ("OnCalendar".to_owned(), (*text).to_owned(), 0);
            daily(&written.iter().map(entry).collect::<Vec<_>>()).map(|at| at.to_string())
        };
        assert_eq!(hour(&["*-*-* 18:30:00"]).as_deref(), Some("18:30:00"));
        for other in [
            "Mon *-*-* 03:00:00",
            "*-*-01 03:00:00",
            "*-*-* 03:00:30",
            "*-*-* 03,15:00:00",
            "*-*-* *:00:00",
            "*-*-* 03:00:00 UTC",
            "",
        ] {
            assert_eq!(hour(&[other]), None, "{other}");
        }
        assert_eq!(hour(&[]), None);
        assert_eq!(hour(&["*-*-* 03:00:00", "*-*-* 15:00:00"]), None);
    }

    #[test]
    fn a_night_more_than_a_day_and_two_hours_away_is_not_the_next() {
        let due = |hours: i64| Automatic {
            enabled: true,
            active: true,
            next: Some(now() + SignedDuration::from_hours(hours)),
            firing: false,
            at: None,
            word: None,
        };
        let stranded = |automatic| is_stranded(&automatic, now().timestamp());
        assert!(!stranded(due(26)) && stranded(due(27)) && stranded(due(87_600)));
        assert!(!stranded(Automatic { next: None, ..due(1) }));
    }
}

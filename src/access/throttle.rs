//! How often it may be tried: strict windows, each bounded in memory by its own limit,
//! whatever the number of addresses. Pure.
//!
//! Not a crate's token bucket: one of five that refills in fifteen minutes lets nine pass
//! in the first fifteen, and one for each address has as many as there are addresses.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Attempts from one source in [`SOURCE_WINDOW`].
const FROM_ONE: usize = 5;
const SOURCE_WINDOW: Duration = Duration::from_mins(15);
/// Attempts of all who are not known in [`ALL_WINDOW`].
const FROM_ALL: usize = 30;
const ALL_WINDOW: Duration = Duration::from_hours(1);
/// Backups that are asked for in [`CREATE_WINDOW`].
const CREATES: usize = 5;
const CREATE_WINDOW: Duration = Duration::from_mins(1);

/// Where an attempt comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An address; of IPv6 the network, since one guest has as many addresses as he likes.
    Stranger(IpAddr),
    /// A browser that somebody signed in with before, by its hash. It is counted by itself,
    /// so that a storm of strangers does not lock the staff out.
    Known(String),
}

impl Source {
    /// A caller from there who is not known.
    pub fn stranger(address: IpAddr) -> Self {
        Self::Stranger(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from(network))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// The attempts to sign in that were let through and failed, or have not ended.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    strangers: VecDeque<(Source, Duration)>,
    known: VecDeque<(Source, Duration)>,
}

impl Attempts {
    /// Counts an attempt, or says how long to wait. What is refused is not counted, so that
    /// nobody can keep the door shut by knocking.
    pub(super) fn admit(&mut self, source: &Source, now: Duration) -> Result<(), Duration> {
        forget(&mut self.strangers, ALL_WINDOW, now);
        forget(&mut self.known, SOURCE_WINDOW, now);
        let is_known = matches!(source, Source::Known(_));
        let list = if is_known { &mut self.known } else { &mut self.strangers };
        let wait = wait_for_one(list, source, now);
        let all = list.len().checked_sub(FROM_ALL).filter(|_| !is_known);
        let wait = wait.max(all.map_or(Duration::ZERO, |surplus| rest(list[surplus].1, ALL_WINDOW, now)));
        if wait > Duration::ZERO {
            return Err(wait);
        }
        list.push_back((source.clone(), now));
        Ok(())
    }

    /// Takes back the newest attempt from there: it was right.
    pub(super) fn was_right(&mut self, source: &Source) {
        let list = if matches!(source, Source::Known(_)) { &mut self.known } else { &mut self.strangers };
        if let Some(place) = list.iter().rposition(|(from, _)| from == source) {
            list.remove(place);
        }
    }
}

fn wait_for_one(list: &VecDeque<(Source, Duration)>, source: &Source, now: Duration) -> Duration {
    let mut from_there =
        list.iter().rev().filter(|(from, at)| from == source && now.saturating_sub(*at) < SOURCE_WINDOW);
    from_there.nth(FROM_ONE - 1).map_or(Duration::ZERO, |(_, at)| rest(*at, SOURCE_WINDOW, now))
}

fn forget(list: &mut VecDeque<(Source, Duration)>, window: Duration, now: Duration) {
    while list.front().is_some_and(|(_, at)| now.saturating_sub(*at) >= window) {
        list.pop_front();
    }
}

/// How long until that moment is a window ago.
fn rest(then: Duration, window: Duration, now: Duration) -> Duration {
    (then + window).saturating_sub(now)
}

/// The backups that were asked for lately.
#[derive(Debug, Default)]
pub struct Paced(VecDeque<Duration>);

impl Paced {
    /// Counts one, or says how long to wait.
    pub fn admit(&mut self, now: Duration) -> Result<(), Duration> {
        while self.0.front().is_some_and(|at| now.saturating_sub(*at) >= CREATE_WINDOW) {
            self.0.pop_front();
        }
        if self.0.len() >= CREATES {
            return Err(rest(self.0[0], CREATE_WINDOW, now));
        }
        self.0.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(last: u32) -> Source {
        Source::stranger(IpAddr::from((0x0A00_0000 + last).to_be_bytes()))
    }

    fn minutes(n: u64) -> Duration {
        Duration::from_mins(n)
    }

    #[test]
    fn five_in_fifteen_minutes_from_one_address_and_never_a_ban() {
        let mut attempts = Attempts::default();
        for n in 0..5 {
            assert_eq!(attempts.admit(&from(1), minutes(n)), Ok(()));
        }
        for _ in 0..1000 {
            assert_eq!(attempts.admit(&from(1), minutes(5)), Err(minutes(10)));
        }
        assert_eq!(attempts.admit(&from(2), minutes(5)), Ok(()), "another is not concerned");
        assert_eq!(attempts.admit(&from(1), minutes(15)), Ok(()), "knocking did not prolong it");
        assert_eq!(attempts.admit(&from(1), minutes(15)), Err(minutes(1)));
    }

    #[test]
    fn thirty_an_hour_from_all_strangers_and_known_browsers_by_themselves() {
        let mut attempts = Attempts::default();
        for n in 0..30 {
            assert_eq!(attempts.admit(&from(n), minutes(0)), Ok(()));
        }
        assert_eq!(attempts.admit(&from(31), minutes(1)), Err(minutes(59)));
        let staff = Source::Known("browser".into());
        for _ in 0..5 {
            assert_eq!(attempts.admit(&staff, minutes(1)), Ok(()));
        }
        assert_eq!(attempts.admit(&staff, minutes(2)), Err(minutes(14)));
        assert_eq!(attempts.admit(&from(31), minutes(60)), Ok(()));
    }

    #[test]
    fn what_was_right_is_not_counted() {
        let mut attempts = Attempts::default();
        for n in 0..100 {
            assert_eq!(attempts.admit(&from(1), minutes(n) / 100), Ok(()));
            attempts.was_right(&from(1));
        }
        assert!(attempts.strangers.is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let source = |text: &str| Source::stranger(text.parse().unwrap());
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(source("::ffff:10.0.0.1"), source("10.0.0.1"));
        assert_ne!(source("10.0.0.1"), source("10.0.0.2"));
    }

    #[test]
    fn five_backups_a_minute() {
        let mut paced = Paced::default();
        let at = Duration::from_secs;
        for n in 0..5 {
            assert_eq!(paced.admit(at(n)), Ok(()));
        }
        assert_eq!(paced.admit(at(5)), Err(at(55)));
        assert_eq!(paced.admit(at(60)), Ok(()));
        assert_eq!(paced.admit(at(60)), Err(at(1)));
    }

    proptest! {
        /// However attempts are spread, no window ever holds more than its figure, the memory
        /// is bounded by it, and whoever waits as long as he is told is let in.
        #[test]
        fn no_window_holds_more_than_its_figure(
            knocks in proptest::collection::vec((0..40_u32, 0..200_u64), 0..400)
        ) {
            let mut attempts = Attempts::default();
            let mut now = Duration::ZERO;
            let mut let_in: Vec<(u32, Duration)> = Vec::new();
            for (address, seconds) in knocks {
                now += Duration::from_secs(seconds);
                match attempts.admit(&from(address), now) {
                    Ok(()) => let_in.push((address, now)),
                    Err(wait) => {
                        prop_assert!(wait <= ALL_WINDOW);
                        let mut later = Attempts { strangers: attempts.strangers.clone(), ..Attempts::default() };
                        prop_assert!(later.admit(&from(address), now + wait).is_ok());
                    }
                }
                prop_assert!(attempts.strangers.len() <= FROM_ALL);
            }
            for (address, at) in &let_in {
                let of_window = |window: Duration| {
                    let_in.iter().filter(move |(_, other)| other.checked_sub(*at).is_some_and(|later| later < window))
                };
                prop_assert!(of_window(ALL_WINDOW).count() <= FROM_ALL);
                prop_assert!(of_window(SOURCE_WINDOW).filter(|(other, _)| other == address).count() <= FROM_ONE);
            }
        }
    }
}

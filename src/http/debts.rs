//! Who was let go without having asked anything, and comes back at once, has kept us waiting
//! since before: to reconnect makes nobody younger. Else a crowd that is quick would turn
//! over all places before the request of a slow phone is there. Pure: the time is an argument.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// After a minute an address begins anew, whatever was.
const FORGIVEN: Duration = Duration::from_mins(1);
/// Addresses that are remembered: four times those of an ordinary network.
const MOST: usize = 1_024;

/// What addresses owe.
#[derive(Default)]
pub(super) struct Debts(HashMap<IpAddr, Debt>);

struct Debt {
    since: Instant,
    noted: Instant,
}

impl Debts {
    /// Since when a newcomer from there has kept us waiting.
    pub(super) fn since(&self, address: IpAddr, now: Instant) -> Instant {
        self.0.get(&address).filter(|debt| debt.holds(now)).map_or(now, |debt| debt.since)
    }

    /// Someone from there was let go, for whom we had waited since then.
    pub(super) fn note(&mut self, address: IpAddr, since: Instant, now: Instant) {
        if self.0.get(&address).is_some_and(|debt| debt.holds(now)) {
            return;
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, debt| debt.holds(now));
        }
        if self.0.len() < MOST {
            self.0.insert(address, Debt { since, noted: now });
        }
    }

    /// Someone from there was answered.
    pub(super) fn settle(&mut self, address: IpAddr) {
        self.0.remove(&address);
    }
}

impl Debt {
    fn holds(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.noted) < FORGIVEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_lasts_a_minute_or_until_it_is_settled() {
        let (mut debts, begun) = (Debts::default(), Instant::now());
        let at = |second| begun + Duration::from_secs(second);
        let address = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(debts.since(address, at(1)), at(1));
        debts.note(address, at(2), at(5));
        debts.note(address, at(7), at(30));
        assert_eq!(debts.since(address, at(64)), at(2), "since the first");
        assert_eq!(debts.since(address, at(65)), at(65), "a minute after the first");
        debts.note(address, at(66), at(67));
        assert_eq!(debts.since(address, at(68)), at(66));
        debts.settle(address);
        assert_eq!(debts.since(address, at(68)), at(68));
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let (mut debts, begun) = (Debts::default(), Instant::now());
        let address = |number: usize| IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
        for number in 0..=MOST {
            debts.note(address(number), begun, begun);
        }
        assert_eq!(debts.0.len(), MOST);
        debts.note(address(MOST), begun, begun + FORGIVEN);
        assert_eq!(debts.0.len(), 1, "those that are forgiven make room");
    }
}

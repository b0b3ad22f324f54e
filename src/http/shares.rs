//! How the places are shared among addresses when all are taken: no address that has many
//! keeps out one that has few. Pure.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::seat::Seat;

/// Places that a browser may have, with its live stream and a download or two: who has no
/// more is no crowd.
const HANDFUL: usize = 8;
/// A request takes no longer to come, even over a bad wireless network.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// A phone that changes rooms reads on sooner, mostly.
const COMES_BACK: Duration = Duration::from_secs(5);

/// What each address has, as a newcomer meets it.
pub(super) struct Shares {
    taken: HashMap<IpAddr, usize>,
    proxies: Vec<IpAddr>,
    newcomer: usize,
}

impl Shares {
    /// Of these seats, for a newcomer from there.
    pub(super) fn of<'a>(
        seats: impl Iterator<Item = &'a Seat>,
        proxies: &[IpAddr],
        newcomer: IpAddr,
    ) -> Self {
        let mut taken = HashMap::new();
        for seat in seats {
            *taken.entry(seat.address).or_default() += 1;
        }
        // A named proxy stands for many people, none of whom has many.
        let of_newcomer = taken.get(&newcomer).copied().filter(|_| !proxies.contains(&newcomer));
        Self { taken, proxies: proxies.to_vec(), newcomer: of_newcomer.unwrap_or(0) }
    }

    /// Whether a place of that address, whose peer has kept us waiting so long, may be the
    /// newcomer's. Who has fewer keeps it for the moment in which its request is under way, and
    /// keeps it altogether from one of a crowd.
    pub(super) fn may_take_from(&self, address: IpAddr, waited: Duration) -> bool {
        self.newcomer <= self.of_address(address) || self.newcomer <= HANDFUL && waited >= UNDER_WAY
    }

    /// Whether that address, one of whose readers takes nothing for so long, has more than its share.
    /// Who has no more than a browser needs is given time: a phone on a bad network is often one.
    pub(super) fn is_crowd(&self, address: IpAddr, stalled: Duration) -> bool {
        let has = self.of_address(address);
        let is_crowd = has > HANDFUL || stalled >= COMES_BACK;
        is_crowd && has > self.newcomer + 1 && !self.proxies.contains(&address)
    }

    /// Whether that address has more than anybody needs, and the newcomer has less: then even what
    /// is being answered gives way.
    pub(super) fn is_throng(&self, address: IpAddr) -> bool {
        self.newcomer < HANDFUL && self.of_address(address) > HANDFUL && !self.proxies.contains(&address)
    }

    fn of_address(&self, address: IpAddr) -> usize {
        self.taken.get(&address).copied().unwrap_or(0)
    }
}

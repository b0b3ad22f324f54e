//! Who has a place among the connections, and who leaves when all places are taken: the one
//! whose peer has kept us waiting longest, or else one of a crowd from one address. The time is an argument.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::oneshot;

use super::debts::Debts;
use super::seat::{Seat, Step};
use super::shares::Shares;

/// All connections. Its memory is bounded by their number, and that of debts by their own.
pub(super) struct Connections {
    most: usize,
    most_per_address: usize,
    proxies: Vec<IpAddr>,
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    last: u64,
    taken: HashMap<u64, Seat>,
    debts: Debts,
}

/// One connection's place, given back when it is dropped.
pub(super) struct Place {
    turn: Turn,
    asked_to_leave: oneshot::Receiver<()>,
}

/// Tells of one connection whose turn it is, for as long as it has its place.
#[derive(Clone)]
pub(super) struct Turn {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    /// Nobody's yet. Addresses of proxies stand for many people.
    pub(super) fn new(proxies: &[IpAddr], most: u16, most_per_address: u16) -> Arc<Self> {
        let (most, most_per_address) = (usize::from(most), usize::from(most_per_address));
        Arc::new(Self { most, most_per_address, proxies: proxies.to_vec(), seats: Mutex::default() })
    }

    /// A place for one more connection from there, where need be that of another, which is
    /// let go; none where all others are being answered, or have kept us waiting less long, and
    /// no address has more than its share.
    /// Among its own an address may choose: it takes one of their places where it has as many
    /// as one may have, or gets none of another's.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Place> {
        let address = address.to_canonical();
        let mut seats = self.seats.lock().expect("no holder panics");
        let from_there = seats.taken.values().filter(|seat| seat.address == address).count();
        let owes_since = seats.debts.since(address, now);
        let own = |seat: &Seat| seat.kept_waiting_since(now).filter(|_| seat.address == address);
        if from_there >= self.most_from(address) {
            seats.let_go(now, own)?;
        } else if seats.taken.len() >= self.most {
            let shares = Shares::of(seats.taken.values(), &self.proxies, address);
            if self.make_room(&mut seats, &shares, owes_since, now).is_none() {
                seats.let_go(now, own)?;
            }
        }
        let (stay, asked_to_leave) = oneshot::channel();
        seats.last += 1;
        let number = seats.last;
        seats.taken.insert(number, Seat::new(address, stay, owes_since, now));
        Some(Place { turn: Turn { connections: Arc::clone(self), number }, asked_to_leave })
    }

    /// Lets go who has kept us waiting longest and since before the newcomer, or else one of a crowd:
    /// who takes nothing, and at last the oldest of a throng.
    fn make_room(&self, seats: &mut Seats, shares: &Shares, newcomer: Instant, now: Instant) -> Option<()> {
        let waits = |seat: &Seat| {
            let since = seat.owes_place_since(now)?;
            shares.may_take_from(seat.address, now.saturating_duration_since(since)).then_some(since)
        };
        let stalls = |seat: &Seat| {
            let since = seat.stalled_since()?;
            shares.is_crowd(seat.address, now.saturating_duration_since(since)).then_some(since)
        };
        let presses = |seat: &Seat| shares.is_throng(seat.address).then_some(seat.begun);
        if let Some(gone) = seats.let_go(newcomer, waits) {
            // What one of many people owes is not a proxy's debt.
            if !self.proxies.contains(&gone.address) {
                seats.remember(&gone, now);
            }
            return Some(());
        }
        seats.let_go(now, stalls).or_else(|| seats.let_go(now, presses)).map(drop)
    }

    /// Connections that this address may have: a named proxy stands for many people.
    fn most_from(&self, address: IpAddr) -> usize {
        if self.proxies.contains(&address) { self.most } else { self.most_per_address }
    }
}

impl Seats {
    /// Takes the seat that has waited longest, and since earlier than the newcomer. With the
    /// seat goes the other end of what `Place::hold` listens to.
    fn let_go(&mut self, newcomer: Instant, waits: impl Fn(&Seat) -> Option<Instant>) -> Option<Seat> {
        let waiting = self.taken.iter().filter_map(|(number, seat)| Some((waits(seat)?, *number)));
        let (since, longest) = waiting.min()?;
        (since < newcomer).then(|| self.taken.remove(&longest))?
    }

    fn remember(&mut self, gone: &Seat, now: Instant) {
        if let Some(since) = gone.owes_since {
            self.debts.note(gone.address, since, now);
        }
    }

    /// Whoever is there from this address owes nothing from before.
    fn settle(&mut self, address: IpAddr) {
        self.debts.settle(address);
        for seat in self.taken.values_mut().filter(|seat| seat.address == address) {
            seat.owes_since = None;
        }
    }
}

impl Place {
    pub(super) fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// Lives through a connection's life, which is cut short when another gets its place.
    pub(super) async fn hold(mut self, life: impl Future<Output = ()>) {
        tokio::select! {
            () = life => {}
            _ = &mut self.asked_to_leave => tracing::debug!("connection let go for a newcomer"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.turn.connections.seats.lock().expect("no holder panics");
        seats.taken.remove(&self.turn.number);
    }
}

impl Turn {
    /// Notes a step; nothing where the connection has lost its place meanwhile.
    pub(super) fn note(&self, step: Step, now: Instant) {
        let mut seats = self.connections.seats.lock().expect("no holder panics");
        let Some(seat) = seats.taken.get_mut(&self.number) else { return };
        seat.note(step, now);
        if step == Step::Said {
            let address = seat.address;
            seats.settle(address);
        }
    }
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;

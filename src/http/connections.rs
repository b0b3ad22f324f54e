//! How many connections are open, and from where.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// Counts connections in all and by address; its memory is bounded by the total.
pub(super) struct Connections {
    most: usize,
    most_per_address: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place, given back when it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(most: u16, most_per_address: u16) -> Arc<Self> {
        let (most, most_per_address) = (usize::from(most), usize::from(most_per_address));
        Arc::new(Self { most, most_per_address, open: Mutex::default() })
    }

    /// A place for one more connection from there; none where there are too many.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let mut open = self.open.lock().expect("no holder panics");
        let total: usize = open.values().sum();
        let from_there = open.get(&address).copied().unwrap_or(0);
        if total >= self.most || from_there >= self.most_per_address {
            return None;
        }
        open.insert(address, from_there + 1);
        Some(Place { connections: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().expect("no holder panics");
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_limited_in_all_and_by_address_and_given_back() {
        let connections = Connections::new(3, 2);
        let here = address("10.0.0.1");
        let first = connections.admit(here).unwrap();
        let _second = connections.admit(address("::ffff:10.0.0.1")).unwrap();
        assert!(connections.admit(here).is_none(), "two from one address, however it is written");
        let _third = connections.admit(address("10.0.0.2")).unwrap();
        assert!(connections.admit(address("10.0.0.3")).is_none(), "three in all");
        drop(first);
        assert!(connections.admit(here).is_some());
        assert_eq!(connections.open.lock().unwrap().len(), 2);
    }
}

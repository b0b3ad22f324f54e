//! What the black-box tests share: a club in a temporary folder, the real binary
//! serving it, and a client that sends literally what it is told to.
//!
//! Nothing here sleeps to be in step: what must be awaited is polled with a deadline.

// Each test crate takes what it needs.
#![allow(dead_code)]

mod client;
mod club;
mod daemon;
pub(crate) mod planted;
mod stream;
pub(crate) mod tools;

use std::thread;
use std::time::{Duration, Instant};

pub(crate) use client::{Connection, Reply, ask_from, exchange, request};
pub(crate) use club::Club;
pub(crate) use daemon::Daemon;
pub(crate) use stream::{Events, Told};

/// Long past what a loaded machine needs: it only ends what would never end.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Looks until there is something; panics when patience ends.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "still waiting: {what}");
        thread::sleep(LOOK_AGAIN);
    }
}

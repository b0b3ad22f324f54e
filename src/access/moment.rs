//! The two clocks by which access is measured.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;

static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clock on the wall, which may jump.
    pub wall: Timestamp,
    /// How long this process has counted, which never jumps.
    pub running: Duration,
}

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self { wall: Timestamp::now(), running: BEGINNING.elapsed() }
    }

    /// Since that time by the clock on the wall; nothing where it lies ahead.
    pub(super) fn since(&self, then: Timestamp) -> Duration {
        Duration::try_from(self.wall.duration_since(then)).unwrap_or_default()
    }
}

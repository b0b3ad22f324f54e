//! What runs whatever waits: one thread, and few for calls that touch the card.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Threads for calls that touch the card. Four slow ones at once are a sick card.
const BLOCKING_THREADS: usize = 4;
/// Idle threads go soon: their stacks are memory that the club's program could use.
const IDLE_THREAD: Duration = Duration::from_secs(5);

pub(super) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(IDLE_THREAD)
        .build()
}

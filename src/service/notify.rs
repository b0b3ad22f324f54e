//! What systemd is told. Without systemd, nobody listens and nothing happens.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// While a start takes long, systemd is asked this often for so much more time.
const EXTEND_EVERY: Duration = Duration::from_secs(5);
const EXTEND_BY_MICROSECONDS: u32 = 20_000_000;
/// A start that takes longer hangs.
const LONGEST_START: Duration = Duration::from_mins(30);

/// Whether systemd listens.
pub fn is_told() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// The socket is served and the store was read.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// What `systemctl status` shows.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

/// No new requests are taken.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How often [`watchdog_ping`] is expected; none where no watchdog watches.
pub fn watchdog_interval() -> Option<Duration> {
    // Half of the limit, as sd_watchdog_enabled(3) advises.
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

/// All is well.
pub fn watchdog_ping() {
    tell(&[NotifyState::Watchdog]);
}

/// Does what may take long before the service is ready, and has systemd wait for it,
/// for half an hour at most.
pub fn while_starting<T>(work: impl FnOnce() -> T) -> T {
    if !is_told() {
        return work();
    }
    let (done, is_done) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let begun = Instant::now();
            while begun.elapsed() < LONGEST_START
                && is_done.recv_timeout(EXTEND_EVERY) == Err(RecvTimeoutError::Timeout)
            {
                tell(&[NotifyState::ExtendTimeoutUsec(EXTEND_BY_MICROSECONDS)]);
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd not told");
    }
}

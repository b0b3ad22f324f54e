//! What systemd is told. Without systemd, nobody listens and nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

/// The socket is served and the store was read.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
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

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd not told");
    }
}

//! When to stop: SIGTERM as systemd sends it, SIGINT as a person does.

use std::io;

use nix::sys::signal::{SigSet, Signal, raise};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Ends this program in order; systemd starts it again, in a new sandbox.
pub fn stop_myself() {
    if let Err(error) = raise(Signal::SIGTERM) {
        tracing::error!(%error, "the program cannot end itself");
    }
}

/// From now on no terminal that is closed, no `^C` and no polite wish to end stops this process
/// half-way: what it is about to do is short and must be whole. Before any thread is started.
pub fn finish_what_is_begun() {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM] {
        signals.add(signal);
    }
    if let Err(error) = signals.thread_block() {
        tracing::warn!(%error, "signals are not held back");
    }
}

/// Tells everyone who asks that the program is about to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for the two signals from now on.
    pub fn on_signals() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = tell.send(true);
        });
        Ok(Self(told))
    }

    /// Whether it is about to stop.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the program is to stop.
    pub async fn asked(&mut self) {
        // Whoever could tell is gone only when the runtime is.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}

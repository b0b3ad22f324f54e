//! Whose turn it is on one connection: the peer's, who owes a request or takes no answer,
//! or ours. Pure: the time is an argument.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// Who takes nothing of his answer for so long has gone, or does it on purpose. A phone that
/// changes rooms is back earlier; with places free he has the minute that `Patient` gives.
const STALLED: Duration = Duration::from_secs(20);

/// One connection among all.
pub(super) struct Seat {
    pub(super) address: IpAddr,
    /// When the connection began.
    pub(super) begun: Instant,
    phase: Phase,
    /// Since when the peer takes nothing of what is written.
    stalled: Option<Instant>,
    /// Since when its address owes a request; none from the first answer on, on any connection.
    pub(super) owes_since: Option<Instant>,
    /// Never sent on: that it is dropped asks the connection to leave.
    _stay: oneshot::Sender<()>,
}

enum Phase {
    /// The peer owes the whole head of a request. Single bytes of it change nothing.
    Waiting { since: Instant },
    /// The peer owes the rest of a request's body. Single bytes of it change nothing.
    Reading { since: Instant },
    /// We owe the answer.
    Answering,
    /// The answer is complete, and some of it may not be written yet.
    Said,
}

/// What happens on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The head of a request is there, so that it can be answered.
    Asked,
    /// Who answers waits for the request's body.
    BodyAwaited,
    /// Nobody waits for the request's body any more.
    BodyEnded,
    /// The answer is complete.
    Said,
    /// All that was said is written.
    Written,
    /// The peer takes nothing more.
    Stalled,
    /// The peer takes something again.
    Taken,
}

impl Seat {
    /// Of a connection that begins now; its address may owe a request since before.
    pub(super) fn new(address: IpAddr, stay: oneshot::Sender<()>, owes_since: Instant, now: Instant) -> Self {
        let owes_since = Some(owes_since);
        let phase = Phase::Waiting { since: now };
        Self { address, begun: now, phase, stalled: None, owes_since, _stay: stay }
    }

    pub(super) fn note(&mut self, step: Step, now: Instant) {
        match (step, &self.phase) {
            (Step::Asked, _) | (Step::BodyEnded, Phase::Reading { .. }) => self.phase = Phase::Answering,
            (Step::BodyAwaited, Phase::Answering) => self.phase = Phase::Reading { since: now },
            (Step::Said, _) => self.phase = Phase::Said,
            (Step::Written, Phase::Said) => self.phase = Phase::Waiting { since: now },
            (Step::Stalled, _) => self.stalled = Some(now),
            (Step::Taken, _) => self.stalled = None,
            (Step::BodyAwaited | Step::BodyEnded | Step::Written, _) => {}
        }
    }

    /// Since when the peer has kept us waiting; none where it is our turn, and where a
    /// reader may still come back.
    pub(super) fn kept_waiting_since(&self, now: Instant) -> Option<Instant> {
        match self.phase {
            Phase::Waiting { since } | Phase::Reading { since } => Some(since),
            Phase::Answering | Phase::Said => {
                self.stalled.filter(|since| now.saturating_duration_since(*since) >= STALLED)
            }
        }
    }

    /// The same, as it counts against other addresses.
    pub(super) fn owes_place_since(&self, now: Instant) -> Option<Instant> {
        let since = self.kept_waiting_since(now)?;
        Some(self.owes_since.map_or(since, |owes_since| owes_since.min(since)))
    }

    /// Since when the peer takes nothing, however short that is.
    pub(super) fn stalled_since(&self) -> Option<Instant> {
        self.stalled
    }
}

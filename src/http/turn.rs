//! Bodies that tell whose turn it is on their connection. They change nothing of what
//! passes, nor of what is known of it before, such as its length.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

use super::connections::Turn;
use super::seat::Step;

/// A request's body: a peer that trickles it keeps us waiting as one that trickles a head.
pub(super) struct Asked {
    body: Incoming,
    turn: Turn,
    /// Bytes since its peer was last said to be no trickler.
    taken: usize,
}

/// Who sends so much has not kept us waiting: an upload takes minutes on a slow network. Of
/// bodies that are small by rule nobody reads as much.
const GENEROUS: usize = 64 << 10;

/// A response's body: when it is dropped, all is said.
pub(super) struct Said {
    body: Body,
    turn: Turn,
}

impl Asked {
    /// The body of a request whose head has just come.
    pub(super) fn new(body: Incoming, turn: Turn) -> Self {
        turn.note(Step::Asked, Instant::now());
        Self { body, turn, taken: 0 }
    }
}

impl Said {
    pub(super) fn new(body: Body, turn: Turn) -> Self {
        Self { body, turn }
    }
}

impl HttpBody for Asked {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Pending => self.turn.note(Step::BodyAwaited, Instant::now()),
            Poll::Ready(None) => self.turn.note(Step::BodyEnded, Instant::now()),
            Poll::Ready(Some(frame)) => {
                let bytes = frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
                self.taken += bytes;
                if self.taken >= GENEROUS {
                    self.taken = 0;
                    self.turn.note(Step::BodyEnded, Instant::now());
                }
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.turn.note(Step::BodyEnded, Instant::now());
    }
}

impl HttpBody for Said {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        self.turn.note(Step::Said, Instant::now());
    }
}

//! A connection that does not wait for ever for a reader who has stopped reading,
//! and on which even hyper's own refusals are in words.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::connections::Turn;
use super::refusals;
use super::seat::Step;
use super::wire::Wire;
use crate::text::Language;

/// A minute without a byte taken: the phone is away, or it is an attack.
const PATIENCE: Duration = Duration::from_mins(1);

/// A stream whose writes end in an error when the peer takes nothing for a minute.
pub(super) struct Patient {
    inner: Box<dyn Wire>,
    language: Language,
    turn: Turn,
    stalled: Option<Pin<Box<Sleep>>>,
    instead: Option<Instead>,
}

/// What is sent in the place of what hyper wrote.
struct Instead {
    answer: Vec<u8>,
    sent: usize,
}

impl Patient {
    pub(super) fn new(inner: Box<dyn Wire>, language: Language, turn: Turn) -> Self {
        Self { inner, language, turn, stalled: None, instead: None }
    }

    fn write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            let head = slices.first().map_or(&[][..], |slice| slice);
            self.instead = refusals::in_words(head, self.language).map(|answer| Instead { answer, sent: 0 });
        }
        let Some(instead) = &mut self.instead else {
            return Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        };
        while instead.sent < instead.answer.len() {
            let rest = &instead.answer[instead.sent..];
            match ready!(Pin::new(&mut self.inner).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => instead.sent += count,
            }
        }
        self.instead = None;
        Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            if self.stalled.take().is_some() {
                self.turn.note(Step::Taken, Instant::now());
            }
            return outcome;
        }
        if self.stalled.is_none() {
            self.turn.note(Step::Stalled, Instant::now());
        }
        let give_up = || Box::pin(tokio::time::sleep(PATIENCE));
        ready!(self.stalled.get_or_insert_with(give_up).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = self.write(cx, &[IoSlice::new(bytes)]);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = self.write(cx, slices);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS may hold back what was written.
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        ready!(self.watch(cx, flushed))?;
        // hyper flushes what it has written whole.
        self.turn.note(Step::Written, Instant::now());
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.watch(cx, outcome)
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;

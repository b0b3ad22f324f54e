//! A kernel object that the runtime waits for.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use tokio::io::unix::AsyncFd;

/// Owns the object, and so its descriptor, as long as the runtime knows of it.
pub(super) struct Descriptor<T>(pub(super) T);

impl<T: AsFd> AsRawFd for Descriptor<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

/// Hands the object to the runtime.
// The successor of `new` is unsafe to call, as it wants a promise that the type
// above keeps by construction: its descriptor stays open until it is dropped.
#[allow(deprecated)]
pub(super) fn awaited<T: AsFd>(object: T) -> io::Result<AsyncFd<Descriptor<T>>> {
    AsyncFd::new(Descriptor(object))
}

//! Hears of changes in directories from the kernel, so that nobody has to look.

use std::io;
use std::path::PathBuf;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use tokio::io::unix::AsyncFd;

use super::descriptor::{Descriptor, awaited};

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The directory's place in the list that was watched; none where events were
    /// lost and everything may have changed.
    pub directory: Option<usize>,
    /// The file in it.
    pub name: Option<String>,
}

/// Watches some directories.
pub struct Watch {
    descriptor: AsyncFd<Descriptor<Inotify>>,
    directories: Vec<PathBuf>,
    watches: Vec<Option<WatchDescriptor>>,
}

impl Watch {
    /// Begins to watch. A directory that is not there yet is watched from the next
    /// [`Watch::renew`] on.
    pub fn new(directories: Vec<PathBuf>) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let descriptor = awaited(inotify)?;
        let watches = vec![None; directories.len()];
        let mut watch = Self { descriptor, directories, watches };
        watch.renew();
        Ok(watch)
    }

    /// Takes up the watch of directories that appeared, or vanished and came back.
    pub fn renew(&mut self) {
        let flags = AddWatchFlags::IN_MODIFY
            | AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_ATTRIB
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_ONLYDIR;
        for (directory, watch) in self.directories.iter().zip(&mut self.watches) {
            // The same directory again gives the same watch.
            *watch = self.descriptor.get_ref().0.add_watch(directory, flags).ok();
        }
    }

    /// Waits for the next changes.
    pub async fn changes(&mut self) -> io::Result<Vec<Change>> {
        loop {
            let mut ready = self.descriptor.readable().await?;
            match ready.get_inner().0.read_events() {
                Err(nix::Error::EAGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
                Ok(events) => {
                    let lost = AddWatchFlags::IN_Q_OVERFLOW | AddWatchFlags::IN_IGNORED;
                    let changes = events.into_iter().map(|event| Change {
                        directory: (!event.mask.intersects(lost))
                            .then(|| self.watches.iter().position(|watch| *watch == Some(event.wd)))
                            .flatten(),
                        name: event.name.and_then(|name| name.into_string().ok()),
                    });
                    return Ok(changes.collect());
                }
            }
        }
    }
}

//! What a backup reads: single files, the inventory of the videos, and what the
//! machine says of itself.
//!
//! Everything here may be hostile or changing while it is read: links are never
//! followed, nothing but regular files is opened, no read can block or go on for
//! ever, and what cannot be read is said, never left out in silence. This room
//! writes nothing but unnamed temporary files, starts no program and does not know
//! the configuration: callers bring the paths. Uses: model.

mod clock;
mod error;
mod file;
mod inventory;
mod json;
mod kind;
mod names;
mod parse;
mod system;
mod unlisted;
mod walk;

pub use clock::{clock_reading, sync_state};
pub use error::SourceError;
pub use file::{StableCopy, read_stable};
pub use inventory::{Inventory, take_inventory};
pub use json::is_json;
pub use kind::Kind;
pub use parse::{BadLine, InventoryLine, InventoryLines, parse_inventory};
pub use system::{host_name, system_info};
pub use unlisted::{Unlisted, Why};
pub use walk::{Entry, Found, walk};

use std::path::Path;

use tempfile::SpooledTempFile;

/// Bytes that a copy may take in memory before it moves to an unnamed file (256 KiB): settings stay
/// there, and the list of some thousand videos is not held beside the archive's buffers.
const SPOOL_IN_MEMORY: usize = 256 << 10;

/// A place for a copy: memory first, then a file in `dir` that has no name and
/// that only this user can read.
fn new_spool(dir: &Path) -> SpooledTempFile {
    SpooledTempFile::new_in(SPOOL_IN_MEMORY, dir)
}

/// Does the work in a thread that permissions bind, although tests may run as root:
/// the kernel takes a thread's right to overrule them with its file-system user.
#[cfg(test)]
fn without_privileges<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            nix::unistd::setfsuid(nix::unistd::Uid::from_raw(65_534));
            work()
        });
        thread.join().expect("the work does not panic")
    })
}

//! Copies one file that others may be writing, linking or swapping meanwhile.
//!
//! Never follows a link at the path, never opens what is no regular file, never
//! blocks, and ends although the file may grow for ever. Uses: model.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use nix::fcntl::OFlag;
use nix::unistd::{Gid, Group, Uid, User};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::error::SourceError;
use super::json::is_json;
use super::kind::Kind;
use super::new_spool;
use crate::model::time::from_unix;

/// How often a file is read at most, in the hope that it stands still.
const ATTEMPTS: u32 = 5;

/// The pause after the first attempt; each further one is twice as long, so that
/// all together (50, 100, 200 and 400 ms) stay below one second.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How many bytes more than at first sight are read of a file that grows (1 MiB).
const GROWTH_READ: u64 = 1 << 20;

/// A copy and what is known of the file that it was taken of.
#[derive(Debug)]
pub struct StableCopy {
    /// The content, at its start.
    pub spool: SpooledTempFile,
    /// Bytes in the copy.
    pub size: u64,
    /// The permission bits (0 to 0o7777).
    pub mode: u32,
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    /// The owner's name, where the machine knows one.
    pub owner: Option<String>,
    /// The group's name, where the machine knows one.
    pub group: Option<String>,
    /// The last modification.
    pub mtime: Timestamp,
    /// The SHA-256 of the copy.
    pub sha256: [u8; 32],
    /// Whether the file stood still while this copy was taken; if not, the copy
    /// may be a mixture of two contents.
    pub settled: bool,
    /// Whether the copy is whole JSON; `None` where the name does not end in `.json`.
    pub valid_json: Option<bool>,
}

/// Copies the regular file at `path` and reads it again, up to five times in less
/// than a second, until it stood still and, named `*.json`, is whole JSON.
///
/// A file that never does is copied all the same, with flags that say so. The copy
/// lives in memory up to 1 MiB, else in an unnamed file in `spool_dir`.
///
/// # Errors
/// Every [`SourceError`].
pub fn read_stable(path: &Path, spool_dir: &Path) -> Result<StableCopy, SourceError> {
    read_watched(path, spool_dir, &mut |moment| {
        if let Moment::Again(pause) = moment {
            thread::sleep(pause);
        }
    })
}

/// The moments between which the world can change; a test changes it at one of them.
enum Moment {
    /// The path names a regular file, which is not yet open.
    Looked,
    /// It is open, nothing is read.
    Opened,
    /// All is read, nothing compared.
    Copied,
    /// It will be read again, after a pause.
    Again(Duration),
}

fn read_watched(
    path: &Path,
    spool_dir: &Path,
    at: &mut dyn FnMut(Moment),
) -> Result<StableCopy, SourceError> {
    let mut newest = read_once(path, spool_dir, at)?;
    for attempt in 1..ATTEMPTS {
        if newest.settled && newest.valid_json != Some(false) {
            break;
        }
        at(Moment::Again(FIRST_PAUSE * (1 << (attempt - 1))));
        match read_once(path, spool_dir, at) {
            Ok(copy) => newest = copy,
            // Whoever replaces a file by deleting it first is about to write it again.
            Err(SourceError::Missing { .. }) => newest.settled = false,
            Err(error) => return Err(error),
        }
    }
    Ok(newest)
}

fn read_once(path: &Path, spool_dir: &Path, at: &mut dyn FnMut(Moment)) -> Result<StableCopy, SourceError> {
    // Opening a device can do something (rewind a tape, start a watchdog): look first.
    must_be_regular(path, &look(path)?)?;
    at(Moment::Looked);
    let file = open(path)?;
    let before = file.metadata().map_err(|source| SourceError::of_io(path, source))?;
    must_be_regular(path, &before)?;
    at(Moment::Opened);

    let mut spool = new_spool(spool_dir);
    let (size, sha256) = copy((&file).take(before.len() + GROWTH_READ), &mut spool, path)?;
    at(Moment::Copied);
    let same = |now: Metadata| fingerprint(&now) == fingerprint(&before);
    let settled = size == before.len() && file.metadata().is_ok_and(same) && look(path).is_ok_and(same);

    let valid_json = check_json(path, &mut spool).map_err(|source| SourceError::Spool { source })?;
    Ok(StableCopy {
        spool,
        size,
        mode: before.mode() & 0o7777,
        uid: before.uid(),
        gid: before.gid(),
        owner: User::from_uid(Uid::from_raw(before.uid())).ok().flatten().map(|user| user.name),
        group: Group::from_gid(Gid::from_raw(before.gid())).ok().flatten().map(|group| group.name),
        mtime: from_unix(before.mtime(), before.mtime_nsec()),
        sha256,
        settled,
        valid_json,
    })
}

fn look(path: &Path) -> Result<Metadata, SourceError> {
    fs::symlink_metadata(path).map_err(|source| SourceError::of_io(path, source))
}

fn must_be_regular(path: &Path, metadata: &Metadata) -> Result<(), SourceError> {
    match Kind::of_mode(metadata.mode()) {
        Kind::Regular => Ok(()),
        kind => Err(SourceError::NotRegular { path: path.to_owned(), kind }),
    }
}

/// Opens without following and without blocking; the standard library adds close-on-exec.
fn open(path: &Path) -> Result<File, SourceError> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).map_err(|source| {
        // A link or a socket that took the file's place is what the error means.
        match look(path).and_then(|metadata| must_be_regular(path, &metadata)) {
            Err(swapped @ SourceError::NotRegular { .. }) => swapped,
            _ => SourceError::of_io(path, source),
        }
    })
}

/// What two looks at the same untouched file have in common.
fn fingerprint(metadata: &Metadata) -> impl PartialEq {
    (
        (metadata.dev(), metadata.ino(), metadata.len()),
        (metadata.mtime(), metadata.mtime_nsec()),
        (metadata.ctime(), metadata.ctime_nsec()),
    )
}

fn copy(mut from: impl Read, to: &mut SpooledTempFile, path: &Path) -> Result<(u64, [u8; 32]), SourceError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(source) => return Err(SourceError::Unreadable { path: path.to_owned(), source }),
        };
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count]).map_err(|source| SourceError::Spool { source })?;
        size += count as u64;
    }
    Ok((size, hash.finalize().into()))
}

/// Leaves the spool at its start.
fn check_json(path: &Path, spool: &mut SpooledTempFile) -> std::io::Result<Option<bool>> {
    spool.rewind()?;
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return Ok(None);
    }
    let valid = is_json(&mut *spool)?;
    spool.rewind()?;
    Ok(Some(valid))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;

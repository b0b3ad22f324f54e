//! Walks a tree of files: depth first, each directory in the order of its bytes.
//!
//! Never follows a link, so that it cannot leave the tree or go in circles, and
//! opens each directory relative to its parent, so that no path is too long and
//! none can be swapped under way. One directory's names at a time (and those of its
//! parents) are in memory. Whatever is not listed is reported. Uses: model.

use std::ffi::CStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, fstatat};

use super::kind::Kind;
use super::names::Names;
use super::unlisted::{Unlisted, Why};
use crate::model::time::from_unix;

/// How many directories may lie in one another below the root; each takes a
/// descriptor while the walk is in it, and a service has 1,024.
const MAX_DEPTH: usize = 128;

/// The year 0000, before which RFC 3339 has no form for a time.
const YEAR_ZERO: i64 = -62_167_219_200;

/// What a walk meets.
pub enum Found<'a> {
    /// A regular file.
    File(Entry<'a>),
    /// Something that it leaves out.
    Unlisted(Unlisted<'a>),
}

/// A regular file in the tree.
pub struct Entry<'a> {
    /// Its path relative to the root.
    pub path: &'a [u8],
    /// Bytes.
    pub size: u64,
    /// The last modification; the epoch where no year of four digits holds it.
    pub mtime: Timestamp,
    /// The permission bits (0 to 0o7777).
    pub mode: u32,
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    directory: &'a OwnedFd,
    name: &'a CStr,
}

impl<'a> Entry<'a> {
    fn new(path: &'a [u8], directory: &'a OwnedFd, name: &'a CStr, stat: &FileStat) -> Self {
        let seconds = if stat.st_mtime < YEAR_ZERO { 0 } else { stat.st_mtime };
        Self {
            path,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            mtime: from_unix(seconds, stat.st_mtime_nsec),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            directory,
            name,
        }
    }

    /// Opens the file of this name in its directory: no link followed, never blocked.
    ///
    /// It may have changed or been replaced since it was met; the descriptor says
    /// what it is now.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidInput`] if it is no longer a
    /// regular file.
    pub fn open(&self) -> io::Result<File> {
        let flags =
            OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let stat = fstatat(self.directory, self.name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        must_be_regular(stat.st_mode)?; // opening a device can have effects
        let file = File::from(openat(self.directory, self.name, flags, Mode::empty())?);
        must_be_regular(file.metadata()?.mode())?;
        Ok(file)
    }
}

fn must_be_regular(mode: u32) -> io::Result<()> {
    match Kind::of_mode(mode) {
        Kind::Regular => Ok(()),
        kind => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("not a file but {kind:?}"))),
    }
}

/// Walks the tree below `root` and shows the visitor everything that it meets. A
/// root that is missing or a link is an empty tree and reported as [`Unlisted`].
///
/// # Errors
/// Only the visitor's, which end the walk.
pub fn walk(root: &Path, visit: &mut dyn FnMut(Found<'_>) -> io::Result<()>) -> io::Result<()> {
    // Without the slash at its end, which would follow a link.
    let root: PathBuf = root.components().collect();
    match open(&root, DIRECTORY, Mode::empty()) {
        Ok(directory) => Walk { path: Vec::new(), visit }.directory(&directory, 0),
        Err(errno) => {
            let why = why_no_root(&root, errno);
            visit(Found::Unlisted(Unlisted { path: root.as_os_str().as_bytes(), why }))
        }
    }
}

const DIRECTORY: OFlag =
    OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

fn why_no_root(root: &Path, errno: Errno) -> Why {
    match fs::symlink_metadata(root).map(|metadata| Kind::of_mode(metadata.mode())) {
        Ok(Kind::Symlink) => Why::RootSymlink,
        Ok(Kind::Directory) => Why::of_errno(errno),
        Ok(_) => Why::RootNotDirectory,
        Err(_) => match errno {
            Errno::ENOENT | Errno::ENOTDIR => Why::RootMissing,
            other => Why::of_errno(other),
        },
    }
}

struct Walk<'v> {
    /// Where the walk is, relative to the root.
    path: Vec<u8>,
    visit: &'v mut dyn FnMut(Found<'_>) -> io::Result<()>,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &OwnedFd, depth: usize) -> io::Result<()> {
        let (names, read) = Names::of(directory);
        if let Err(errno) = read {
            self.leave_out(Why::of_errno(errno))?;
        }
        let length = self.path.len();
        for name in names.iter() {
            if length > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(name.to_bytes());
            self.entry(directory, name, depth)?;
            self.path.truncate(length);
        }
        Ok(())
    }

    fn entry(&mut self, directory: &OwnedFd, name: &CStr, depth: usize) -> io::Result<()> {
        let stat = match fstatat(directory, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(errno) => return self.leave_out(Why::of_errno(errno)),
        };
        match Kind::of_mode(stat.st_mode) {
            Kind::Regular => (self.visit)(Found::File(Entry::new(&self.path, directory, name, &stat))),
            Kind::Directory if depth == MAX_DEPTH => self.leave_out(Why::TooDeep),
            Kind::Directory => match openat(directory, name, DIRECTORY, Mode::empty()) {
                Ok(child) => self.directory(&child, depth + 1),
                Err(errno) => self.leave_out(Why::of_errno(errno)),
            },
            other => self.leave_out(Why::of_kind(other)),
        }
    }

    fn leave_out(&mut self, why: Why) -> io::Result<()> {
        let path = if self.path.is_empty() { b"." } else { self.path.as_slice() };
        (self.visit)(Found::Unlisted(Unlisted { path, why }))
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;

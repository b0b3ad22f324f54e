//! A folder of the club's in which files that are missing are put back, each by itself; what
//! is there is never touched.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, RenameFlags, renameat2};
use nix::sys::stat::{Mode, fstatat, mkdirat};

use super::error::{At, TargetError};
use super::place::{Place, step_into};
use super::switch::{New, make, remove};
use crate::store::sync_folder;

/// A file in the making; one that a kill has left is known by it.
const PARTIAL: &str = ".neopro-backup-restored.partial";
/// As the folders beside it.
const FOLDER_MODE: u32 = 0o755;

/// The folder.
#[derive(Debug)]
pub struct Tree {
    root: Place,
    uid: u32,
    gid: u32,
}

/// A file that is to be put back where it is missing.
pub struct Copy<'c> {
    /// Its path below the folder, without `..`.
    pub below: &'c Path,
    /// Its content.
    pub content: Box<dyn Read + 'c>,
    /// Permission bits.
    pub mode: u32,
    /// The last modification.
    pub modified: SystemTime,
}

impl Tree {
    /// The folder of this path, which is absolute.
    ///
    /// # Errors
    /// As [`Place::open`].
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        let root = Place::open(&path.join(PARTIAL))?;
        let (uid, gid) = root.folder_owner()?;
        Ok(Self { root, uid, gid })
    }

    /// Whether so many bytes can be written there.
    ///
    /// # Errors
    /// As [`Place::check_writable`].
    pub fn check_writable(&self, need_bytes: u64) -> Result<(), TargetError> {
        self.root.check_writable(need_bytes)
    }

    /// Whether nothing is there.
    pub fn lacks(&self, below: &Path) -> bool {
        self.root.parent().join(below).symlink_metadata().is_err()
    }

    /// Puts a file in its place, and makes the folders on the way; false where something is
    /// there already. Files belong to whom the folder does.
    ///
    /// # Errors
    /// [`TargetError::Link`] where a folder on the way is one.
    pub fn put(&self, copy: Copy<'_>) -> Result<bool, TargetError> {
        self.clear()?;
        let Copy { below, content, mode, modified } = copy;
        let path = self.root.parent().join(below);
        let folder = self.folder_of(below)?;
        let name = below.file_name().unwrap_or_default();
        if fstatat(&folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).is_ok() {
            return Ok(false);
        }
        let partial = OsString::from(PARTIAL);
        make(&self.root, &partial, New { content, uid: self.uid, gid: self.gid, mode, modified })?;
        let flags = RenameFlags::RENAME_NOREPLACE;
        match renameat2(&self.root.folder, &*partial, &folder, name, flags) {
            Err(Errno::EEXIST) => {
                self.clear()?;
                return Ok(false);
            }
            other => other.at("write", &path)?,
        }
        sync_folder(&folder).at("sync", &path)?;
        Ok(true)
    }

    /// Removes what a kill has left.
    pub fn clear(&self) -> Result<(), TargetError> {
        remove(&self.root, &PARTIAL.into())
    }

    /// The folder that the file belongs in, made where it is missing.
    fn folder_of(&self, below: &Path) -> Result<File, TargetError> {
        let mut walked = PathBuf::from(self.root.parent());
        let mut folder = self.root.folder.try_clone().at("open", &walked)?;
        for part in below.parent().into_iter().flat_map(Path::components) {
            let Component::Normal(part) = part else { continue };
            walked.push(part);
            match mkdirat(&folder, part, Mode::from_bits_truncate(FOLDER_MODE)) {
                Ok(()) => {
                    let made = step_into(&folder, part, &walked, OFlag::O_RDONLY)?;
                    let owner = made.metadata().at("look at", &walked)?;
                    if (owner.uid(), owner.gid()) != (self.uid, self.gid) {
                        fchown(made.as_fd(), Some(self.uid), Some(self.gid)).at("write", &walked)?;
                    }
                    sync_folder(&folder).at("sync", &walked)?;
                    folder = made;
                }
                Err(Errno::EEXIST) => folder = step_into(&folder, part, &walked, OFlag::O_RDONLY)?,
                Err(error) => return Err(error).at("write", &walked),
            }
        }
        Ok(folder)
    }
}

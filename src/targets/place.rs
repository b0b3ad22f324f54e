//! Where one file of the club's belongs: its folder, opened part by part so that no link is
//! followed whoever owns the parts, and its name in it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::libc;
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use nix::sys::statvfs::{FsFlags, fstatvfs};
use nix::unistd::{AccessFlags, faccessat};

use super::error::{At, TargetError};
use crate::store::sync_folder;

/// A folder, and a name in it.
#[derive(Debug)]
pub struct Place {
    pub(super) folder: File,
    pub(super) name: OsString,
    path: PathBuf,
}

/// What lies in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Bytes.
    pub size: u64,
    /// The file's number in its file system.
    pub(super) inode: u64,
}

impl Place {
    /// The place of this path, which is absolute.
    ///
    /// # Errors
    /// [`TargetError::NoFolder`], [`TargetError::Link`], [`TargetError::NotRegular`] where a
    /// part of the path is a file.
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(TargetError::NotRegular { path: path.to_owned() });
        };
        let mut walked = PathBuf::from("/");
        let mut folder = File::open("/").at("open", &walked)?;
        for part in parent.components() {
            let Component::Normal(part) = part else { continue };
            walked.push(part);
            folder = step_into(&folder, part, &walked, OFlag::O_PATH)?;
        }
        // Known by its place only so far; to be synced it has to be open.
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let folder = openat(&folder, ".", flags, Mode::empty()).at("open", parent)?.into();
        Ok(Self { folder, name: name.to_owned(), path: path.to_owned() })
    }

    /// The whole path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's path.
    pub fn parent(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    /// What lies there; none where nothing does.
    ///
    /// # Errors
    /// [`TargetError::Link`] and [`TargetError::NotRegular`] for anything but a regular file.
    pub fn look(&self) -> Result<Option<Present>, TargetError> {
        self.look_at(&self.name)
    }

    pub(super) fn look_at(&self, name: &OsStr) -> Result<Option<Present>, TargetError> {
        let found = match fstatat(&self.folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Err(Errno::ENOENT) => return Ok(None),
            other => other.at("look at", &self.path)?,
        };
        match kind(&found) {
            SFlag::S_IFREG => Ok(Some(Present::of(&found))),
            SFlag::S_IFLNK => Err(TargetError::Link { path: self.path.clone() }),
            _ => Err(TargetError::NotRegular { path: self.path.clone() }),
        }
    }

    /// Makes a file there where nothing is, for its user alone.
    pub fn create(&self) -> Result<File, TargetError> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        openat(&self.folder, &*self.name, flags, mode).map(File::from).at("write", &self.path)
    }

    /// Opens the file that lies there to read.
    pub fn open_file(&self) -> Result<File, TargetError> {
        self.read(&self.name)
    }

    /// Opens what lies there to read.
    pub(super) fn read(&self, name: &OsStr) -> Result<File, TargetError> {
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        openat(&self.folder, name, flags, Mode::empty()).map(File::from).at("read", &self.path)
    }

    /// Whether files can be made and replaced there, as far as can be known without doing it.
    ///
    /// # Errors
    /// [`TargetError::ReadOnly`], [`TargetError::Denied`], [`TargetError::DiskFull`] where less
    /// than `need_bytes` are free.
    pub fn check_writable(&self, need_bytes: u64) -> Result<(), TargetError> {
        let parent = self.parent();
        let system = fstatvfs(&self.folder).at("look at", parent)?;
        if system.flags().contains(FsFlags::ST_RDONLY) {
            return Err(TargetError::ReadOnly { path: parent.to_owned() });
        }
        let rights = AccessFlags::W_OK | AccessFlags::X_OK;
        faccessat(&self.folder, ".", rights, AtFlags::AT_EACCESS).at("write in", parent)?;
        let free_bytes = system.blocks_available() * system.fragment_size();
        if free_bytes < need_bytes {
            return Err(TargetError::DiskFull { path: parent.to_owned(), need_bytes, free_bytes });
        }
        Ok(())
    }

    /// Who owns the folder: user and group.
    pub fn folder_owner(&self) -> Result<(u32, u32), TargetError> {
        let found = self.folder.metadata().at("look at", self.parent())?;
        Ok((found.uid(), found.gid()))
    }

    /// Makes renames and deletions there survive a power cut.
    pub(super) fn sync(&self) -> Result<(), TargetError> {
        sync_folder(&self.folder).at("sync", self.parent())
    }
}

impl Present {
    fn of(found: &FileStat) -> Self {
        Self {
            uid: found.st_uid,
            gid: found.st_gid,
            mode: found.st_mode & 0o7777,
            size: u64::try_from(found.st_size).unwrap_or(0),
            inode: found.st_ino,
        }
    }
}

fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode & libc::S_IFMT)
}

/// Opens a folder in a folder, not through a link: to be read and synced, or (`O_PATH`) to be
/// gone through, which asks for no right to read it.
pub(super) fn step_into(folder: &File, part: &OsStr, walked: &Path, how: OFlag) -> Result<File, TargetError> {
    let flags = how | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let path = || walked.to_owned();
    match openat(folder, part, flags, Mode::empty()) {
        Ok(next) => Ok(next.into()),
        Err(Errno::ENOENT) => Err(TargetError::NoFolder { path: path() }),
        // A link is no directory when it is not followed.
        Err(Errno::ENOTDIR | Errno::ELOOP) => {
            let found = fstatat(folder, part, AtFlags::AT_SYMLINK_NOFOLLOW).at("look at", walked)?;
            let is_link = kind(&found) == SFlag::S_IFLNK;
            Err(if is_link {
                TargetError::Link { path: path() }
            } else {
                TargetError::NotRegular { path: path() }
            })
        }
        Err(error) => Err(error).at("open", walked),
    }
}

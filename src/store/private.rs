//! Secrets of the program's own, in `STATE/access`, which only the panel's user and root
//! may read. Others may write in the state directory: the folder is opened without
//! following a link, looked at, and held open for everything that is done in it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{Uid, UnlinkatFlags, unlinkat};

use super::error::{At, StoreError};
use super::{atomic, shared};

const FOLDER: &str = "access";
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// The folder of secrets.
#[derive(Debug)]
pub struct Private {
    folder: File,
    path: PathBuf,
}

impl Private {
    /// The folder in this state directory; none where there is none.
    ///
    /// # Errors
    /// [`StoreError::Denied`] also where it is another user's, who would learn the secrets.
    pub fn open(state: &Path) -> Result<Option<Self>, StoreError> {
        let path = state.join(FOLDER);
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW);
        let folder = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.at("read", &path)?,
        };
        let found = folder.metadata().at("read", &path)?;
        let me = Uid::effective();
        if found.uid() != me.as_raw() && !me.is_root() {
            return Err(StoreError::Denied { action: "use", path });
        }
        if found.mode() & 0o7777 != FOLDER_MODE {
            folder.set_permissions(Permissions::from_mode(FOLDER_MODE)).at("protect", &path)?;
        }
        Ok(Some(Self { folder, path }))
    }

    /// The same, made where it is not there.
    pub fn make(state: &Path) -> Result<Self, StoreError> {
        shared::make_folder(state).at("create", state)?;
        let path = state.join(FOLDER);
        match DirBuilder::new().mode(FOLDER_MODE).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).at("create", &path);
            }
            _ => {}
        }
        let opened = Self::open(state)?;
        opened.ok_or_else(|| StoreError::of("create", &path, io::ErrorKind::NotFound.into()))
    }

    /// The content of a file that is not longer than `most` bytes; none where there is none.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path.join(name);
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&self.folder, name, flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(None),
            opened => File::from(opened.at("read", &path)?),
        };
        if !file.metadata().at("read", &path)?.is_file() {
            return Err(StoreError::of("read", &path, io::ErrorKind::InvalidInput.into()));
        }
        let mut content = Vec::new();
        file.take(most).read_to_end(&mut content).at("read", &path)?;
        Ok(Some(content))
    }

    /// Puts `content` in the place of a file: after a power cut it is the old or the new.
    /// One writer at a time, so that what an earlier one left can be cleared away.
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let partial = format!("{}{name}{}", atomic::TEMPORARY_PREFIX, atomic::TEMPORARY_SUFFIX);
        self.folder.lock().at("lock", &self.path)?;
        let written = self.write(&partial, content).and_then(|()| {
            renameat(&self.folder, partial.as_str(), &self.folder, name)?;
            self.folder.sync_all()
        });
        self.folder.unlock().at("unlock", &self.path)?;
        written.at("write", &path)
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        match unlinkat(&self.folder, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(FILE_MODE);
        let mut file = File::from(openat(&self.folder, name, flags, mode)?);
        atomic::set_mode(&file, FILE_MODE)?;
        if Uid::effective().is_root() {
            // What root writes must be readable for the user whose folder it is.
            let owner = self.folder.metadata()?;
            fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        }
        file.write_all(content)?;
        file.sync_all()
    }
}

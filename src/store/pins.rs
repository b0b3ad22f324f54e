//! Pins: an empty file a pin in `STATE/pins`, so that there is nothing to misread.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::error::{At, StoreError};
use super::{Store, StoreLock, atomic};
use crate::model::ArchiveName;

pub(super) const FOLDER: &str = "pins";
const MODE: u32 = 0o660;

impl Store {
    /// Keeps the archive, whatever its age, until a person takes that back.
    pub fn pin(&self, name: &ArchiveName, held: &StoreLock) -> Result<(), StoreError> {
        self.put_pin(name)?;
        self.note_pinned_by_person(name, true, held)
    }

    /// Gives the archive back to retention.
    pub fn unpin(&self, name: &ArchiveName, held: &StoreLock) -> Result<(), StoreError> {
        self.take_pin(name)?;
        self.note_pinned_by_person(name, false, held)
    }

    pub(super) fn put_pin(&self, name: &ArchiveName) -> Result<(), StoreError> {
        self.find(name)?;
        let (folder, path) = self.pins_folder()?;
        let path = path.join(name.as_str());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let made = openat(&folder, name.as_str(), flags, Mode::from_bits_truncate(MODE));
        let file = File::from(made.at("write", &path)?);
        atomic::set_mode(&file, MODE).and_then(|()| file.sync_all()).at("write", &path)?;
        folder.sync_all().at("sync", &path)
    }

    pub(super) fn take_pin(&self, name: &ArchiveName) -> Result<(), StoreError> {
        self.find(name)?;
        let (folder, path) = self.pins_folder()?;
        match unlinkat(&folder, name.as_str(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => folder.sync_all().at("sync", &path),
            Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error).at("delete", &path.join(name.as_str())),
        }
    }

    /// The folder itself: whoever shares the state directory may have put a link in its
    /// place, and root must not follow it.
    fn pins_folder(&self) -> Result<(File, PathBuf), StoreError> {
        let path = self.state.join(FOLDER);
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW);
        Ok((options.open(&path).at("write", &path)?, path))
    }

    pub(super) fn is_pinned(&self, name: &ArchiveName) -> bool {
        self.state.join(FOLDER).join(name.as_str()).symlink_metadata().is_ok()
    }

    /// The names of all pins.
    pub(super) fn pins(&self) -> HashSet<String> {
        let entries = fs::read_dir(self.state.join(FOLDER)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

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
        self.find(name)?;
        self.put_pin(name)?;
        self.note_pinned_by_person(name, true, held)
    }

    /// Gives the archive back to retention.
    pub fn unpin(&self, name: &ArchiveName, held: &StoreLock) -> Result<(), StoreError> {
        self.find(name)?;
        // First what may fail without harm: "failed" is never said of a pin that is gone.
        self.note_pinned_by_person(name, false, held)?;
        self.take_pin(name)
    }

    /// Pins it, whether it can be seen now or is on a disk that is away.
    pub(super) fn put_pin(&self, name: &ArchiveName) -> Result<(), StoreError> {
        let (folder, path) = self.pins_folder()?;
        let path = path.join(name.as_str());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let made = openat(&folder, name.as_str(), flags, Mode::from_bits_truncate(MODE));
        let file = File::from(made.at("write", &path)?);
        atomic::set_mode(&file, MODE).and_then(|()| file.sync_all()).at("write", &path)?;
        atomic::sync_folder(&folder).at("sync", &path)
    }

    /// Takes the pin away, likewise.
    pub(super) fn take_pin(&self, name: &ArchiveName) -> Result<(), StoreError> {
        let (folder, path) = self.pins_folder()?;
        match unlinkat(&folder, name.as_str(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => atomic::sync_folder(&folder).at("sync", &path),
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

    /// Whether it is pinned.
    ///
    /// # Errors
    /// Where the disk does not say: what may be pinned must not be deleted.
    pub(super) fn is_pinned(&self, name: &ArchiveName) -> Result<bool, StoreError> {
        let path = self.state.join(FOLDER).join(name.as_str());
        match path.symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error) if atomic::is_nothing_of_ours(&error) => Ok(false),
            Err(error) => Err(error).at("read", &path),
        }
    }

    /// The names of all pins.
    ///
    /// # Errors
    /// As [`Store::is_pinned`].
    pub(super) fn pins(&self) -> Result<HashSet<String>, StoreError> {
        let folder = self.state.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if atomic::is_nothing_of_ours(&error) => return Ok(HashSet::new()),
            other => other.at("list", &folder)?,
        };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect::<Result<_, _>>().at("list", &folder)
    }

    /// The same for who only looks, and sees no pins where they cannot be read.
    pub(super) fn pins_to_look(&self) -> HashSet<String> {
        self.pins().unwrap_or_else(|error| {
            tracing::warn!(%error, "pins not read");
            HashSet::new()
        })
    }
}

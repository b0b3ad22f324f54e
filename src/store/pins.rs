//! Pins: an empty file a pin in `STATE/pins`, so that there is nothing to misread.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;

use super::error::{At, StoreError};
use super::{Store, StoreLock, atomic};
use crate::model::ArchiveName;

pub(super) const FOLDER: &str = "pins";
const MODE: u32 = 0o660;

impl Store {
    /// Keeps the archive, whatever its age, until it is unpinned.
    pub fn pin(&self, name: &ArchiveName, _held: &StoreLock) -> Result<(), StoreError> {
        self.find(name)?;
        let folder = self.state.join(FOLDER);
        let path = folder.join(name.as_str());
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(MODE).custom_flags(nix::libc::O_NOFOLLOW);
        let file = options.open(&path).at("write", &path)?;
        super::atomic::set_mode(&file, MODE).and_then(|()| file.sync_all()).at("write", &path)?;
        atomic::sync_directory(&folder)
    }

    /// Gives the archive back to retention.
    pub fn unpin(&self, name: &ArchiveName, _held: &StoreLock) -> Result<(), StoreError> {
        self.find(name)?;
        let folder = self.state.join(FOLDER);
        match fs::remove_file(folder.join(name.as_str())) {
            Ok(()) => atomic::sync_directory(&folder),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).at("delete", &folder.join(name.as_str())),
        }
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

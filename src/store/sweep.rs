//! What a killed run left behind is cleared away; nothing else ever is.

use std::fs;
use std::path::Path;

use super::error::{At, StoreError};
use super::{RunLock, Store, StoreLock, atomic};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Temporary files deleted.
    pub files: usize,
}

impl Store {
    /// Deletes our own temporary files. The two locks prove that no process of ours
    /// still writes one. Pins stay: an archive that is not there may be on a disk that
    /// is not plugged in.
    pub fn sweep(&self, _run: &RunLock, _held: &StoreLock) -> Result<Swept, StoreError> {
        let files = of_folder(&self.backups)? + of_folder(&self.state)?;
        Ok(Swept { files })
    }
}

/// Deletes our own temporary files in one folder, in which nobody writes now.
pub(super) fn of_folder(folder: &Path) -> Result<usize, StoreError> {
    let mut deleted = 0;
    for entry in fs::read_dir(folder).at("list", folder)? {
        let entry = entry.at("list", folder)?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| {
            name.starts_with(atomic::TEMPORARY_PREFIX) && name.ends_with(atomic::TEMPORARY_SUFFIX)
        });
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            fs::remove_file(entry.path()).at("delete", &entry.path())?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

//! What a killed run left behind is cleared away; nothing else ever is.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::{Builder, TempDir};

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

impl Store {
    /// A folder for this process alone, which is gone with it. No part of its path is a link
    /// when it is made.
    ///
    /// # Errors
    /// What the state directory's file system answers.
    pub fn scratch(&self) -> io::Result<TempDir> {
        let state = self.state.canonicalize()?;
        Builder::new().prefix(atomic::TEMPORARY_PREFIX).suffix(SCRATCH_SUFFIX).tempdir_in(state)
    }
}

/// Scratch folders are known by both ends of their names, as temporary files are.
const SCRATCH_SUFFIX: &str = ".scratch";

/// Deletes our own temporary files and scratch folders in one folder, in which nobody writes now.
pub(super) fn of_folder(folder: &Path) -> Result<usize, StoreError> {
    let mut deleted = 0;
    for entry in fs::read_dir(folder).at("list", folder)? {
        let entry = entry.at("list", folder)?;
        let name = entry.file_name();
        let ends_with = |suffix| {
            let name = name.to_str().filter(|name| name.starts_with(atomic::TEMPORARY_PREFIX));
            name.is_some_and(|name| name.ends_with(suffix))
        };
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() && ends_with(atomic::TEMPORARY_SUFFIX) {
            fs::remove_file(entry.path()).at("delete", &entry.path())?;
            deleted += 1;
        } else if kind.is_dir() && ends_with(SCRATCH_SUFFIX) {
            // Never through a link that takes its place meanwhile.
            fs::remove_dir_all(entry.path()).at("delete", &entry.path())?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

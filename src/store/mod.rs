//! The backup directory, and the only code that changes it.
//!
//! What the files say is the truth; the state directory remembers what would be
//! slow to ask again (the catalogue of proofs) and what no archive can say (pins,
//! the panel's settings, the last reading of the clock, locks). Foreign files are left alone and never
//! listed. Every change that matters goes through `draft` or `atomic`: written
//! beside, synced, renamed, directory synced. Uses: model, config, diff, verdict, archive.

mod atomic;
mod catalogue;
mod clock;
mod draft;
mod error;
mod import;
mod judge;
mod last_restore;
mod list;
mod lock;
mod log;
mod nights;
mod pins;
mod private;
mod prune;
pub mod retention;
mod schedule;
mod settings;
mod shared;
mod standing;
mod status;
mod sweep;
mod verify;
mod watched;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;

pub use atomic::{replace, sync_folder};
pub use draft::{Draft, Proven};
pub use error::StoreError;
pub use import::Import;
pub use lock::{RunLock, StoreLock};
pub use log::{LogEntry, LogPart};
pub use private::{Private, PrivateLock, Stamp};
pub use prune::Pruned;
pub use schedule::Schedule;
pub use shared::make_folder;
pub use standing::Standing;
pub use sweep::Swept;
pub use verify::Examined;
pub use watched::Changed;

use crate::config;
use error::At;

/// The archives and what is remembered of them.
#[derive(Clone, Debug)]
pub struct Store {
    backups: PathBuf,
    state: PathBuf,
    /// Where jobs tell how they go, in memory: what the card does not take is told there, too.
    memory: PathBuf,
    zone: TimeZone,
    /// Why the panel's settings are ignored, as far as that was told.
    told: Arc<Mutex<Option<String>>>,
}

impl Store {
    /// The store of these places. Makes the state directory; never the backup
    /// directory, whose absence may mean a disk that is not mounted.
    ///
    /// # Errors
    /// [`StoreError::NoDirectory`] where the backup directory is not one.
    pub fn open(paths: &config::Paths, zone: TimeZone) -> Result<Self, StoreError> {
        let store = Self::open_to_read(paths, zone)?;
        store.make_state()?;
        Ok(store)
    }

    /// Makes the state directory where it is not there. What is in it is no secret; the
    /// panel's group may write there.
    pub fn make_state(&self) -> Result<(), StoreError> {
        let pins = self.state.join(pins::FOLDER);
        for folder in [&self.state, &pins] {
            shared::make_folder(folder).at("create", folder)?;
        }
        Ok(())
    }

    /// The store for those who only look, or only say what they would do: makes nothing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_to_read(paths: &config::Paths, zone: TimeZone) -> Result<Self, StoreError> {
        let store = Self::of(paths, zone);
        store.check_directory()?;
        Ok(store)
    }

    /// The store of these places, whether they are there or not: each call says so.
    pub fn of(paths: &config::Paths, zone: TimeZone) -> Self {
        let config::Paths { backups, state, runtime } = paths.clone();
        Self { backups, state, memory: runtime.join("jobs"), zone, told: Arc::default() }
    }

    /// The backup directory, where spools may be made as well.
    pub fn directory(&self) -> &Path {
        &self.backups
    }

    /// The zone in which names and days are told.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn check_directory(&self) -> Result<(), StoreError> {
        match fs::metadata(&self.backups) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(StoreError::NoDirectory { path: self.backups.clone() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(StoreError::NoDirectory { path: self.backups.clone() })
            }
            Err(error) => Err(error).at("read", &self.backups),
        }
    }

    fn path(&self, name: &crate::model::ArchiveName) -> PathBuf {
        self.backups.join(name.as_str())
    }
}

#[cfg(test)]
mod tests;

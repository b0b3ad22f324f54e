//! Reads archives back and remembers what that has shown.

use std::fs::File;
use std::io::ErrorKind;

use super::catalogue::Record;
use super::error::{At, StoreError};
use super::{Store, atomic, draft};
use crate::archive::{self, Limits, ReadError, Visit};
use crate::model::{ArchiveName, Rehearsal, Verification};

/// What reading an archive has shown.
#[derive(Debug)]
pub struct Examined(pub(super) Record);

impl Examined {
    /// What it is worth.
    pub fn verification(&self) -> &Verification {
        &self.0.verification
    }
}

impl Store {
    /// Opens an archive for reading; nothing but a regular file of this directory.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn open_archive(&self, name: &ArchiveName) -> Result<File, StoreError> {
        self.find(name)?;
        let path = self.path(name);
        match atomic::open(&path) {
            // Between the look and the opening it may have gone, or become something else.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
                Err(StoreError::NotFound { name: name.clone() })
            }
            other => other.at("read", &path),
        }
    }

    /// Remembers what reading an archive has shown.
    pub fn note_examined(
        &self,
        name: &ArchiveName,
        examined: Examined,
        rehearsal: Option<Rehearsal>,
    ) -> Result<(), StoreError> {
        let record = Record { rehearsal, ..examined.0 };
        let held = self.lock()?;
        self.change_catalogue(&held, |catalogue| catalogue.note_again(name.clone(), record))
    }

    /// Reads the archive from its first byte to its last, showing each member to `visit`, and
    /// remembers nothing.
    ///
    /// # Errors
    /// Where the disk fails, which says nothing about the archive.
    pub fn examine(&self, name: &ArchiveName, visit: &mut dyn Visit) -> Result<Examined, StoreError> {
        let path = self.path(name);
        let file = self.open_archive(name)?;
        let found = file.metadata().at("read", &path)?;
        let record = match archive::read(&file, Limits::STORED, visit) {
            Ok(back) => draft::record_of(&found, &back),
            Err(ReadError::Io(error)) => return Err(StoreError::of("read", &path, error)),
            Err(ReadError::Damaged(damage)) => Record {
                bytes: found.len(),
                modified: super::list::modified(&found),
                verification: Verification::Damaged { reason: damage.sentence() },
                sequence: None,
                created: None,
                clock_trusted: true,
                rehearsal: None,
            },
        };
        Ok(Examined(record))
    }

    /// The archives that were never read, or have changed since.
    pub fn unverified(&self) -> Result<Vec<ArchiveName>, StoreError> {
        let list = self.list()?.into_iter();
        Ok(list.filter(|a| a.verification == Verification::Unverified).map(|a| a.name).collect())
    }
}

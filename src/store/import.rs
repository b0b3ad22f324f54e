//! An archive that comes from elsewhere: written beside the others, read to its end, and
//! published under the name that it gives itself, never in the place of another.

use std::io::{BufReader, Write};

use tempfile::NamedTempFile;

use super::draft::{ARCHIVE_MODE, Proven, read_back};
use super::error::{At, StoreError};
use super::{Store, atomic};
use crate::archive::{Limits, ReadError, Visit};
use crate::diff::same_bytes;
use crate::model::ArchiveName;

/// Bytes after which the card's free space is looked at again (4 MiB).
const LOOK_AGAIN: u64 = 4 << 20;

/// A file that an archive is copied into; gone when dropped.
#[derive(Debug)]
pub struct Import {
    file: NamedTempFile,
    store: Store,
    bytes: u64,
    checked: u64,
}

impl Store {
    /// Begins an archive of about so many bytes.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] where there is no room for it.
    pub fn import(&self, bytes: u64) -> Result<Import, StoreError> {
        self.check_directory()?;
        self.check_space(bytes)?;
        let file = atomic::temporary(&self.backups, ARCHIVE_MODE)?;
        Ok(Import { file, store: self.clone(), bytes: 0, checked: 0 })
    }
}

impl Import {
    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes in the next piece.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] before the card is.
    pub fn write(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        let length = piece.len() as u64;
        if self.bytes + length > self.checked {
            self.store.check_space(length + LOOK_AGAIN)?;
            self.checked = self.bytes + length + LOOK_AGAIN;
        }
        self.file.as_file_mut().write_all(piece).at("write", self.file.path())?;
        self.bytes += length;
        Ok(())
    }

    /// Syncs it and reads it back from the card as one that may be hostile, showing each
    /// member to `visit`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] says which rule it breaks. The file is gone then.
    pub fn prove(self, visit: &mut dyn Visit) -> Result<Proven, StoreError> {
        let Self { file, bytes, .. } = self;
        match read_back(&file, Limits::foreign(bytes), visit)? {
            Ok(back) => {
                let name: Result<ArchiveName, _> = format!("{}.tar.gz", back.folder).parse();
                let name = name.expect("the reader lets no other folder pass");
                Ok(Proven { file, name, back })
            }
            Err(ReadError::Io(error)) => Err(error).at("read back", file.path()),
            Err(ReadError::Damaged(damage)) => Err(StoreError::Refused { damage }),
        }
    }
}

impl Proven {
    /// The name that it will have.
    pub fn name(&self) -> &ArchiveName {
        &self.name
    }

    /// Whether the archive of this name in the store is the same to the last byte.
    pub fn is_there(&self, store: &Store) -> bool {
        let same = || -> Result<bool, StoreError> {
            let there = store.open_archive(&self.name)?;
            let mine = self.file.reopen().at("read", self.file.path())?;
            same_bytes(&mut BufReader::new(mine), &mut BufReader::new(there)).at("compare", self.file.path())
        };
        same().unwrap_or(false)
    }

    /// Whether it has a manifest that it was held against.
    pub fn has_manifest(&self) -> bool {
        self.back.manifest.is_some()
    }
}

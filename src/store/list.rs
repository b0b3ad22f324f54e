//! The list of archives, newest first: what lies in the directory, joined with
//! what is remembered of it.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use jiff::{Timestamp, tz::TimeZone};

use super::Store;
use super::catalogue::Catalogue;
use super::error::{At, StoreError};
use crate::model::{ArchiveInfo, ArchiveName, Verification, time};

impl Store {
    /// Every archive, newest first. What is remembered of them may be missing: a state directory
    /// that fails hides no archive.
    pub fn list(&self) -> Result<Vec<ArchiveInfo>, StoreError> {
        self.list_by(&self.catalogue_to_look(), &self.pins_to_look())
    }

    /// The same by what is known in this catalogue, and these pins.
    pub(super) fn list_by(
        &self,
        known: &Catalogue,
        pins: &HashSet<String>,
    ) -> Result<Vec<ArchiveInfo>, StoreError> {
        self.check_directory()?;
        let mut archives = Vec::new();
        for entry in fs::read_dir(&self.backups).at("list", &self.backups)? {
            let entry = entry.at("list", &self.backups)?;
            let name = entry.file_name().to_str().and_then(|name| name.parse::<ArchiveName>().ok());
            let Some(name) = name else { continue };
            let found = match entry.metadata() {
                Ok(found) => found,
                // Deleted since the directory was read: then it is not there.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                // One that the card has lost must not hide all others.
                Err(error) => {
                    tracing::warn!(archive = %name, %error, "archive not listed");
                    continue;
                }
            };
            if found.is_file() {
                let pinned = pins.contains(name.as_str());
                archives.push(self.describe(name, &found, pinned, known));
            }
        }
        Ok(newest_first(archives))
    }

    /// One archive. Its pin may be unknown, as in [`Store::list`]: who deletes asks for it himself.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn find(&self, name: &ArchiveName) -> Result<ArchiveInfo, StoreError> {
        self.check_directory()?;
        match self.path(name).symlink_metadata() {
            Ok(found) if found.is_file() => {
                let pinned = self.is_pinned(name).unwrap_or_else(|error| {
                    tracing::warn!(%error, "pin not read");
                    false
                });
                Ok(self.describe(name.clone(), &found, pinned, &self.catalogue_to_look()))
            }
            Ok(_) => Err(StoreError::NotFound { name: name.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(StoreError::NotFound { name: name.clone() })
            }
            Err(error) => Err(error).at("read", &self.path(name)),
        }
    }

    fn describe(&self, name: ArchiveName, found: &Metadata, pinned: bool, known: &Catalogue) -> ArchiveInfo {
        describe(name, found.len(), modified(found), pinned, known, &self.zone)
    }
}

/// The archive by its file, and by what is known of that.
pub(super) fn describe(
    name: ArchiveName,
    bytes: u64,
    modified: Timestamp,
    pinned: bool,
    known: &Catalogue,
    zone: &TimeZone,
) -> ArchiveInfo {
    let record = known.of(&name, bytes, modified);
    let by_name = || name.local().and_then(|local| local.to_zoned(zone.clone()).ok());
    let created = record
        .and_then(|record| record.created)
        .or_else(|| by_name().map(|zoned| zoned.timestamp()))
        .unwrap_or(modified);
    ArchiveInfo {
        bytes,
        modified,
        created,
        sequence: record.and_then(|record| record.sequence),
        clock_trusted: record.is_none_or(|record| record.clock_trusted),
        rehearsal: record.and_then(|record| record.rehearsal.clone()),
        verification: record.map_or(Verification::Unverified, |record| record.verification.clone()),
        pinned,
        name,
    }
}

pub(super) fn modified(found: &Metadata) -> Timestamp {
    time::from_unix(found.mtime(), found.mtime_nsec())
}

/// Those with a sequence number stand in its order, whatever their times say; each
/// of the others stands beside them by its time.
pub(super) fn newest_first(archives: Vec<ArchiveInfo>) -> Vec<ArchiveInfo> {
    let (mut numbered, mut others): (Vec<_>, Vec<_>) =
        archives.into_iter().partition(|archive| archive.sequence.is_some());
    // Oldest first here, so that the newest can be popped off the ends.
    numbered.sort_by(|a, b| (a.sequence, a.created, &a.name).cmp(&(b.sequence, b.created, &b.name)));
    others.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
    let mut list = Vec::with_capacity(numbered.len() + others.len());
    loop {
        let other_is_newer = match (numbered.last(), others.last()) {
            (Some(numbered), Some(other)) => other.created > numbered.created,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        match if other_is_newer { others.pop() } else { numbered.pop() } {
            Some(next) => list.push(next),
            None => return list,
        }
    }
}

//! `catalogue.json` in the state directory: what reading each archive has shown.
//!
//! Everything in it can be made again from the archives, so a catalogue that is
//! missing or broken costs time and nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::{Store, StoreLock, atomic};
use crate::model::{ArchiveName, Rehearsal, Verification};

pub(super) const NAME: &str = "catalogue.json";
/// Names, sizes and proofs are no secrets, and `check` is run by monitoring's user.
const MODE: u32 = 0o644;
/// Room for 100,000 archives.
const LARGEST_BYTES: u64 = 64 << 20;

/// A number that is so far ahead is no box's, and counts as none: else what somebody made up would
/// leave no numbers to continue with.
const LEAP: u64 = 1 << 32;

/// The proofs by archive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Catalogue {
    /// The number for the next archive that is made here; 0 in a catalogue that was begun
    /// anew, until all archives that are there have been read.
    #[serde(default)]
    pub(super) next_sequence: u64,
    #[serde(default)]
    pub(super) archives: BTreeMap<ArchiveName, Record>,
}

/// What one archive was found to be, and the file that was read to find it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) bytes: u64,
    pub(super) modified: Timestamp,
    pub(super) verification: Verification,
    /// From the manifest; none in an archive without.
    pub(super) sequence: Option<u64>,
    pub(super) created: Option<Timestamp>,
    pub(super) clock_trusted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rehearsal: Option<Rehearsal>,
}

impl Catalogue {
    /// The record of this very file: another size or time, and it must be read again.
    pub(super) fn of(&self, name: &ArchiveName, bytes: u64, modified: Timestamp) -> Option<&Record> {
        self.archives.get(name).filter(|record| record.bytes == bytes && record.modified == modified)
    }

    /// Notes a proof. Numbers only grow, even past those of archives from elsewhere.
    pub(super) fn note(&mut self, name: ArchiveName, mut record: Record) {
        record.sequence = record.sequence.filter(|number| *number <= self.next_sequence.saturating_add(LEAP));
        let (sequence, file) = (record.sequence, (record.bytes, record.modified));
        let before = self.archives.insert(name, record);
        if before.is_none_or(|before| (before.bytes, before.modified) != file) {
            self.skip_number();
        }
        if self.next_sequence > 0 {
            let after = sequence.map_or(0, |sequence| sequence.saturating_add(1));
            self.next_sequence = self.next_sequence.max(after);
        }
    }

    /// The place that was left for an archive that nobody had read is not given again.
    fn skip_number(&mut self) {
        if self.next_sequence > 0 {
            self.next_sequence = self.next_sequence.saturating_add(1);
        }
    }

    /// Notes what a later reading has shown.
    pub(super) fn note_again(&mut self, name: ArchiveName, mut record: Record) {
        // An archive that was good keeps its place in the order when it decays, and its age: its
        // name may be by a clock that was wrong.
        if let Some(known) = self.archives.get(&name) {
            record.sequence = record.sequence.or(known.sequence);
            if matches!(record.verification, Verification::Damaged { .. }) {
                (record.created, record.clock_trusted) = (known.created, known.clock_trusted);
            }
        }
        self.note(name, record);
    }

    /// Forgets an archive that was deleted, whether anybody has read it or not.
    pub(super) fn forget(&mut self, name: &ArchiveName) {
        self.archives.remove(name);
        self.skip_number();
    }

    /// From here on numbers continue behind all that are known.
    pub(super) fn settle_numbers(&mut self) {
        self.next_sequence = self.after_all();
    }

    /// The first number that none of the archives has had.
    fn after_all(&self) -> u64 {
        let last = self.archives.values().filter_map(|record| record.sequence).max();
        self.next_sequence.max(last.unwrap_or(0).saturating_add(1))
    }

    /// The place in the order of making that the next archive takes, where so many are there
    /// that nobody has read.
    ///
    /// One whose run was killed before it noted it has taken a place that is not known yet, so
    /// each of them is left room for.
    pub(super) fn next(&self, unread: usize) -> u64 {
        self.after_all().saturating_add(unread as u64)
    }
}

impl Store {
    pub(super) fn catalogue(&self) -> Catalogue {
        let path = self.state.join(NAME);
        let Ok(text) = atomic::read(&path, LARGEST_BYTES) else { return Catalogue::default() };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "catalogue unreadable, made again");
            Catalogue::default()
        })
    }

    /// Whether the archives are numbered by all that are there: not where the catalogue was
    /// lost and has been begun anew since.
    pub fn knows_numbers(&self) -> bool {
        self.catalogue().next_sequence > 0
    }

    /// Notes that all archives have been read, so that numbers continue behind theirs.
    pub fn settle_numbers(&self, held: &StoreLock) -> Result<(), StoreError> {
        self.change_catalogue(held, Catalogue::settle_numbers)
    }

    /// Changes the catalogue; the lock proves that nobody else does.
    pub(super) fn change_catalogue(
        &self,
        _held: &StoreLock,
        change: impl FnOnce(&mut Catalogue),
    ) -> Result<(), StoreError> {
        let before = self.catalogue();
        let mut after = before.clone();
        change(&mut after);
        // What was deleted behind our back need not be remembered.
        after.archives.retain(|name, _| match self.path(name).symlink_metadata() {
            Ok(_) => true,
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        });
        if after == before {
            return Ok(());
        }
        let text = serde_json::to_vec(&after).expect("names and numbers are JSON");
        atomic::replace(&self.state.join(NAME), &text, MODE)
    }

    /// The place in the order of making that the next archive takes.
    pub fn next_sequence(&self) -> Result<u64, StoreError> {
        Ok(self.catalogue().next(self.unverified()?.len()))
    }
}

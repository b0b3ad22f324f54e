//! `catalogue.json` in the state directory: what reading each archive has shown.
//!
//! Everything in it can be made again from the archives, so a catalogue that is
//! missing or broken costs time and nothing else.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{At, StoreError};
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

/// Numbers that are left out for archives that could not be read when a lost catalogue was made
/// again: more than a box makes, and far less than a [`LEAP`].
const GAP: u64 = 1 << 20;

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
        let after = record.sequence.map_or(0, |sequence| sequence.saturating_add(1));
        if self.next_sequence > 0 {
            self.next_sequence = self.next_sequence.max(after);
        }
        self.archives.insert(name, record);
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

    /// From here on numbers continue behind all that are known, and behind those that archives may
    /// have which the disk did not give.
    pub(super) fn settle_numbers(&mut self, all_are_read: bool) {
        self.next_sequence = self.after_all().saturating_add(if all_are_read { 0 } else { GAP });
    }

    /// The first number that none of the archives has had.
    fn after_all(&self) -> u64 {
        let last = self.archives.values().filter_map(|record| record.sequence).max();
        self.next_sequence.max(last.unwrap_or(0).saturating_add(1))
    }

    /// Takes the next number, which is given to nobody else from here on.
    pub(super) fn take(&mut self) -> u64 {
        let number = self.after_all();
        self.next_sequence = number.saturating_add(1);
        number
    }
}

impl Store {
    /// What is remembered; nothing where no catalogue is there, or a broken one.
    ///
    /// # Errors
    /// Where the disk does not give it: who would number or delete by an empty one gives a
    /// number twice, or forgets what is known of all others.
    pub(super) fn catalogue(&self) -> Result<Catalogue, StoreError> {
        let path = self.state.join(NAME);
        let Some(text) = atomic::read_if_any(&path, LARGEST_BYTES)? else { return Ok(Catalogue::default()) };
        Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "catalogue unreadable, made again");
            Catalogue::default()
        }))
    }

    /// The same for who only looks, and sees archives that nobody has read where it fails.
    pub(super) fn catalogue_to_look(&self) -> Catalogue {
        self.catalogue().unwrap_or_else(|error| {
            tracing::warn!(%error, "catalogue not read");
            Catalogue::default()
        })
    }

    /// Whether the archives are numbered by all that are there: not where the catalogue was
    /// lost and has been begun anew since.
    ///
    /// One that the disk does not give any more is thrown away, so that it is made again. What it
    /// knew of archives that have decayed since is lost with it, so one failure is not enough.
    pub fn knows_numbers(&self, _held: &StoreLock) -> Result<bool, StoreError> {
        let path = self.state.join(NAME);
        match self.catalogue().or_else(|_| self.catalogue()) {
            Ok(catalogue) => Ok(catalogue.next_sequence > 0),
            Err(_) => fs::remove_file(&path).at("delete", &path).map(|()| false),
        }
    }

    /// Notes that the archives have been read, as far as the disk gave them, so that numbers
    /// continue behind theirs.
    pub fn settle_numbers(&self, held: &StoreLock) -> Result<(), StoreError> {
        let all_are_read = self.unverified()?.is_empty();
        self.change_catalogue(held, |catalogue| catalogue.settle_numbers(all_are_read))
    }

    /// Changes the catalogue; the lock proves that nobody else does.
    pub(super) fn change_catalogue(
        &self,
        _held: &StoreLock,
        change: impl FnOnce(&mut Catalogue),
    ) -> Result<(), StoreError> {
        let before = self.catalogue()?;
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

    /// Takes the next place in the order of making. It is noted as taken before an archive has it,
    /// so that one which is published and not noted any more keeps it for itself.
    ///
    /// # Errors
    /// Where the catalogue cannot be read or written: no number is given twice.
    pub fn take_sequence(&self, held: &StoreLock) -> Result<u64, StoreError> {
        let mut number = 0;
        self.change_catalogue(held, |catalogue| number = catalogue.take())?;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{archive_name, sentence, timestamp, written_and_read};

    fn record() -> impl Strategy<Value = Record> {
        let verification = prop_oneof![
            Just(Verification::Verified),
            Just(Verification::Readable),
            sentence().prop_map(|reason| Verification::Damaged { reason }),
            Just(Verification::Unverified),
        ];
        let rehearsal =
            prop_oneof![Just(Rehearsal::Proven), sentence().prop_map(|reason| Rehearsal::Failed { reason })];
        let file = (any::<u64>(), timestamp(), verification);
        (file, any::<(Option<u64>, bool)>(), option::of(timestamp()), option::of(rehearsal)).prop_map(
            |((bytes, modified, verification), (sequence, clock_trusted), created, rehearsal)| Record {
                bytes,
                modified,
                verification,
                sequence,
                created,
                clock_trusted,
                rehearsal,
            },
        )
    }

    proptest! {
        #[test]
        fn a_catalogue_is_read_as_it_was_written(
            archives in btree_map(archive_name(), record(), 0..4), next_sequence: u64
        ) {
            let catalogue = Catalogue { next_sequence, archives };
            prop_assert_eq!(written_and_read(&catalogue), catalogue);
        }
    }
}

//! Deleting: one archive that a person names, or those that retention lets go.

use std::fs;

use jiff::Timestamp;

use super::error::{At, StoreError};
use super::retention::{self, Verdict};
use super::{Store, StoreLock, atomic};
use crate::archive::Proof;
use crate::config::Retention;
use crate::model::ArchiveName;

/// What a prune did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Every archive with its verdict, newest first.
    pub verdicts: Vec<Verdict>,
    /// How many were deleted.
    pub deleted: usize,
    /// Their bytes.
    pub freed_bytes: u64,
}

impl Store {
    /// What [`Store::prune`] would do now, after all that is unread has been read. It is
    /// read here as well, but not remembered: a plan changes nothing.
    pub fn plan_prune(&self, policy: &Retention, now: Timestamp) -> Result<Vec<Verdict>, StoreError> {
        let mut known = self.catalogue()?;
        for name in self.unverified()? {
            match self.examine(&name, &mut Proof) {
                Ok(examined) => known.note(name, examined.0),
                // As in a prune, what cannot be read stays unknown, and is kept.
                Err(error) => tracing::warn!(archive = %name, %error, "archive not read back"),
            }
        }
        Ok(retention::decide(&self.list_by(&known, &self.pins()?)?, policy, now, &self.zone))
    }

    /// Deletes what retention no longer keeps, oldest first. The caller has seen to
    /// it that the clock can be trusted.
    pub fn prune(&self, policy: &Retention, now: Timestamp, held: &StoreLock) -> Result<Pruned, StoreError> {
        // Not by the list of those who look: what cannot be read there may be what keeps an archive.
        let list = self.list_by(&self.catalogue()?, &self.pins()?)?;
        let verdicts = retention::decide(&list, policy, now, &self.zone);
        let mut pruned = Pruned { verdicts, ..Pruned::default() };
        for verdict in pruned.verdicts.iter().rev().filter(|verdict| !verdict.keeps()) {
            let path = self.path(&verdict.name);
            fs::remove_file(&path).at("delete", &path)?;
            pruned.deleted += 1;
            pruned.freed_bytes += verdict.bytes;
        }
        if pruned.deleted > 0 {
            atomic::sync_directory(&self.backups)?;
            self.change_catalogue(held, |_| ())?;
        }
        Ok(pruned)
    }

    /// Deletes one archive because a person said so.
    ///
    /// # Errors
    /// [`StoreError::Pinned`]: a pin is a promise, taken back first.
    pub fn delete(&self, name: &ArchiveName, held: &StoreLock) -> Result<(), StoreError> {
        self.find(name)?;
        if self.is_pinned(name)? {
            return Err(StoreError::Pinned { name: name.clone() });
        }
        let path = self.path(name);
        fs::remove_file(&path).at("delete", &path)?;
        atomic::sync_directory(&self.backups)?;
        self.change_catalogue(held, |_| ())
    }
}

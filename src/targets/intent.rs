//! The note of what a restore is about to do, in a folder that is its user's alone: whoever
//! finds one at a start goes back to what was there before.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::TargetError;
use crate::model::{ArchiveName, JobId};
use crate::store::{Private, PrivateLock};

const NAME: &str = "intent.json";
/// Bytes; an entry has about 150.
const LARGEST: u64 = 1 << 20;

/// What a restore is about to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The restore.
    pub job: JobId,
    /// How far it is.
    pub phase: Phase,
    /// What is put back.
    pub archive: ArchiveName,
    /// The copy of what was there before.
    pub safety: ArchiveName,
    /// Whether this takes back a restore.
    pub undo: bool,
    /// The files.
    pub entries: Vec<Entry>,
}

/// How far a restore is. Only what is `Done` stays after a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// New contents are written beside the old ones.
    Prepare,
    /// Files are being replaced.
    Apply,
    /// All are replaced; services are started anew and looked at.
    Check,
    /// All is well.
    Done,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it lies.
    pub path: PathBuf,
    /// Whether there was one before.
    pub had: bool,
    /// Whether there is one after.
    pub puts: bool,
    /// The new file's number in its file system, once it is written.
    pub inode: u64,
}

/// Where the note is kept.
#[derive(Clone, Debug)]
pub struct Intents(Private);

impl Intents {
    /// The notes of this state directory.
    pub fn of(state: &Path) -> Self {
        Self(Private::of_restore(state))
    }

    /// Makes the folder, clears away what a kill left half written in it, and takes its lock.
    pub(super) fn hold(&self) -> Result<PrivateLock, TargetError> {
        self.0.make()?;
        self.0.sweep()?;
        Ok(self.0.lock()?)
    }

    /// The note; none where nothing was begun.
    ///
    /// # Errors
    /// [`TargetError::BadIntent`]: what is not understood is not thrown away.
    pub fn read(&self) -> Result<Option<Intent>, TargetError> {
        let Some(text) = self.0.read(NAME, LARGEST)? else { return Ok(None) };
        let bad = |_| TargetError::BadIntent { path: self.0.path().join(NAME) };
        serde_json::from_slice(&text).map(Some).map_err(bad)
    }

    pub(super) fn write(&self, intent: &Intent, held: &PrivateLock) -> Result<(), TargetError> {
        let text = serde_json::to_vec(intent).expect("paths of a configuration are text");
        Ok(self.0.replace(NAME, &text, held)?)
    }

    pub(super) fn clear(&self, held: &PrivateLock) -> Result<(), TargetError> {
        Ok(self.0.remove(NAME, held)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{archive_name, job_id, text, written_and_read};

    fn intent() -> impl Strategy<Value = Intent> {
        let phase = proptest::sample::select(vec![Phase::Prepare, Phase::Apply, Phase::Check, Phase::Done]);
        let entry = (text(), any::<(bool, bool, u64)>()).prop_map(|(path, (had, puts, inode))| Entry {
            path: path.into(),
            had,
            puts,
            inode,
        });
        (job_id(), phase, archive_name(), archive_name(), any::<bool>(), vec(entry, 0..4)).prop_map(
            |(job, phase, archive, safety, undo, entries)| Intent {
                job,
                phase,
                archive,
                safety,
                undo,
                entries,
            },
        )
    }

    proptest! {
        #[test]
        fn an_intent_is_read_as_it_was_written(intent in intent()) {
            prop_assert_eq!(written_and_read(&intent), intent);
        }
    }
}

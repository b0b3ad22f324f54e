//! What is known of one archive in the store.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArchiveName, Rehearsal, Sentence};

/// What reading an archive back has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Verification {
    /// Every member agrees with the manifest.
    Verified,
    /// Readable to its last byte, but made without a manifest to compare with.
    Readable,
    /// It cannot be restored as a whole.
    Damaged {
        /// What is wrong.
        reason: Sentence,
    },
    /// Not read yet, or changed since.
    Unverified,
}

impl Verification {
    /// Whether the archive counts for the floor of retention.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Verified | Self::Readable)
    }

    /// The state's name in JSON and in catalogue keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Readable => "readable",
            Self::Damaged { .. } => "damaged",
            Self::Unverified => "unverified",
        }
    }
}

/// One archive, as the list shows it and as retention judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveInfo {
    /// Its name.
    pub name: ArchiveName,
    /// The file's size.
    pub bytes: u64,
    /// The file's last modification.
    pub modified: Timestamp,
    /// When it was made: by its manifest, else by the file's modification time.
    pub created: Timestamp,
    /// Its place in the order of making, where its manifest says one.
    pub sequence: Option<u64>,
    /// Whether the clock could be believed when it was made.
    pub clock_trusted: bool,
    /// What reading it back has shown.
    pub verification: Verification,
    /// Whether it was put back into a scratch folder, and what came of it; none where
    /// nobody has tried.
    pub rehearsal: Option<Rehearsal>,
    /// Whether a person asked to keep it.
    pub pinned: bool,
}

impl AsRef<Self> for ArchiveInfo {
    fn as_ref(&self) -> &Self {
        self
    }
}

#[cfg(test)]
impl ArchiveInfo {
    /// One for tests, made then under a clock that could be trusted.
    pub(crate) fn made(created: Timestamp, verification: Verification) -> Self {
        Self {
            name: ArchiveName::at(created.to_zoned(jiff::tz::TimeZone::UTC).datetime()),
            bytes: 1,
            modified: created,
            created,
            sequence: None,
            clock_trusted: true,
            verification,
            rehearsal: None,
            pinned: false,
        }
    }
}

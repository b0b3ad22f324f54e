//! Why an archive stays or goes, as programs and people read it.

use jiff::Timestamp;
use serde::Serialize;

use super::{ArchiveInfo, Sentence, time};

/// The judgement of one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whether it stays.
    pub stays: bool,
    /// The rule's name in JSON.
    pub reason: &'static str,
    /// The rule, and until when where that can be told.
    pub sentence: Sentence,
    /// From when age alone no longer keeps it; none where no date can be told.
    pub until: Option<Timestamp>,
}

/// An archive and why it stays or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The archive.
    pub archive: ArchiveInfo,
    /// Its judgement.
    pub kept: Kept,
}

impl AsRef<ArchiveInfo> for Judged {
    fn as_ref(&self) -> &ArchiveInfo {
        &self.archive
    }
}

/// The same in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptView {
    reason: &'static str,
    sentence: String,
    until: Option<String>,
}

impl KeptView {
    /// The judgement, its sentence said by `say`.
    pub fn of(kept: &Kept, say: impl Fn(&Sentence) -> String) -> Self {
        Self { reason: kept.reason, sentence: say(&kept.sentence), until: kept.until.map(time::rfc3339_utc) }
    }
}

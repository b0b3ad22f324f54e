//! One archive as programs read it: the API's list and `--json`.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{
    ArchiveInfo, ArchiveName, Kept, KeptView, Rehearsal, Sentence, Verification, size_in_words, time,
};

/// The contract's keys, then what this program adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveView {
    /// Its name.
    pub name: ArchiveName,
    /// "1.2 MB".
    pub size: String,
    /// Bytes.
    pub size_bytes: u64,
    /// When it was made: `2024-12-18 03:00:00`, local.
    pub date: String,
    /// The same in UTC: RFC 3339 with milliseconds and `Z`.
    pub created: String,
    /// "2 jours".
    pub age: String,
    /// `verified`, `readable`, `damaged` or `unverified`.
    pub verification: &'static str,
    /// What is wrong with a damaged one.
    pub problem: Option<String>,
    /// `proven` or `failed`: whether it could be put back into a scratch folder; null where
    /// nobody has tried.
    pub rehearsal: Option<&'static str>,
    /// Why it could not.
    pub rehearsal_problem: Option<String>,
    /// Whether a person asked to keep it.
    pub pinned: bool,
    /// Its place in the order of making.
    pub sequence: Option<u64>,
    /// Why it stays or goes.
    pub kept: KeptView,
}

impl ArchiveView {
    /// The view at this moment, its age said by `say`.
    pub fn of(
        archive: &ArchiveInfo,
        kept: &Kept,
        now: Timestamp,
        zone: &TimeZone,
        say: impl Fn(&Sentence) -> String,
    ) -> Self {
        let days = now.duration_since(archive.created).as_hours().max(0) / 24;
        let age = Sentence::new(if days == 1 { "age.one_day" } else { "age.days" }).with("days", days);
        let problem = match &archive.verification {
            Verification::Damaged { reason } => Some(say(reason)),
            Verification::Verified | Verification::Readable | Verification::Unverified => None,
        };
        let rehearsal_problem = match &archive.rehearsal {
            Some(Rehearsal::Failed { reason }) => Some(say(reason)),
            Some(Rehearsal::Proven) | None => None,
        };
        Self {
            name: archive.name.clone(),
            size: size_in_words(archive.bytes),
            size_bytes: archive.bytes,
            date: time::local_for_people(&archive.created.to_zoned(zone.clone())),
            created: time::rfc3339_utc_millis(archive.created),
            age: say(&age),
            verification: archive.verification.code(),
            problem,
            rehearsal: archive.rehearsal.as_ref().map(Rehearsal::code),
            rehearsal_problem,
            pinned: archive.pinned,
            sequence: archive.sequence,
            kept: KeptView::of(kept, say),
        }
    }
}

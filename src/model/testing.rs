//! Any values of these nouns, for the tests of all rooms.

use jiff::Timestamp;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ArchiveName, Gap, JobId, JobKind, Sentence};

/// Any text, control characters, quotes and brackets included.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "\\PC{0,12}", ".{0,12}", "[\"\\\\\u{0}-\u{1f}{}/]{0,6}"]
}

/// Text or none.
pub(crate) fn maybe_text() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

/// Any time that there is, to the nanosecond.
pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_nanosecond(), Timestamp::MAX.as_nanosecond());
    prop_oneof![
        (first..=last).prop_map(|nanosecond| Timestamp::from_nanosecond(nanosecond).expect("within bounds")),
        (0..4_000_000_000_i64).prop_map(|second| Timestamp::from_second(second).expect("within bounds")),
    ]
}

/// Any name of an archive.
pub(crate) fn archive_name() -> impl Strategy<Value = ArchiveName> {
    "backup-[0-9]{8}-[0-9]{6}\\.tar\\.gz".prop_map(|name| name.parse().expect("of the form"))
}

/// Any id of a job.
pub(crate) fn job_id() -> impl Strategy<Value = JobId> {
    let kind = prop_oneof![
        Just(JobKind::Backup),
        Just(JobKind::Verify),
        Just(JobKind::Restore),
        Just(JobKind::Preview)
    ];
    (kind, timestamp(), any::<u32>()).prop_map(|(kind, now, chance)| JobId::new(kind, now, chance))
}

/// Any sentence, with others in its gaps.
pub(crate) fn sentence() -> impl Strategy<Value = Sentence> {
    let plain = text().prop_map(|key| Sentence { key, args: [].into() });
    plain.prop_recursive(3, 8, 3, |inner| {
        let gap = prop_oneof![text().prop_map(Gap::Text), inner.prop_map(Gap::Sentence)];
        (text(), btree_map(text(), gap, 0..3)).prop_map(|(key, args)| Sentence { key, args })
    })
}

/// What the value is after it was written as JSON and read again.
pub(crate) fn written_and_read<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let json = serde_json::to_vec(value).expect("every value is written");
    assert!(!json.contains(&b'\n'), "a value is one line");
    serde_json::from_slice(&json)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&json)))
}

//! A job, and the facts that it reports while it works.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArchiveName, Sentence};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Makes one archive.
    Backup,
    /// Reads archives back.
    Verify,
    /// Puts the club's files back.
    Restore,
    /// Says what a restore would change.
    Preview,
}

impl JobKind {
    const ALL: [Self; 4] = [Self::Backup, Self::Verify, Self::Restore, Self::Preview];

    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind's name in a job's id.
    pub fn code(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Verify => "verify",
            Self::Restore => "restore",
            Self::Preview => "preview",
        }
    }
}

/// `backup-0193d8a2c4f0-5e1b9c3a`: kind, time of making, chance; safe as a file name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(String);

/// The text is not a job's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job's id is its kind, 12 and 8 hexadecimal digits, joined by '-'")]
pub struct BadJobId;

impl JobId {
    /// An id for a job of this kind that begins now; `chance` keeps two of one millisecond apart.
    pub fn new(kind: JobKind, now: Timestamp, chance: u32) -> Self {
        let millis = now.as_millisecond() & 0xFFFF_FFFF_FFFF;
        Self(format!("{}-{millis:012x}-{chance:08x}", kind.code()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The eight digits that keep jobs of one moment apart. Of a job that is a unit of
    /// systemd's, they are the first of the unit's invocation id, by which it is found.
    pub fn chance(&self) -> &str {
        &self.0[self.0.len() - 8..]
    }

    /// When the job began, by the clock of then.
    pub fn begun(&self) -> Option<Timestamp> {
        let millis = i64::from_str_radix(self.0.split('-').nth(1)?, 16).ok()?;
        Timestamp::from_millisecond(millis).ok()
    }

    /// What the job does.
    pub fn kind(&self) -> JobKind {
        let kind = self.0.split('-').next().and_then(JobKind::of_code);
        kind.expect("an id is parsed or made")
    }
}

impl FromStr for JobId {
    type Err = BadJobId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let kind = parts.next().and_then(JobKind::of_code).is_some();
        let hex = |part: Option<&str>, length| {
            part.is_some_and(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let valid = kind && hex(parts.next(), 12) && hex(parts.next(), 8) && parts.next().is_none();
        if valid { Ok(Self(text.to_owned())) } else { Err(BadJobId) }
    }
}

impl TryFrom<String> for JobId {
    type Error = BadJobId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stages of a job, in the order in which a backup and then a restore passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Takes the lock, clears what a killed run left.
    Prepare,
    /// Reads the club's files.
    Files,
    /// Lists the videos.
    Inventory,
    /// Writes the archive.
    Write,
    /// Reads an archive back and compares.
    Verify,
    /// Makes the archive visible for good.
    Publish,
    /// Deletes what retention no longer keeps.
    Prune,
    /// Looks what a restore would change, and whether it can.
    Compare,
    /// Replaces the club's files.
    Apply,
    /// Starts the club's services anew.
    Restart,
    /// Looks whether they stay up.
    Check,
    /// Puts back videos that are missing.
    Videos,
    /// Puts back what was there before a restore.
    RollBack,
}

impl Step {
    /// The step's name in JSON and in catalogue keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Files => "files",
            Self::Inventory => "inventory",
            Self::Write => "write",
            Self::Verify => "verify",
            Self::Publish => "publish",
            Self::Prune => "prune",
            Self::Compare => "compare",
            Self::Apply => "apply",
            Self::Restart => "restart",
            Self::Check => "check",
            Self::Videos => "videos",
            Self::RollBack => "roll_back",
        }
    }
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The ordinary course.
    Info,
    /// Something to look at; the job went on.
    Warning,
    /// The job failed.
    Error,
}

/// Why a job failed: a stable code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// English and stable: `disk_full`.
    pub code: String,
    /// What happened to what, why, and the one thing to do.
    pub sentence: Sentence,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether it did what it is for.
    pub success: bool,
    /// The archive that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveName>,
    /// That archive's size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// What a job reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Fact {
    /// The job began.
    Started {
        /// What it does.
        kind: JobKind,
    },
    /// A stage began.
    Step {
        /// Which.
        step: Step,
    },
    /// How far the present stage is.
    Progress {
        /// Bytes done.
        bytes: u64,
        /// Files done.
        files: u64,
        /// Bytes in all, where they are known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total_bytes: Option<u64>,
        /// Files in all, where they are known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total_files: Option<u64>,
    },
    /// A line of the log; a warning is one of [`Level::Warning`].
    Log {
        /// How much it matters.
        level: Level,
        /// What it says.
        sentence: Sentence,
        /// The same in the configured language, for readers without the catalogue.
        text: String,
    },
    /// The job ended.
    Done {
        /// How.
        outcome: Outcome,
    },
}

/// One line of a job's events file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// From 1, without gaps.
    pub seq: u64,
    /// By the wall clock.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// At work.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly, and said so.
    Failed,
    /// Ended without a word: killed, or the plug was pulled.
    Interrupted,
}

/// A job as `GET /api/jobs/{id}` shows it, summed up from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// When it began.
    pub started: Timestamp,
    /// When it reported last.
    pub updated: Timestamp,
    /// The stage that it reached.
    pub step: Option<Step>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Its log, a line an entry.
    pub log: Vec<String>,
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::super::testing::{
        archive_name, job_id, maybe_text, sentence, text, timestamp, written_and_read,
    };
    use super::*;

    fn step() -> impl Strategy<Value = Step> {
        use Step::{
            Apply, Check, Compare, Files, Inventory, Prepare, Prune, Publish, Restart, RollBack, Verify,
            Videos, Write,
        };
        proptest::sample::select(vec![
            Prepare, Files, Inventory, Write, Verify, Publish, Prune, Compare, Apply, Restart, Check, Videos,
            RollBack,
        ])
    }

    fn fact() -> impl Strategy<Value = Fact> {
        let failure = (text(), sentence()).prop_map(|(code, sentence)| Failure { code, sentence });
        let outcome = (any::<bool>(), option::of(archive_name()), any::<Option<u64>>(), option::of(failure));
        let level = proptest::sample::select(vec![Level::Info, Level::Warning, Level::Error]);
        prop_oneof![
            job_id().prop_map(|id| Fact::Started { kind: id.kind() }),
            step().prop_map(|step| Fact::Step { step }),
            any::<(u64, u64, Option<u64>, Option<u64>)>().prop_map(
                |(bytes, files, total_bytes, total_files)| {
                    Fact::Progress { bytes, files, total_bytes, total_files }
                }
            ),
            (level, sentence(), text()).prop_map(|(level, sentence, text)| Fact::Log {
                level,
                sentence,
                text
            }),
            outcome.prop_map(|(success, archive, bytes, failure)| Fact::Done {
                outcome: Outcome { success, archive, bytes, failure }
            }),
        ]
    }

    proptest! {
        #[test]
        fn an_id_that_is_made_is_read_back(id in job_id()) {
            prop_assert_eq!(id.as_str().parse::<JobId>(), Ok(id.clone()));
            prop_assert_eq!(written_and_read(&id), id.clone());
            prop_assert!(id.as_str().starts_with(id.kind().code()) && id.as_str().ends_with(id.chance()));
        }

        #[test]
        fn no_text_panics_and_what_is_an_id_prints_as_it_was(
            text in maybe_text(), near in "(backup|verify|restore|preview)-[0-9a-fA-F]{12}-[0-9a-f]{8}[-0é]?"
        ) {
            for text in text.into_iter().chain([near]) {
                if let Ok(id) = text.parse::<JobId>() {
                    let _ = (id.kind(), id.chance(), id.begun());
                    prop_assert_eq!(id.to_string(), text);
                }
            }
        }

        #[test]
        fn an_event_is_read_as_it_was_written(seq: u64, at in timestamp(), fact in fact()) {
            let event = Event { seq, at, fact };
            prop_assert_eq!(written_and_read(&event), event);
        }
    }

    #[test]
    fn an_id_is_read_back_and_nothing_else_passes() {
        let id = JobId::new(JobKind::Backup, Timestamp::UNIX_EPOCH, 7);
        assert_eq!(id.as_str(), "backup-000000000000-00000007");
        assert_eq!(id.as_str().parse::<JobId>().unwrap(), id);
        for bad in [
            "",
            "backup",
            "../x",
            "delete-000000000000-00000007",
            "backup-0-0",
            "backup-000000000000-00000007-1",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_event_is_one_flat_json_object() {
        let event = Event { seq: 3, at: Timestamp::UNIX_EPOCH, fact: Fact::Step { step: Step::Write } };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(json, r#"{"seq":3,"at":"1970-01-01T00:00:00Z","event":"step","step":"write"}"#);
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}

//! `last-backup-status.json`: the outcome of the last run, for monitoring.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ArchiveName, Night};

/// The contract's keys, then what this program adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStatus {
    /// When the run began: RFC 3339 with the local offset.
    pub timestamp: String,
    /// The same day, `2024-12-18`.
    pub date: String,
    /// Whether an archive was made and read back.
    pub success: bool,
    /// The archive's name; null on failure.
    pub archive: Option<ArchiveName>,
    /// Its size in words; null on failure.
    pub size: Option<String>,
    /// Archives in the directory after the run.
    pub backups_count: usize,
    /// Days an archive is kept.
    pub retention_days: u16,
    /// Why the run failed, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The failure's stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was missing or unusual, a sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The job that did it.
    #[serde(default)]
    pub job: Option<String>,
    /// How long the run took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
}

impl RunStatus {
    /// What is remembered of it as of its day; none where its times are no times.
    pub fn night(&self) -> Option<Night> {
        Some(Night {
            date: self.date.parse().ok()?,
            at: self.timestamp.parse().ok()?,
            success: self.success,
            archive: self.archive.clone(),
            error: self.error.clone(),
        })
    }
}

/// The last run as the file says it, whichever program wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRun {
    /// When it began; none where the file does not say it.
    pub at: Option<Timestamp>,
    /// Whether an archive was made.
    pub success: bool,
    /// The archive's name.
    pub archive: Option<ArchiveName>,
    /// Why it failed, in one sentence.
    pub error: Option<String>,
    /// The failure's stable code.
    pub code: Option<String>,
    /// What was missing or unusual, a sentence each.
    pub warnings: Vec<String>,
    /// Days that it kept an archive.
    pub retention_days: Option<u16>,
}

impl LastRun {
    /// Reads what it can; none where the file does not say how the run ended.
    pub fn of(status: &Value) -> Option<Self> {
        let text = |key: &str| status[key].as_str().map(str::to_owned);
        let warnings = status["warnings"].as_array().into_iter().flatten();
        Some(Self {
            success: status["success"].as_bool()?,
            at: status["timestamp"].as_str().and_then(|at| at.parse().ok()),
            archive: status["archive"].as_str().and_then(|name| name.parse().ok()),
            error: text("error"),
            code: text("code"),
            warnings: warnings.filter_map(Value::as_str).map(str::to_owned).collect(),
            retention_days: status["retention_days"].as_u64().and_then(|days| days.try_into().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::testing::{archive_name, maybe_text, text, timestamp, written_and_read};
    use super::*;

    fn status() -> impl Strategy<Value = RunStatus> {
        let when = prop_oneof![
            (text(), text()),
            timestamp().prop_map(|at| {
                let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
                (at.to_string(), day.to_string())
            })
        ];
        let ended = (any::<bool>(), option::of(archive_name()), maybe_text(), maybe_text(), maybe_text());
        let more = (any::<usize>(), any::<u16>(), vec(text(), 0..3), maybe_text(), any::<u64>());
        (when, ended, more).prop_map(|((timestamp, date), (success, archive, size, error, code), more)| {
            let (backups_count, retention_days, warnings, job, duration_ms) = more;
            RunStatus {
                timestamp,
                date,
                success,
                archive,
                size,
                backups_count,
                retention_days,
                error,
                code,
                warnings,
                job,
                duration_ms,
            }
        })
    }

    proptest! {
        #[test]
        fn a_status_is_read_as_it_was_written(status in status()) {
            prop_assert_eq!(written_and_read(&status), status.clone());
            let run = LastRun::of(&json!(status)).unwrap();
            prop_assert_eq!((run.success, &run.archive), (status.success, &status.archive));
            prop_assert_eq!((&run.error, &run.code, &run.warnings), (&status.error, &status.code, &status.warnings));
            prop_assert_eq!(run.retention_days, Some(status.retention_days));
            if let Some(night) = status.night() {
                prop_assert_eq!(run.at, Some(night.at));
                prop_assert_eq!(written_and_read(&night), night);
            }
        }
    }

    #[test]
    fn a_status_of_the_old_script_is_read_and_one_that_says_nothing_is_none() {
        let old = json!({
            "timestamp": "2024-12-18T03:00:00+01:00", "date": "2024-12-18", "success": true,
            "archive": "backup-20241218-030000.tar.gz", "size": "1.2 MB", "backups_count": 7, "retention_days": 7,
        });
        let run = LastRun::of(&old).unwrap();
        assert_eq!(run.at, Some("2024-12-18T02:00:00Z".parse().unwrap()));
        assert!(run.success && run.archive.is_some() && run.warnings.is_empty());
        assert_eq!(run.retention_days, Some(7));
        let failed =
            json!({ "success": false, "error": "Why.", "code": "disk_full", "warnings": ["one", 2] });
        let run = LastRun::of(&failed).unwrap();
        assert_eq!((run.error.as_deref(), run.code.as_deref()), (Some("Why."), Some("disk_full")));
        assert_eq!((run.at, run.warnings), (None, vec!["one".to_owned()]));
        for nothing in [json!(null), json!({}), json!({ "success": "yes" })] {
            assert_eq!(LastRun::of(&nothing), None, "{nothing}");
        }
    }
}

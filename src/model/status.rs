//! `last-backup-status.json`: the outcome of the last run, for monitoring.

use serde::{Deserialize, Serialize};

use super::ArchiveName;

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

//! How the runs of one day ended.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::ArchiveName;

/// The better run of one local day, and of two as good the later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    /// The day, in the zone of then.
    pub date: Date,
    /// When the run began.
    pub at: Timestamp,
    /// Whether it made an archive and read it back.
    pub success: bool,
    /// That archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveName>,
    /// Why the run failed, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

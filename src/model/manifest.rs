//! `manifest.json`: what an archive holds and how to prove it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The manifest's own name in the archive; always the last member.
pub const MANIFEST_MEMBER: &str = "manifest.json";

/// The format version written by this program; a reader refuses a higher one.
pub const MANIFEST_FORMAT: u32 = 1;

/// Everything in the manifest but its members, which are streamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestHead {
    /// The version of this layout; see [`MANIFEST_FORMAT`].
    pub format: u32,
    /// The program and version that wrote the archive.
    pub program: String,
    /// The machine's host name.
    pub host: String,
    /// This archive's place in the order of all that were made here; from 1.
    pub sequence: u64,
    /// When the run began.
    pub created: Timestamp,
    /// Whether the clock could be believed then.
    pub clock_trusted: bool,
    /// What was missing or unusual, a sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// One file in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name in the archive below the archive's own folder, escaped as in an inventory.
    pub member: String,
    /// The path it was read from, escaped; null for what this program made itself.
    pub path: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Permission bits in octal: `0600`.
    pub mode: String,
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    /// The owner's name, where the machine knows one.
    pub owner: Option<String>,
    /// The group's name, where the machine knows one.
    pub group: Option<String>,
    /// The last modification.
    pub mtime: Timestamp,
    /// The content's SHA-256 in lower-case hex, as `sha256sum` prints it.
    pub sha256: String,
}

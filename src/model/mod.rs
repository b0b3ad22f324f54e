//! The nouns of the house: values that are valid by construction.
//!
//! Pure: no disk, no clock, no language. Uses no other room.

mod archive_info;
mod archive_name;
mod archive_view;
mod automatic;
pub mod clock;
mod comparison;
mod day;
mod digest;
mod disk;
pub mod escape;
mod job;
pub mod json;
mod kept;
mod language;
mod manifest;
mod night;
mod restore;
mod sentence;
mod size;
mod status;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;

pub use archive_info::{ArchiveInfo, Verification};
pub use archive_name::{ArchiveName, BadArchiveName};
pub use archive_view::ArchiveView;
pub use automatic::Automatic;
pub use comparison::{Change, Comparison, DiffState, Form, MemberDiff, What};
pub use day::day_in_words;
pub use digest::Digest;
pub use disk::Disk;
pub use job::{BadJobId, Event, Fact, Failure, JobId, JobKind, JobState, JobView, Level, Outcome, Step};
pub use kept::{Judged, Kept, KeptView};
pub use language::Language;
pub use manifest::{MANIFEST_FORMAT, MANIFEST_MEMBER, ManifestHead, Member};
pub use night::Night;
pub use restore::{LastRestore, Preview, PreviewFile, Rehearsal, RestoreRequest, RestoreState, Undo};
pub use sentence::{Gap, Sentence};
pub use size::size_in_words;
pub use status::{LastRun, RunStatus};

//! What can be wrong with an archive that is read.

use std::io;

use crate::model::Sentence;

/// Why an archive could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The card or the file system failed; the archive itself may be good.
    #[error("the archive could not be read")]
    Io(#[source] io::Error),
    /// The archive is not what it should be.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The gzip stream ends too early.
    #[error("cut short")]
    CutShort,
    /// gzip or tar cannot be decoded; the text is the decoder's.
    #[error("not readable as tar.gz: {0}")]
    Undecodable(String),
    /// Something stands behind the end of the archive.
    #[error("foreign bytes behind the end")]
    TrailingBytes,
    /// A name that leads elsewhere, or outside the archive's one folder.
    #[error("unsafe name: {0}")]
    UnsafeName(String),
    /// A link, device, sparse file or header extension.
    #[error("{member} is no plain file ({kind})")]
    ForeignKind {
        /// The entry's name, escaped.
        member: String,
        /// What it is: the end of a key of the catalogue.
        kind: &'static str,
    },
    /// The same member twice.
    #[error("{0} is in it twice")]
    Duplicate(String),
    /// More or larger than the reader's limits allow.
    #[error("too large ({what}): more than {limit}")]
    TooLarge {
        /// What there is too much of: the end of a key of the catalogue.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// It ends before the first member.
    #[error("it holds no files")]
    NoMembers,
    /// The manifest is not the last member.
    #[error("{0} stands behind the manifest")]
    BehindManifest(String),
    /// The manifest cannot be understood.
    #[error("manifest.json: {0}")]
    BadManifest(String),
    /// The manifest was written by a newer program.
    #[error("manifest of format {0}; this program reads up to 1: update it")]
    NewerFormat(u32),
    /// A member is not what the manifest says.
    #[error("{0} differs from the manifest")]
    Differs(String),
    /// The manifest names a member that is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// A member that the manifest does not name.
    #[error("{0} members are not in the manifest")]
    Unlisted(usize),
    /// What was read back is a sound archive, but not the one that was written.
    #[error("what was read back is not what was written")]
    NotWhatWasWritten,
}

impl Damage {
    /// What is wrong, in words that can stand behind "damaged: ".
    pub fn sentence(&self) -> Sentence {
        let of = |key: &str| Sentence::new(&format!("damage.{key}"));
        match self {
            Self::Empty => of("empty"),
            Self::CutShort => of("cut_short"),
            Self::Undecodable(reason) => of("undecodable").with("reason", reason),
            Self::TrailingBytes => of("trailing_bytes"),
            Self::UnsafeName(name) => of("unsafe_name").with("name", name),
            Self::ForeignKind { member, kind } => {
                of("foreign_kind").with("name", member).with_sentence("kind", of(&format!("kind.{kind}")))
            }
            Self::Duplicate(name) => of("duplicate").with("name", name),
            Self::TooLarge { what, limit } => {
                of("too_large").with_sentence("what", of(&format!("what.{what}"))).with("limit", limit)
            }
            Self::NoMembers => of("no_members"),
            Self::BehindManifest(name) => of("behind_manifest").with("name", name),
            Self::BadManifest(reason) => of("bad_manifest").with("reason", reason),
            Self::NewerFormat(format) => of("newer_format").with("format", format),
            Self::Differs(name) => of("differs").with("name", name),
            Self::Missing(name) => of("missing").with("name", name),
            Self::Unlisted(count) => of("unlisted").with("count", count),
            Self::NotWhatWasWritten => of("not_what_was_written"),
        }
    }
}

/// Errors of the decoders carry no system error number, those of the disk do.
impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        if error.raw_os_error().is_some() {
            return Self::Io(error);
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Damage::CutShort.into(),
            _ => Damage::Undecodable(error.to_string()).into(),
        }
    }
}

//! Why a file of the club's cannot be put in its place, as facts.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::model::{Sentence, size_in_words};
use crate::store::StoreError;

/// Why a restore cannot write, or go back.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The folder of a file is missing.
    #[error("{path} does not exist")]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder on the way to the file is a link, and could lead anywhere.
    #[error("{path} is a link")]
    Link {
        /// The part of the path that is one.
        path: PathBuf,
    },
    /// What lies in the file's place is no regular file, or its folder is none.
    #[error("{path} is no regular file")]
    NotRegular {
        /// The place.
        path: PathBuf,
    },
    /// The file system can be read only.
    #[error("{path} can only be read")]
    ReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// This user may not write there.
    #[error("no right to write in {path}")]
    Denied {
        /// The folder.
        path: PathBuf,
    },
    /// There is no room for the new files beside the old ones.
    #[error("disk full: {need_bytes} bytes needed, {free_bytes} free in {path}")]
    DiskFull {
        /// The folder.
        path: PathBuf,
        /// Bytes of the new files; 0 where only the attempt told.
        need_bytes: u64,
        /// Bytes that are left for this user.
        free_bytes: u64,
    },
    /// Somebody wrote to the file after it was copied for safety.
    #[error("{path} was changed meanwhile")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The note of what was begun cannot be understood.
    #[error("{path} cannot be understood")]
    BadIntent {
        /// The note.
        path: PathBuf,
    },
    /// The note of what was begun cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else that the file system answered.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The answer.
        #[source]
        source: io::Error,
    },
}

impl TargetError {
    /// The error of one action on one place, told apart by what a person can do about it.
    pub(super) fn of(action: &'static str, path: &Path, error: impl Into<io::Error>) -> Self {
        let (path, source) = (path.to_owned(), error.into());
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::DiskFull { path, need_bytes: 0, free_bytes: 0 }
            }
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::PermissionDenied => Self::Denied { path },
            _ => Self::Io { action, path, source },
        }
    }

    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFolder { .. } => "target_missing",
            Self::Link { .. } => "target_link",
            Self::NotRegular { .. } => "target_not_regular",
            Self::ReadOnly { .. } => "target_read_only",
            Self::Denied { .. } => "target_denied",
            Self::DiskFull { .. } => "disk_full",
            Self::Changed { .. } => "target_changed",
            Self::BadIntent { .. } => "restore_damaged",
            Self::Store(error) => error.code(),
            Self::Io { .. } => "target_io",
        }
    }

    /// What happened to what, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let say = Sentence::new(&format!("error.{}", self.code()));
        match self {
            Self::NoFolder { path }
            | Self::Link { path }
            | Self::NotRegular { path }
            | Self::ReadOnly { path }
            | Self::Denied { path }
            | Self::Changed { path }
            | Self::BadIntent { path } => say.with("path", path.display()),
            Self::DiskFull { path, need_bytes: 0, .. } => {
                Sentence::new("error.target_full_meanwhile").with("path", path.display())
            }
            Self::DiskFull { path, need_bytes, free_bytes } => say
                .with("path", path.display())
                .with("need", size_in_words(*need_bytes))
                .with("free", size_in_words(*free_bytes)),
            Self::Store(error) => error.sentence(),
            Self::Io { path, source, .. } => say.with("path", path.display()).with("reason", source),
        }
    }
}

/// Adds to an answer of the file system what was tried on what.
pub(super) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, TargetError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, TargetError> {
        self.map_err(|error| TargetError::of(action, path, error))
    }
}

//! What the store can fail at, as facts.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::archive::Damage;
use crate::model::{ArchiveName, JobId, Sentence, size_in_words};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The backup directory is missing or is no directory.
    #[error("{path} is no directory")]
    NoDirectory {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file system can be read only.
    #[error("{path} can only be read")]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
    },
    /// The program's user has no right to it.
    #[error("no right to {action} {path}")]
    Denied {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// The card is too full for another archive.
    #[error("disk full: {need_bytes} bytes needed, {free_bytes} free")]
    DiskFull {
        /// The directory that is full.
        path: PathBuf,
        /// What the archive needs at least; 0 where only the attempt told.
        need_bytes: u64,
        /// What is left for this user.
        free_bytes: u64,
    },
    /// The file system has no room for one more file, whatever its size.
    #[error("{path} has no room for another file")]
    NoInodes {
        /// The directory.
        path: PathBuf,
    },
    /// Another run is at work.
    #[error("a run is going on")]
    Busy {
        /// Which, where it has said so already.
        job: Option<JobId>,
    },
    /// Another program held the store for too long.
    #[error("the store stayed locked")]
    Locked,
    /// No archive of this name.
    #[error("{name} does not exist")]
    NotFound {
        /// The name.
        name: ArchiveName,
    },
    /// The archive is pinned.
    #[error("{name} is pinned")]
    Pinned {
        /// The name.
        name: ArchiveName,
    },
    /// An archive of this name appeared while another was made.
    #[error("{name} exists already")]
    NameTaken {
        /// The name.
        name: ArchiveName,
    },
    /// What came from elsewhere is no archive of ours.
    #[error("the archive was refused")]
    Refused {
        /// The rule that it breaks.
        #[source]
        damage: Damage,
    },
    /// What was written does not read back the same: the card lies.
    #[error("{name} did not read back as it was written")]
    NotProven {
        /// The archive.
        name: ArchiveName,
        /// What is wrong with it.
        #[source]
        damage: Damage,
    },
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

impl StoreError {
    /// The error of one action on one path, told apart by what a person can do about it.
    pub(crate) fn of(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        // By kind, not by number: tempfile puts the path around the error, and only the kind is left.
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                let folder = if path.is_dir() { &path } else { path.parent().unwrap_or(&path) };
                Self::DiskFull { need_bytes: 0, free_bytes: free_bytes(folder), path: folder.to_owned() }
            }
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::PermissionDenied => Self::Denied { action, path },
            _ => Self::Io { action, path, source },
        }
    }

    /// English and stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoDirectory { .. } => "no_backup_directory",
            Self::ReadOnly { .. } => "read_only",
            Self::Denied { .. } => "permission_denied",
            Self::DiskFull { .. } => "disk_full",
            Self::NoInodes { .. } => "no_inodes",
            Self::Busy { .. } => "run_in_progress",
            Self::Locked => "store_locked",
            Self::NotFound { .. } => "backup_not_found",
            Self::Pinned { .. } => "backup_pinned",
            Self::NameTaken { .. } => "name_taken",
            Self::Refused { .. } => "import_refused",
            Self::NotProven { .. } => "not_proven",
            Self::Io { .. } => "io_error",
        }
    }

    /// What happened to what, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let say = Sentence::new(&format!("error.{}", self.code()));
        match self {
            Self::NoDirectory { path } | Self::ReadOnly { path } | Self::NoInodes { path } => {
                say.with("path", path.display())
            }
            Self::Denied { path, .. } => say.with("path", path.display()),
            Self::DiskFull { path, need_bytes: 0, free_bytes } => Sentence::new("error.disk_full_meanwhile")
                .with("path", path.display())
                .with("free", size_in_words(*free_bytes)),
            Self::DiskFull { path, need_bytes, free_bytes } => say
                .with("path", path.display())
                .with("need", size_in_words(*need_bytes))
                .with("free", size_in_words(*free_bytes)),
            Self::Busy { .. } | Self::Locked => say,
            Self::NotFound { name } | Self::Pinned { name } | Self::NameTaken { name } => {
                say.with("name", name)
            }
            Self::Refused { damage } => say.with_sentence("reason", damage.sentence()),
            Self::NotProven { name, damage } => {
                say.with("name", name).with_sentence("reason", damage.sentence())
            }
            Self::Io { path, source, .. } => say.with("path", path.display()).with("reason", source),
        }
    }
}

/// Bytes that this user may still write below `path`; 0 where nobody can say.
pub(super) fn free_bytes(path: &Path) -> u64 {
    nix::sys::statvfs::statvfs(path).map_or(0, |fs| fs.blocks_available() * fs.fragment_size())
}

/// Adds to an answer of the file system what was tried on what.
pub(super) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::of(action, path, error.into()))
    }
}

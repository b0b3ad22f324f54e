//! Why a source could not be read, as facts and as a sentence. Uses: model.

use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::kind::Kind;
use crate::model::Sentence;
use crate::model::escape::escape;

/// A source that could not be read, or could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing stands at the path.
    #[error("{}: there is no such file", path.display())]
    Missing {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// Something stands there that is not a regular file; it was not opened.
    #[error("{}: not a regular file but {kind:?}", path.display())]
    NotRegular {
        /// The path that was asked for.
        path: PathBuf,
        /// What stands there.
        kind: Kind,
    },
    /// The file is there and the system does not let it be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The path that was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The copy could not be kept: the disk is full or broken.
    #[error("the temporary copy cannot be kept")]
    Spool {
        /// What the system said.
        source: io::Error,
    },
}

impl SourceError {
    /// The error of a file that the system would not open or read.
    pub(super) fn of_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing { path },
            _ => Self::Unreadable { path, source },
        }
    }

    /// The key of the error's sentence, which also names the error to programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "source.missing",
            Self::NotRegular { kind, .. } => match kind {
                Kind::Symlink => "source.is_symlink",
                Kind::Directory => "source.is_directory",
                Kind::Fifo => "source.is_fifo",
                Kind::Socket => "source.is_socket",
                Kind::Device | Kind::Regular => "source.is_device",
            },
            Self::Unreadable { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied => "source.denied",
                _ => "source.unreadable",
            },
            Self::Spool { source } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "source.spool_full",
                _ => "source.spool",
            },
        }
    }

    /// What happened, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let sentence = Sentence::new(self.code());
        match self {
            Self::Missing { path } | Self::NotRegular { path, .. } => sentence.with("path", shown(path)),
            Self::Unreadable { path, source } => match source.kind() {
                ErrorKind::PermissionDenied => sentence.with("path", shown(path)),
                _ => sentence.with("path", shown(path)).with("reason", source),
            },
            Self::Spool { source } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => sentence,
                _ => sentence.with("reason", source),
            },
        }
    }
}

/// The path as printable text.
fn shown(path: &Path) -> String {
    escape(path.as_os_str().as_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::Gap;
    use nix::errno::Errno;
    use serde_json::{Map, Value};

    /// Panics unless both catalogues hold the sentence with exactly its gaps.
    pub(in super::super) fn assert_can_be_said(sentence: &Sentence) {
        for catalogue in
            [include_str!("../../assets/text/fr.json"), include_str!("../../assets/text/en.json")]
        {
            let catalogue: Map<String, Value> = serde_json::from_str(catalogue).unwrap();
            let entry = catalogue.get(&sentence.key).unwrap_or_else(|| panic!("{}", sentence.key));
            let text = entry.as_str().or_else(|| entry["other"].as_str()).unwrap();
            for gap in sentence.args.keys() {
                assert!(text.contains(&format!("{{{gap}}}")), "{} lacks {{{gap}}}", sentence.key);
            }
            assert_eq!(text.matches('{').count(), sentence.args.len(), "{text}");
        }
    }

    #[test]
    fn every_error_can_be_said_in_both_languages() {
        let path = || PathBuf::from("/home/pi/été\n");
        let unreadable = |errno| SourceError::of_io(&path(), io::Error::from(errno));
        let spool = |errno| SourceError::Spool { source: io::Error::from(errno) };
        let mut errors = vec![
            unreadable(Errno::ENOENT),
            unreadable(Errno::ENOTDIR),
            unreadable(Errno::EACCES),
            unreadable(Errno::EIO),
            spool(Errno::ENOSPC),
            spool(Errno::EDQUOT),
            spool(Errno::EIO),
        ];
        for kind in [Kind::Directory, Kind::Symlink, Kind::Fifo, Kind::Socket, Kind::Device] {
            errors.push(SourceError::NotRegular { path: path(), kind });
        }
        for error in errors {
            assert_can_be_said(&error.sentence());
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_path_is_shown_without_control_characters() {
        let error = SourceError::Missing { path: "/a\nb".into() };
        assert_eq!(error.sentence().args["path"], Gap::Text("/a\\nb".into()));
    }
}

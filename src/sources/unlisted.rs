//! What a walk met and did not list, and why. Uses: model.

use std::fmt;

use nix::errno::Errno;

use super::kind::Kind;
use crate::model::Sentence;
use crate::model::escape::escape;

/// Characters of a path that a warning shows; a longer path is shown by its end.
/// A path can be 33,000 bytes long, each written in four, and warnings are many.
const MAX_SHOWN: usize = 1000;

/// An entry that is not listed.
#[derive(Clone, Copy, Debug)]
pub struct Unlisted<'a> {
    /// The entry's path relative to the root; the root's own where the walk ended there.
    pub path: &'a [u8],
    /// Why it is not listed.
    pub why: Why,
}

/// Why an entry is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A symbolic link; it is not followed.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A Unix socket.
    Socket,
    /// A device.
    Device,
    /// A directory below 128 others.
    TooDeep,
    /// It was there when its directory was read and is gone.
    Vanished,
    /// The permissions forbid it.
    Denied,
    /// Another error of the system.
    Unreadable(Errno),
    /// There is no such root.
    RootMissing,
    /// The root itself is a symbolic link.
    RootSymlink,
    /// The root is a file or something stranger.
    RootNotDirectory,
}

impl Why {
    /// The reason for an entry that is there and is neither a file nor a directory.
    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Symlink => Self::Symlink,
            Kind::Fifo => Self::Fifo,
            Kind::Socket => Self::Socket,
            Kind::Device | Kind::Regular | Kind::Directory => Self::Device,
        }
    }

    /// The reason in an error of the system.
    pub(super) fn of_errno(errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::Vanished,
            Errno::EACCES | Errno::EPERM => Self::Denied,
            other => Self::Unreadable(other),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Symlink => "source.unlisted.symlink",
            Self::Fifo => "source.unlisted.fifo",
            Self::Socket => "source.unlisted.socket",
            Self::Device => "source.unlisted.device",
            Self::TooDeep => "source.unlisted.too_deep",
            Self::Vanished => "source.unlisted.vanished",
            Self::Denied => "source.unlisted.denied",
            Self::Unreadable(_) => "source.unlisted.unreadable",
            Self::RootMissing => "source.unlisted.root_missing",
            Self::RootSymlink => "source.unlisted.root_symlink",
            Self::RootNotDirectory => "source.unlisted.root_not_directory",
        }
    }
}

impl Unlisted<'_> {
    /// What was left out, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let sentence = Sentence::new(self.why.code()).with("path", self.shown());
        match self.why {
            Why::Unreadable(errno) => sentence.with("reason", errno.desc()),
            _ => sentence,
        }
    }

    fn shown(&self) -> String {
        let escaped = escape(self.path);
        match escaped.char_indices().nth_back(MAX_SHOWN - 1) {
            None | Some((0, _)) => escaped,
            Some((start, _)) => format!("…{}", &escaped[start..]),
        }
    }
}

/// The warning as an inventory's header has it: English, one line.
impl fmt::Display for Unlisted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            Why::Symlink => "symbolic link, not followed",
            Why::Fifo => "named pipe, not listed",
            Why::Socket => "socket, not listed",
            Why::Device => "device, not listed",
            Why::TooDeep => "directory nested too deep, not listed",
            Why::Vanished => "vanished while it was being listed",
            Why::Denied => "permission denied, not listed",
            Why::Unreadable(errno) => {
                return write!(f, "{}, not listed: {}", errno.desc(), escape(self.path));
            }
            Why::RootMissing => "there is no such directory",
            Why::RootSymlink => "the root is a symbolic link, not followed",
            Why::RootNotDirectory => "the root is not a directory",
        })?;
        write!(f, ": {}", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::tests::assert_can_be_said;
    use super::*;

    #[test]
    fn every_reason_can_be_said_and_fits_on_one_line() {
        let reasons = [
            Why::of_kind(Kind::Symlink),
            Why::of_kind(Kind::Fifo),
            Why::of_kind(Kind::Socket),
            Why::of_kind(Kind::Device),
            Why::TooDeep,
            Why::of_errno(Errno::ENOENT),
            Why::of_errno(Errno::EACCES),
            Why::of_errno(Errno::EIO),
            Why::RootMissing,
            Why::RootSymlink,
            Why::RootNotDirectory,
        ];
        for why in reasons {
            let unlisted = Unlisted { path: b"a\nb", why };
            assert_can_be_said(&unlisted.sentence());
            let line = unlisted.to_string();
            assert!(line.ends_with(": a\\nb") && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn a_very_long_path_is_shown_by_its_end() {
        let shown = |path: &str| Unlisted { path: path.as_bytes(), why: Why::Symlink }.shown();
        let long = "é".repeat(MAX_SHOWN);
        assert_eq!(shown(&long), long);
        assert_eq!(shown(&format!("ab{long}")), format!("…{long}"));
    }
}

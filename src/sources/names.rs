//! The names in one directory, sorted by their bytes, in little memory. Uses no other room.

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

use nix::dir::Dir;
use nix::errno::Errno;

/// All names in one buffer, each with its NUL; 100,000 in one directory take a few
/// megabytes, the usual hundred a few kilobytes.
#[derive(Default)]
pub(super) struct Names {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

impl Names {
    /// Reads the names; with an error also those that were read before it.
    pub(super) fn of(directory: &OwnedFd) -> (Self, Result<(), Errno>) {
        let mut names = Self::default();
        let read = names.read(directory);
        let bytes = &names.bytes;
        names.starts.sort_unstable_by_key(|&start| name_at(bytes, start));
        (names, read)
    }

    fn read(&mut self, directory: &OwnedFd) -> Result<(), Errno> {
        // A stream of its own, closed again: its 32 KiB would else wait at every level.
        let own = directory.as_fd().try_clone_to_owned().map_err(|error| errno_of(&error))?;
        for entry in Dir::from_fd(own)? {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                self.starts.push(self.bytes.len());
                self.bytes.extend_from_slice(name.to_bytes_with_nul());
            }
        }
        Ok(())
    }

    /// The names, sorted.
    pub(super) fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.starts.iter().map(|&start| name_at(&self.bytes, start))
    }
}

fn name_at(bytes: &[u8], start: usize) -> &CStr {
    CStr::from_bytes_until_nul(&bytes[start..]).expect("every name was pushed with its NUL")
}

fn errno_of(error: &std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn what_is_no_directory_is_an_error_with_its_number() {
        let file = OwnedFd::from(File::open("/dev/null").unwrap());
        let (names, read) = Names::of(&file);
        assert_eq!(read, Err(Errno::ENOTDIR));
        assert_eq!(names.iter().count(), 0);
        assert_eq!(errno_of(&std::io::Error::from(Errno::EMFILE)), Errno::EMFILE);
    }
}

//! Small files that are replaced whole or not at all, and the directory's own sync.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use super::error::{At, StoreError};

/// Own temporary files are known by both ends of their names; the sweep removes them.
pub(super) const TEMPORARY_PREFIX: &str = ".neopro-backup-";
pub(super) const TEMPORARY_SUFFIX: &str = ".partial";

/// Opens a file of ours to read: nothing but a regular file (anything else is
/// `InvalidInput`), never through a link, never waiting for the other end of a pipe.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// The content of a small file of ours, which is not longer than `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.take(most).read_to_end(&mut content)?;
    Ok(content)
}

/// The same where a file of ours is there; none where nothing is, or something else in its place.
///
/// # Errors
/// Where it is there and is not given to us: what it says is then not known, and not nothing.
pub(super) fn read_if_any(path: &Path, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
    match read(path, most) {
        Ok(content) => Ok(Some(content)),
        Err(error) if is_nothing_of_ours(&error) => Ok(None),
        Err(error) => Err(error).at("read", path),
    }
}

/// Whether this answer means that no file or folder of ours is there.
pub(super) fn is_nothing_of_ours(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidInput)
        || error.raw_os_error() == Some(nix::libc::ELOOP)
}

/// Gives a file this mode, whatever the process' umask took away from it.
pub(super) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// A new file of our own in `folder`: exclusive, no link followed, gone when dropped.
pub(super) fn temporary(folder: &Path, mode: u32) -> Result<NamedTempFile, StoreError> {
    let file = Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .suffix(TEMPORARY_SUFFIX)
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .at("write", folder)?;
    set_mode(file.as_file(), mode).at("write", file.path())?;
    Ok(file)
}

/// Puts `content` in the place of `path`: after a power cut it is the old or the new.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let file = temporary(folder, mode)?;
    file.as_file().write_all(content).at("write", path)?;
    file.as_file().sync_all().at("sync", path)?;
    file.persist(path).map_err(|error| error.error).at("replace", path)?;
    sync_directory(folder)
}

/// Makes renames and deletions in `folder` survive a power cut.
pub(super) fn sync_directory(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| sync_folder(&folder)).at("sync", folder)
}

/// The same of a folder that is open: the one place where folders are synced.
///
/// # Errors
/// What the file system answers.
pub fn sync_folder(folder: &File) -> io::Result<()> {
    // Only ever for `tests/reliability/power --unsynced`, which must lose something then.
    if cfg!(feature = "unsynced-directories") { Ok(()) } else { folder.sync_all() }
}

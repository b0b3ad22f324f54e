//! Small files that are replaced whole or not at all, and the directory's own sync.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use super::error::{At, StoreError};

/// Own temporary files are known by both ends of their names; the sweep removes them.
pub(super) const TEMPORARY_PREFIX: &str = ".neopro-backup-";
pub(super) const TEMPORARY_SUFFIX: &str = ".partial";

/// A new file of our own in `folder`: exclusive, no link followed, gone when dropped.
pub(super) fn temporary(folder: &Path, mode: u32) -> Result<NamedTempFile, StoreError> {
    let permissions = std::fs::Permissions::from_mode(mode);
    let file = Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .suffix(TEMPORARY_SUFFIX)
        .permissions(permissions.clone())
        .tempfile_in(folder)
        .at("write", folder)?;
    // The process' umask took bits away that monitoring needs.
    file.as_file().set_permissions(permissions).at("write", file.path())?;
    Ok(file)
}

/// Puts `content` in the place of `path`: after a power cut it is the old or the new.
pub(super) fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let file = temporary(folder, mode)?;
    file.as_file().write_all(content).at("write", path)?;
    file.as_file().sync_all().at("sync", path)?;
    file.persist(path).map_err(|error| error.error).at("replace", path)?;
    sync_directory(folder)
}

/// Makes renames and deletions in `folder` survive a power cut.
pub(super) fn sync_directory(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).at("sync", folder)
}

//! What the club's user, the panel's and root all work in, whoever of them made it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::atomic;

/// The group that shares the folder above shares this one.
const FOLDER_MODE: u32 = 0o775;

/// Makes a folder where it is not there: for the group whatever the process' umask, and
/// with the set-group-id bit that it has from the folder above.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let inherited = fs::metadata(folder)?.permissions().mode() & 0o2000;
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE | inherited))
}

/// Opens a file as `options` say, never through a link, and makes it where there is none,
/// with this mode whatever the process' umask.
pub(super) fn open(path: &Path, options: &mut OpenOptions, mode: u32) -> io::Result<File> {
    options.custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let file = options.create(true).mode(mode).open(path)?;
            atomic::set_mode(&file, mode)?;
            Ok(file)
        }
        other => other,
    }
}

//! Root becomes the panel's user before it touches what is the panel's: whatever somebody
//! has put there, it can then do no more than the panel itself could.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::unistd::{Gid, Uid, User, geteuid, setgroups, setresgid, setresuid};

/// The user whom the package makes for the panel.
const PANEL_USER: &str = "neopro-backup";

/// That this folder is the panel's own, as far as this machine has a user for the panel, or
/// is not there yet: the club's user may have put one of his own in its place.
///
/// # Errors
/// [`ErrorKind::PermissionDenied`] for somebody else's; a link is none.
pub fn check_owner(folder: &Path) -> io::Result<()> {
    let owner = match folder.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => Uid::from_raw(found?.uid()),
    };
    let above = folder.parent().and_then(|above| above.metadata().ok());
    match User::from_name(PANEL_USER)? {
        Some(panel) if geteuid().is_root() && owner != panel.uid => {
            // Where nothing is shared with the panel's user, root tries the program out.
            let is_shared = above.is_some_and(|above| above.gid() == panel.gid.as_raw());
            if is_shared || !owner.is_root() { Err(ErrorKind::PermissionDenied.into()) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// As root, becomes the owner of this folder for the rest of the process; where the folder
/// is not there yet, the panel's user, if the machine has one and the folder above is
/// shared with it. Anybody else stays who he is.
pub fn step_down(folder: &Path) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW);
    let (uid, gid) = match options.open(folder) {
        Ok(folder) => {
            let found = folder.metadata()?;
            (Uid::from_raw(found.uid()), Gid::from_raw(found.gid()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above = folder.parent().and_then(|above| above.metadata().ok());
            let Some(user) = User::from_name(PANEL_USER)? else { return Ok(()) };
            if above.is_none_or(|above| above.gid() != user.gid.as_raw()) {
                return Ok(());
            }
            (user.uid, user.gid)
        }
        Err(error) => return Err(error),
    };
    if !uid.is_root() {
        setgroups(&[gid])?;
        setresgid(gid, gid, gid)?;
        setresuid(uid, uid, uid)?;
    }
    Ok(())
}

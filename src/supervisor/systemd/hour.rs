//! The drop-in by which root gives the timer its hour. Of the machine's files it writes this
//! one, and the stamp by which systemd remembers when the timer last fired.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::civil::Time;

use crate::model::time;
use crate::store::{self, StoreError};

/// Where `systemctl edit` puts its own as well.
const FOLDER: &str = "/etc/systemd/system/neopro-backup.timer.d";
/// Before `override.conf`: what a person writes by `systemctl edit` comes later and wins.
const NAME: &str = "50-panel.conf";
const STAMP: &str = "/var/lib/systemd/timers/stamp-neopro-backup.timer";
/// Everybody may read when backups are made.
const MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;
const LARGEST_BYTES: u64 = 64 << 10;

/// The drop-in, held so that of two who set the hour one is done before the other begins.
pub(super) struct Hour {
    _held: File,
    path: PathBuf,
    before: Option<Vec<u8>>,
}

impl Hour {
    /// Waits for whoever sets the hour at this moment; notes what the drop-in says.
    pub(super) fn hold() -> Result<Self, StoreError> {
        Self::hold_in(Path::new(FOLDER))
    }

    fn hold_in(folder: &Path) -> Result<Self, StoreError> {
        let at = |error| StoreError::of("write", folder, error);
        let held = open_folder(folder).map_err(at)?;
        held.lock().map_err(at)?;
        let path = folder.join(NAME);
        let before = read(&path).map_err(|error| StoreError::of("read", &path, error))?;
        Ok(Self { _held: held, path, before })
    }

    /// Gives the timer this hour, once systemd has read its units again.
    pub(super) fn set(&self, at: Time) -> Result<(), StoreError> {
        let hour = time::hour(at);
        let text = format!(
            "# Chosen in the panel of Neopro Backup, which replaces this file. A later drop-in wins.\n\
             [Timer]\nOnCalendar=\nOnCalendar=*-*-* {hour}:00\n"
        );
        store::replace(&self.path, text.as_bytes(), MODE)
    }

    /// Makes the drop-in what it was.
    pub(super) fn put_back(&self) -> Result<(), StoreError> {
        match &self.before {
            Some(text) => store::replace(&self.path, text, MODE),
            None => fs::remove_file(&self.path).map_err(|error| StoreError::of("delete", &self.path, error)),
        }
    }
}

fn open_folder(folder: &Path) -> io::Result<File> {
    if let Err(error) = DirBuilder::new().mode(FOLDER_MODE).create(folder)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    let mut options = OpenOptions::new();
    let flags = nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW;
    let opened = options.read(true).custom_flags(flags).open(folder)?;
    // Whatever the umask: what systemd obeys is no secret.
    opened.set_permissions(Permissions::from_mode(FOLDER_MODE))?;
    Ok(opened)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LARGEST_BYTES).read_to_end(&mut text).map(|_| Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Has systemd count from now when the timer is started next. It would else make up at once
/// for an hour that is past today and was none when the timer last fired.
pub(super) fn count_from_now() -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(MODE).custom_flags(nix::libc::O_NOFOLLOW);
    options.open(STAMP)?.set_modified(SystemTime::now())
}

/// Of a timer's drop-ins, in the order in which they count, the last that comes after ours.
pub(super) fn later(drop_ins: &[String]) -> Option<PathBuf> {
    let name = |path: &&String| Path::new(path).file_name().is_some_and(|name| name > NAME);
    drop_ins.iter().rev().find(name).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn the_drop_in_says_one_hour_and_is_put_back_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("timer.d");
        let hour = Hour::hold_in(&folder).unwrap();
        hour.set(time(18, 5, 0, 0)).unwrap();
        let text = fs::read_to_string(folder.join(NAME)).unwrap();
        assert!(text.ends_with("[Timer]\nOnCalendar=\nOnCalendar=*-*-* 18:05:00\n"), "{text}");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(NAME))), (0o755, 0o644));
        hour.put_back().unwrap();
        assert!(!folder.join(NAME).exists());
        drop(hour);
        fs::write(folder.join(NAME), "before").unwrap();
        let hour = Hour::hold_in(&folder).unwrap();
        hour.set(time(1, 0, 0, 0)).unwrap();
        hour.put_back().unwrap();
        assert_eq!(fs::read_to_string(folder.join(NAME)).unwrap(), "before");
    }

    #[test]
    fn of_two_one_waits_for_the_other_and_no_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("timer.d");
        let hour = Hour::hold_in(&folder).unwrap();
        let other = open_folder(&folder).unwrap();
        assert!(other.try_lock().is_err());
        drop(hour);
        assert!(other.try_lock().is_ok());
        let link = root.path().join("link.d");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(Hour::hold_in(&link).is_err());
    }

    #[test]
    fn what_comes_after_ours_is_found_by_its_name() {
        let paths = |names: &[&str]| names.iter().map(|name| format!("/x/{name}")).collect::<Vec<_>>();
        assert_eq!(later(&paths(&["10-a.conf", "50-panel.conf"])), None);
        assert_eq!(later(&paths(&["50-panel.conf", "override.conf"])), Some("/x/override.conf".into()));
        assert_eq!(later(&[]), None);
    }
}

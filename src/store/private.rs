//! A folder of the state directory that one user alone may read: for what the panel knows of
//! who may use it, and for what a restore has in hand. Whoever shares the state directory may
//! put something else in its place: a folder of somebody else's is never read or written.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::Flock;
use nix::unistd::geteuid;

use super::error::{At, StoreError};
use super::{atomic, lock, shared, sweep};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Every right of group and others.
const OTHERS: u32 = 0o077;

/// The folder.
#[derive(Clone, Debug)]
pub struct Private {
    folder: PathBuf,
    root_may_enter: bool,
}

/// Held by whoever changes a file of the folder.
#[derive(Debug)]
pub struct PrivateLock(#[allow(dead_code)] Flock<File>);

/// Tells one state of a file from another: each is a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    changed: (i64, i64),
    length: u64,
}

impl Private {
    /// The panel's folder of this state directory, whether it is there or not; root may look
    /// into it.
    pub fn of_panel(state: &Path) -> Self {
        Self { folder: state.join("access"), root_may_enter: true }
    }

    /// The folder of whoever restores: what stands in it is done, so that not even root
    /// believes one of somebody else's.
    pub fn of_restore(state: &Path) -> Self {
        Self { folder: state.join("restore"), root_may_enter: false }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Makes it where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Denied`] for one that is a link or somebody else's.
    pub fn make(&self) -> Result<(), StoreError> {
        if let Some(state) = self.folder.parent() {
            shared::make_folder(state).at("create", state)?;
        }
        match DirBuilder::new().mode(FOLDER_MODE).create(&self.folder) {
            // Without the set-group-id bit that it has from the folder above.
            Ok(()) => fs::set_permissions(&self.folder, Permissions::from_mode(FOLDER_MODE)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
        .at("create", &self.folder)?;
        self.find().map(drop)
    }

    /// Clears away what a pulled plug left half written.
    pub fn sweep(&self) -> Result<(), StoreError> {
        let _held = self.lock()?;
        sweep::of_folder(&self.folder).map(drop)
    }

    /// What it is; none where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Denied`] where anybody but this process' user, and root, has a hand in it.
    fn find(&self) -> Result<Option<Metadata>, StoreError> {
        let found = match fs::symlink_metadata(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.at("read", &self.folder)?,
        };
        let ours = found.uid() == geteuid().as_raw() || self.root_may_enter && geteuid().is_root();
        if found.is_dir() && ours && found.mode() & OTHERS == 0 {
            return Ok(Some(found));
        }
        Err(StoreError::Denied { action: "trust", path: self.folder.clone() })
    }

    /// The state of a file; none where it is not there.
    pub fn stamp(&self, name: &str) -> Result<Option<Stamp>, StoreError> {
        if self.find()?.is_none() {
            return Ok(None);
        }
        let path = self.folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(found) => Ok(Some(Stamp {
                inode: found.ino(),
                changed: (found.ctime(), found.ctime_nsec()),
                length: found.len(),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at("read", &path),
        }
    }

    /// The first bytes of a file, at most so many; none where it is not there.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(folder) = self.find()? else { return Ok(None) };
        let path = self.folder.join(name);
        let file = match atomic::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.at("read", &path)?,
        };
        let found = file.metadata().at("read", &path)?;
        // A file that another can write, or has another name for, is not ours.
        if found.uid() != folder.uid() || found.nlink() != 1 || found.mode() & OTHERS != 0 {
            return Err(StoreError::Denied { action: "trust", path });
        }
        let mut content = Vec::new();
        file.take(most).read_to_end(&mut content).at("read", &path)?;
        Ok(Some(content))
    }

    /// Puts a file in the place of the one before it.
    pub fn replace(&self, name: &str, content: &[u8], _held: &PrivateLock) -> Result<(), StoreError> {
        self.find()?;
        atomic::replace(&self.folder.join(name), content, FILE_MODE)
    }

    /// Appends to a file; gives its length.
    pub fn append(&self, name: &str, content: &[u8]) -> Result<u64, StoreError> {
        self.find()?;
        let path = self.folder.join(name);
        let write = || -> io::Result<u64> {
            let mut file = shared::open(&path, OpenOptions::new().append(true), FILE_MODE)?;
            file.write_all(content)?;
            Ok(file.metadata()?.len())
        };
        write().at("write", &path)
    }

    /// Removes a file; one that is not there is no error.
    pub fn remove(&self, name: &str, _held: &PrivateLock) -> Result<(), StoreError> {
        self.find()?;
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).at("delete", &path),
            Ok(()) => atomic::sync_directory(&self.folder),
        }
    }

    /// Takes the folder's lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] after ten seconds.
    pub fn lock(&self) -> Result<PrivateLock, StoreError> {
        self.find()?;
        lock::patiently(&self.folder.join("lock"), FILE_MODE).map(PrivateLock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn folder() -> (tempfile::TempDir, Private) {
        let state = tempfile::tempdir().unwrap();
        let private = Private::of_panel(state.path());
        (state, private)
    }

    #[test]
    fn folder_and_files_are_for_their_user_alone() {
        let (_state, private) = folder();
        private.make().unwrap();
        private.replace("a.json", b"{}", &private.lock().unwrap()).unwrap();
        private.append("b.jsonl", b"1\n").unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(private.folder.clone()), 0o700);
        assert_eq!(["a.json", "b.jsonl", "lock"].map(|name| mode(private.folder.join(name))), [0o600; 3]);
        assert_eq!(private.read("a.json", 10).unwrap().unwrap(), b"{}");
        assert_eq!(private.read("absent", 10).unwrap(), None);
    }

    #[test]
    fn what_a_pulled_plug_left_is_cleared_away_and_nothing_else() {
        let (_state, private) = folder();
        private.make().unwrap();
        private.replace("a.json", b"{}", &private.lock().unwrap()).unwrap();
        fs::write(private.folder.join(".neopro-backup-x.partial"), "half").unwrap();
        private.sweep().unwrap();
        let mut left: Vec<_> =
            fs::read_dir(&private.folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a.json", "lock"]);
    }

    #[test]
    fn a_link_or_an_open_folder_in_its_place_is_not_trusted() {
        let (state, private) = folder();
        let elsewhere = state.path().join("elsewhere");
        DirBuilder::new().mode(0o700).create(&elsewhere).unwrap();
        symlink(&elsewhere, &private.folder).unwrap();
        assert!(matches!(private.make(), Err(StoreError::Denied { .. })));
        assert!(matches!(private.read("x", 1), Err(StoreError::Denied { .. })));
        fs::remove_file(&private.folder).unwrap();
        private.make().unwrap();
        fs::set_permissions(&private.folder, Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(private.stamp("x"), Err(StoreError::Denied { .. })));
    }

    #[test]
    fn a_file_that_another_has_a_hand_in_is_not_trusted() {
        let (_state, private) = folder();
        private.make().unwrap();
        private.replace("a", b"1", &private.lock().unwrap()).unwrap();
        fs::hard_link(private.folder.join("a"), private.folder.join("b")).unwrap();
        assert!(matches!(private.read("a", 1), Err(StoreError::Denied { .. })));
        fs::remove_file(private.folder.join("b")).unwrap();
        assert!(private.read("a", 1).is_ok());
        fs::set_permissions(private.folder.join("a"), Permissions::from_mode(0o606)).unwrap();
        assert!(matches!(private.read("a", 1), Err(StoreError::Denied { .. })));
    }

    #[test]
    fn each_state_of_a_file_has_a_stamp_of_its_own() {
        let (_state, private) = folder();
        private.make().unwrap();
        let held = private.lock().unwrap();
        assert_eq!(private.stamp("a").unwrap(), None);
        private.replace("a", b"1", &held).unwrap();
        let first = private.stamp("a").unwrap();
        private.replace("a", b"2", &held).unwrap();
        assert_ne!(private.stamp("a").unwrap(), first);
    }
}

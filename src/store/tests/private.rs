//! The folder of secrets: its modes, and what others may have put in its place.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use nix::unistd::{Uid, chown};

use crate::store::Private;

const MOST: u64 = 1 << 10;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn what_is_kept_is_its_owner_s_alone_and_found_again() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    assert!(Private::open(&state).unwrap().is_none());
    let private = Private::make(&state).unwrap();
    assert_eq!(private.read("secret", MOST).unwrap(), None);
    private.replace("secret", b"old").unwrap();
    private.replace("secret", b"new").unwrap();
    let again = Private::open(&state).unwrap().unwrap();
    assert_eq!(again.read("secret", MOST).unwrap().unwrap(), b"new");
    assert_eq!(again.read("secret", 2).unwrap().unwrap(), b"ne", "no more than is wanted");
    assert_eq!((mode(&state.join("access")), mode(&state.join("access/secret"))), (0o700, 0o600));
    let names: Vec<_> = fs::read_dir(state.join("access")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["secret"]);
}

#[test]
fn a_folder_that_others_could_read_is_closed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("access");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o2775)).unwrap();
    Private::make(home.path()).unwrap();
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn what_a_killed_writer_left_is_no_obstacle() {
    let home = tempfile::tempdir().unwrap();
    let private = Private::make(home.path()).unwrap();
    let left = home.path().join("access/.neopro-backup-secret.partial");
    fs::write(&left, "half").unwrap();
    private.replace("secret", b"whole").unwrap();
    assert_eq!(private.read("secret", MOST).unwrap().unwrap(), b"whole");
    assert!(!left.exists());
}

#[test]
fn no_link_is_followed_in_it_or_to_it() {
    let home = tempfile::tempdir().unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("theirs"), "theirs").unwrap();

    let state = home.path().join("state");
    let private = Private::make(&state).unwrap();
    symlink(elsewhere.join("theirs"), state.join("access/secret")).unwrap();
    assert!(private.read("secret", MOST).is_err());
    private.replace("secret", b"mine").unwrap();
    assert_eq!(fs::read(elsewhere.join("theirs")).unwrap(), b"theirs");
    assert_eq!(fs::read(state.join("access/secret")).unwrap(), b"mine");

    fs::rename(state.join("access"), home.path().join("moved")).unwrap();
    symlink(&elsewhere, state.join("access")).unwrap();
    assert!(Private::open(&state).is_err() && Private::make(&state).is_err());
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[test]
fn what_root_writes_belongs_to_the_folder_s_owner() {
    if !Uid::effective().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let private = Private::make(home.path()).unwrap();
    let folder = home.path().join("access");
    chown(&folder, Some(1.into()), Some(1.into())).unwrap();
    private.replace("secret", b"x").unwrap();
    let found = fs::metadata(folder.join("secret")).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (1, 1, 0o600));
}

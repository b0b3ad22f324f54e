//! Files that change, hang, or are something else: how the copy behaves.

use std::fs::Permissions;
use std::io::Seek;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::SystemTime;

use nix::sys::stat::Mode;
use nix::unistd::{Uid, mkfifo};
use tempfile::TempDir;

use super::*;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("source.json");
    (dir, path)
}

fn content(copy: &mut StableCopy) -> Vec<u8> {
    let mut bytes = Vec::new();
    copy.spool.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Reads without pauses; `at` is told each moment and how often it has come.
fn read_with(path: &Path, mut at: impl FnMut(&Moment, u32)) -> Result<StableCopy, SourceError> {
    let mut attempt = 1;
    read_watched(path, path.parent().unwrap(), &mut |moment| {
        attempt += u32::from(matches!(moment, Moment::Again(_)));
        at(&moment, attempt);
    })
}

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[track_caller]
fn assert_refused(path: &Path, expected: Kind) {
    match read_stable(path, Path::new("/nowhere")) {
        Err(SourceError::NotRegular { path: named, kind }) => {
            assert_eq!((named.as_path(), kind), (path, expected));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quiet_file_is_copied_with_all_its_facts() {
    let (dir, path) = place();
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let mtime = SystemTime::UNIX_EPOCH + Duration::new(1_734_487_200, 5);
    File::options().write(true).open(&path).unwrap().set_modified(mtime).unwrap();
    let mut copy = read_stable(&path, dir.path()).unwrap();
    assert_eq!(content(&mut copy), b"{}");
    assert_eq!((copy.size, copy.mode, copy.settled, copy.valid_json), (2, 0o600, true, Some(true)));
    assert_eq!(copy.mtime, "2024-12-18T02:00:00.000000005Z".parse().unwrap());
    assert_eq!(copy.uid, Uid::effective().as_raw());
    assert_eq!(copy.sha256, <[u8; 32]>::from(Sha256::digest(b"{}")));
    if copy.uid == 0 && copy.gid == 0 {
        assert_eq!((copy.owner.as_deref(), copy.group.as_deref()), (Some("root"), Some("root")));
    }
}

#[test]
fn only_json_is_held_to_be_json() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".env");
    fs::write(&path, "TOKEN=1").unwrap();
    assert_eq!(read_stable(&path, dir.path()).unwrap().valid_json, None);
}

#[test]
fn every_kind_but_a_regular_file_is_refused_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name| dir.path().join(name);
    fs::write(at("file"), "").unwrap();
    symlink(at("file"), at("link")).unwrap();
    symlink("loop", at("loop")).unwrap();
    mkfifo(&at("pipe"), Mode::S_IRWXU).unwrap();
    let _listener = UnixListener::bind(at("socket")).unwrap();
    assert_refused(&at("link"), Kind::Symlink);
    assert_refused(&at("loop"), Kind::Symlink);
    assert_refused(&at("pipe"), Kind::Fifo);
    assert_refused(&at("socket"), Kind::Socket);
    assert_refused(dir.path(), Kind::Directory);
    assert_refused(Path::new("/dev/null"), Kind::Device);
}

#[test]
fn a_missing_file_is_missing_at_the_first_look() {
    let (dir, path) = place();
    for path in [&path, &dir.path().join("absent/file"), Path::new("/dev/null/file")] {
        let error = read_with(path, |_, _| panic!("nothing to wait for")).unwrap_err();
        assert!(matches!(error, SourceError::Missing { .. }), "{error:?}");
    }
}

#[test]
fn what_takes_the_file_s_place_before_it_is_opened_is_refused() {
    for (swap, expected) in [
        ((|path| mkfifo(path, Mode::S_IRWXU).unwrap()) as fn(&Path), Kind::Fifo),
        (|path| symlink("/etc/passwd", path).unwrap(), Kind::Symlink),
        (|path| drop(UnixListener::bind(path).unwrap()), Kind::Socket),
    ] {
        let (_dir, path) = place();
        fs::write(&path, "{}").unwrap();
        let result = read_with(&path, |moment, _| {
            if matches!(moment, Moment::Looked) {
                fs::remove_file(&path).unwrap();
                swap(&path);
            }
        });
        match result {
            Err(SourceError::NotRegular { kind, .. }) => assert_eq!(kind, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_that_is_gone_before_it_is_opened_is_missing() {
    let (_dir, path) = place();
    fs::write(&path, "{}").unwrap();
    let result = read_with(&path, |_, _| fs::remove_file(&path).unwrap());
    assert!(matches!(result, Err(SourceError::Missing { .. })), "{result:?}");
}

#[test]
fn a_file_swapped_while_it_is_read_is_read_again() {
    let (dir, path) = place();
    fs::write(&path, "[1]").unwrap();
    let mut copy = read_with(&path, |moment, attempt| {
        if matches!(moment, Moment::Copied) && attempt == 1 {
            fs::write(dir.path().join("new"), "[2]").unwrap();
            fs::rename(dir.path().join("new"), &path).unwrap();
        }
    })
    .unwrap();
    assert!(copy.settled);
    assert_eq!(content(&mut copy), b"[2]");
}

#[test]
fn a_file_written_in_place_while_it_is_read_is_read_again() {
    let (_dir, path) = place();
    fs::write(&path, "[1]").unwrap();
    let mut attempts = 0;
    let mut copy = read_with(&path, |moment, attempt| {
        attempts = attempt;
        if matches!(moment, Moment::Copied) && attempt == 1 {
            let file = File::options().write(true).open(&path).unwrap();
            (&file).write_all(b"[3]").unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
    })
    .unwrap();
    assert_eq!((copy.settled, attempts), (true, 2));
    assert_eq!(content(&mut copy), b"[3]");
}

#[test]
fn truncated_json_that_is_whole_at_the_third_attempt_is_whole() {
    let (_dir, path) = place();
    fs::write(&path, r#"{"a":"#).unwrap();
    let mut attempts = 0;
    let mut copy = read_with(&path, |moment, attempt| {
        attempts = attempt;
        if matches!(moment, Moment::Again(_)) && attempt == 3 {
            append(&path, b" 1}");
        }
    })
    .unwrap();
    assert_eq!((attempts, copy.settled, copy.valid_json), (3, true, Some(true)));
    assert_eq!(content(&mut copy), br#"{"a": 1}"#);
}

#[test]
fn json_that_never_gets_whole_is_copied_and_flagged_within_a_second() {
    let (_dir, path) = place();
    fs::write(&path, "{").unwrap();
    let mut pauses = Vec::new();
    let mut copy = read_with(&path, |moment, _| {
        if let Moment::Again(pause) = moment {
            pauses.push(pause.as_millis());
        }
    })
    .unwrap();
    assert_eq!(pauses, [50, 100, 200, 400]);
    assert_eq!((copy.settled, copy.valid_json), (true, Some(false)));
    assert_eq!(content(&mut copy), b"{");
}

#[test]
fn a_file_that_is_touched_at_every_attempt_never_settles_and_the_newest_copy_is_kept() {
    let (_dir, path) = place();
    fs::write(&path, "0").unwrap();
    let mut copy = read_with(&path, |moment, _| {
        if matches!(moment, Moment::Copied) {
            append(&path, b"0");
        }
    })
    .unwrap();
    assert_eq!((copy.settled, copy.size), (false, 5));
    assert_eq!(content(&mut copy), b"00000");
}

#[test]
fn a_file_deleted_between_attempts_leaves_an_unsettled_copy() {
    let (_dir, path) = place();
    fs::write(&path, "[").unwrap();
    let mut copy = read_with(&path, |moment, attempt| {
        if matches!(moment, Moment::Again(_)) && attempt == 2 {
            fs::remove_file(&path).unwrap();
        }
    })
    .unwrap();
    assert_eq!((copy.settled, copy.valid_json), (false, Some(false)));
    assert_eq!(content(&mut copy), b"[");
}

#[test]
fn a_link_put_in_place_between_attempts_is_refused() {
    let (_dir, path) = place();
    fs::write(&path, "[").unwrap();
    let result = read_with(&path, |moment, attempt| {
        if matches!(moment, Moment::Again(_)) && attempt == 2 {
            fs::remove_file(&path).unwrap();
            symlink("/etc/shadow", &path).unwrap();
        }
    });
    assert!(matches!(result, Err(SourceError::NotRegular { kind: Kind::Symlink, .. })), "{result:?}");
}

#[test]
fn of_a_file_that_grows_one_mebibyte_more_is_read() {
    let (_dir, path) = place();
    fs::write(&path, "1").unwrap();
    let copy = read_with(&path, |moment, attempt| {
        if matches!(moment, Moment::Opened) && attempt == 5 {
            append(&path, &vec![b'0'; 3 << 20]);
        } else if matches!(moment, Moment::Copied) {
            append(&path, b"0");
        }
    })
    .unwrap();
    assert_eq!((copy.settled, copy.size), (false, 5 + GROWTH_READ));
}

#[test]
fn a_large_file_is_spooled_to_a_file_without_a_name() {
    let (dir, path) = place();
    let big = vec![b'7'; (3 << 20) + 1];
    fs::write(&path, &big).unwrap();
    let spool_dir = tempfile::tempdir_in(dir.path()).unwrap();
    let mut copy = read_stable(&path, spool_dir.path()).unwrap();
    assert!(copy.spool.is_rolled());
    assert_eq!(copy.spool.stream_position().unwrap(), 0);
    assert_eq!(fs::read_dir(spool_dir.path()).unwrap().count(), 0);
    assert_eq!(copy.sha256, <[u8; 32]>::from(Sha256::digest(&big)));
    assert!(content(&mut copy) == big && copy.settled);
}

#[test]
fn a_copy_that_cannot_be_kept_is_the_spool_s_error() {
    let (dir, path) = place();
    fs::write(&path, vec![b'7'; 2 << 20]).unwrap();
    let result = read_stable(&path, &dir.path().join("absent"));
    assert!(matches!(result, Err(SourceError::Spool { .. })), "{result:?}");
}

#[test]
fn a_source_that_fails_while_it_is_read_is_unreadable_and_an_interruption_is_nothing() {
    struct Troubled(Vec<ErrorKind>);
    impl Read for Troubled {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.pop().map_or(Ok(0), |kind| Err(kind.into()))
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let copied = |troubles| copy(Troubled(troubles), &mut new_spool(dir.path()), Path::new("/v"));
    assert_eq!(copied(vec![ErrorKind::Interrupted]).unwrap().0, 0);
    let failed = copied(vec![ErrorKind::TimedOut]);
    assert!(matches!(failed, Err(SourceError::Unreadable { .. })), "{failed:?}");
}

#[test]
fn a_file_that_permissions_forbid_is_denied() {
    let (dir, path) = place();
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let result = super::super::without_privileges(|| read_stable(&path, dir.path()));
    assert_eq!(result.unwrap_err().code(), "source.denied");
}

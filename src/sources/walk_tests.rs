//! Trees of every kind: what a walk shows, in which order, and what it leaves out.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use nix::unistd::mkfifo;
use tempfile::{TempDir, tempdir};

use super::*;

/// Everything that a walk shows: `path` for a file, `path !why` for what it leaves out.
fn seen_with(root: &Path, mut meanwhile: impl FnMut(&Found<'_>)) -> Vec<String> {
    let mut seen = Vec::new();
    walk(root, &mut |found| {
        meanwhile(&found);
        seen.push(match found {
            Found::File(entry) => entry.path.escape_ascii().to_string(),
            Found::Unlisted(left) => format!("{} !{:?}", left.path.escape_ascii(), left.why),
        });
        Ok(())
    })
    .unwrap();
    seen
}

fn seen(root: &Path) -> Vec<String> {
    seen_with(root, |_| {})
}

fn tree(files: &[&str]) -> TempDir {
    let root = tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    root
}

#[test]
fn entries_come_in_the_order_of_their_bytes_and_directories_where_they_stand() {
    let root = tree(&["b", "a.mp4", "a/z", "a/b/c", "a-1", "B", "é", "~", "a/b-"]);
    assert_eq!(seen(root.path()), ["B", "a/b/c", "a/b-", "a/z", "a-1", "a.mp4", "b", "~", "\\xc3\\xa9"]);
}

#[test]
fn an_entry_has_the_facts_of_its_file() {
    let root = tree(&["dir/video"]);
    let path = root.path().join("dir/video");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    seen_with(root.path(), |found| {
        let Found::File(entry) = found else { panic!("one file is all") };
        assert_eq!((entry.size, entry.mode), (9, 0o640));
        assert_eq!((entry.uid, entry.gid), (metadata.uid(), metadata.gid()));
        assert_eq!(entry.mtime, from_unix(metadata.mtime(), metadata.mtime_nsec()));
        let mut content = String::new();
        entry.open().unwrap().read_to_string(&mut content).unwrap();
        assert_eq!(content, "dir/video");
    });
}

#[test]
fn an_entry_that_was_swapped_is_not_opened() {
    for swap in [
        (|path| symlink("/etc/passwd", path).unwrap()) as fn(&Path),
        |path| mkfifo(path, Mode::S_IRWXU).unwrap(),
        |path| fs::create_dir(path).unwrap(),
    ] {
        let root = tree(&["video"]);
        seen_with(root.path(), |found| {
            let Found::File(entry) = found else { panic!("one file is all") };
            fs::remove_file(root.path().join("video")).unwrap();
            assert_eq!(entry.open().unwrap_err().kind(), io::ErrorKind::NotFound);
            swap(&root.path().join("video"));
            assert_eq!(entry.open().unwrap_err().kind(), io::ErrorKind::InvalidInput);
        });
    }
}

#[test]
fn links_and_loops_are_left_out_and_said() {
    let root = tree(&["dir/file"]);
    symlink("..", root.path().join("dir/up")).unwrap();
    symlink("self", root.path().join("self")).unwrap();
    symlink("dir", root.path().join("alias")).unwrap();
    assert_eq!(seen(root.path()), ["alias !Symlink", "dir/file", "dir/up !Symlink", "self !Symlink"]);
}

#[test]
fn pipes_and_sockets_are_left_out_and_said() {
    let root = tree(&[]);
    mkfifo(&root.path().join("pipe"), Mode::S_IRWXU).unwrap();
    let _listener = UnixListener::bind(root.path().join("socket")).unwrap();
    assert_eq!(seen(root.path()), ["pipe !Fifo", "socket !Socket"]);
}

#[test]
fn what_vanishes_under_way_is_said() {
    let root = tree(&["a", "b", "c/d"]);
    let shown = seen_with(root.path(), |found| {
        if matches!(found, Found::File(_)) {
            fs::remove_file(root.path().join("b")).unwrap();
            fs::remove_dir_all(root.path().join("c")).unwrap();
        }
    });
    assert_eq!(shown, ["a", "b !Vanished", "c !Vanished"]);
}

#[test]
fn a_directory_that_permissions_forbid_is_said_and_the_rest_is_listed() {
    let root = tree(&["closed/a", "open/b"]);
    fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
    let closed = root.path().join("closed");
    fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    let of_root = super::super::without_privileges(|| seen(&closed));
    let shown = super::super::without_privileges(|| seen(root.path()));
    fs::set_permissions(&closed, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(shown, ["closed !Denied", "open/b"]);
    assert_eq!(of_root, [format!("{} !Denied", closed.display())]);
}

#[test]
fn nesting_is_bounded_and_paths_may_be_longer_than_the_system_s_limit() {
    let root = tree(&[]);
    let long = "d".repeat(100);
    let mut directory = open(root.path(), DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..=MAX_DEPTH {
        drop(openat(&directory, "file", OFlag::O_CREAT | OFlag::O_WRONLY, Mode::S_IRWXU).unwrap());
        nix::sys::stat::mkdirat(&directory, long.as_str(), Mode::S_IRWXU).unwrap();
        directory = openat(&directory, long.as_str(), DIRECTORY, Mode::empty()).unwrap();
    }
    let shown = seen(root.path());
    assert_eq!(shown.len(), MAX_DEPTH + 2);
    assert!(shown[0].len() > 12_000 && shown[0].ends_with(" !TooDeep"), "{}", shown[0]);
    assert!(shown[1..].iter().all(|path| path.ends_with("file")));
}

#[test]
fn a_root_that_is_no_directory_is_said() {
    let root = tree(&["file", "dir/inside"]);
    let at = |name: &str| root.path().join(name);
    symlink("dir", at("link")).unwrap();
    let refused = [
        ("absent", "RootMissing"),
        ("file/below", "RootMissing"),
        ("file", "RootNotDirectory"),
        ("link", "RootSymlink"),
        ("link/", "RootSymlink"),
        ("link/.", "RootSymlink"),
    ];
    for (name, why) in refused {
        let named: PathBuf = at(name).components().collect();
        assert_eq!(seen(&at(name)), [format!("{} !{why}", named.display())]);
    }
    assert!(seen(Path::new(&"x".repeat(5000)))[0].ends_with(" !Unreadable(ENAMETOOLONG)"));
    assert_eq!(seen(&at("link/../dir/")), ["inside"], "links above the root are the owner's business");
}

#[test]
fn the_visitor_s_error_ends_the_walk() {
    let root = tree(&["a/b", "c"]);
    let mut calls = 0;
    let ended = walk(root.path(), &mut |_| {
        calls += 1;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert_eq!((ended.unwrap_err().kind(), calls), (io::ErrorKind::StorageFull, 1));
}

#[test]
fn a_directory_whose_names_cannot_be_read_is_said() {
    let mut shown = Vec::new();
    let no_directory = OwnedFd::from(File::open("/dev/null").unwrap());
    let visit: &mut dyn FnMut(Found<'_>) -> io::Result<()> = &mut |found| {
        let Found::Unlisted(left) = found else { panic!("nothing can be listed") };
        shown.push((left.path.to_vec(), left.why));
        Ok(())
    };
    Walk { path: Vec::new(), visit }.directory(&no_directory, 0).unwrap();
    assert_eq!(shown, [(b".".to_vec(), Why::Unreadable(Errno::ENOTDIR))]);
}

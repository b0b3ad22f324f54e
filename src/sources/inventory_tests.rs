//! The contract's form to the letter, and that it comes back exactly.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufReader;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::tempdir;

use super::super::error::tests::assert_can_be_said;
use super::super::parse::parse_inventory;
use super::*;

fn take(root: &Path) -> Inventory {
    take_inventory(root, root, &mut |_, _| {}).unwrap()
}

fn text(inventory: &mut Inventory) -> String {
    let mut text = String::new();
    inventory.reader().unwrap().read_to_string(&mut text).unwrap();
    text
}

fn file(root: &Path, name: &[u8], size: u64, mtime: u64) {
    let path = root.join(OsStr::from_bytes(name));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(mtime)).unwrap();
}

#[test]
fn the_text_is_the_contract_s() {
    let dir = tempdir().unwrap();
    let root = dir.path().join("vid\téos");
    file(&root, "SPONSORS/Été\n1.mp4".as_bytes(), 5_000_000_000, 1_734_487_200);
    file(&root, b"#1 \\ latin-\xe9", 0, 0);
    symlink("/", root.join("out")).unwrap();
    let mut inventory = take(&root);
    let expected = format!(
        "# root: {}/vid\\téos\n# files: 2\n# bytes: 5000000000\n\
         # warning: symbolic link, not followed: out\n\
         0\t1970-01-01T00:00:00Z\t#1 \\\\ latin-\\xE9\n\
         5000000000\t2024-12-18T02:00:00Z\tSPONSORS/Été\\n1.mp4\n",
        dir.path().display()
    );
    assert_eq!(text(&mut inventory), expected);
    assert_eq!(text(&mut inventory), expected, "a second reading begins at the start");
    assert_eq!(inventory.size(), expected.len() as u64);
    assert_eq!((inventory.files, inventory.bytes, inventory.unlisted), (2, 5_000_000_000, 1));
    assert_eq!(inventory.newest, Some("2024-12-18T02:00:00Z".parse().unwrap()));
    assert_eq!(inventory.warnings[0].key, "source.unlisted.symlink");
}

#[test]
fn a_missing_root_is_an_empty_list_with_a_warning() {
    let dir = tempdir().unwrap();
    let mut inventory = take(&dir.path().join("absent"));
    let path = dir.path().join("absent").display().to_string();
    assert_eq!(
        text(&mut inventory),
        format!("# root: {path}\n# files: 0\n# bytes: 0\n# warning: there is no such directory: {path}\n")
    );
    assert_eq!((inventory.files, inventory.newest, inventory.unlisted), (0, None, 1));
    assert_eq!(inventory.warnings[0].key, "source.unlisted.root_missing");
}

#[test]
fn warnings_are_bounded_and_the_rest_is_counted() {
    let dir = tempdir().unwrap();
    for number in 0..103 {
        symlink("/", dir.path().join(format!("{number}"))).unwrap();
    }
    let inventory = take(dir.path());
    assert_eq!((inventory.unlisted, inventory.warnings.len()), (103, 101));
    assert_eq!(inventory.header.lines().count(), 3 + 101);
    assert!(inventory.header.ends_with("\n# warning: 3 more not listed\n"));
    assert_can_be_said(inventory.warnings.last().unwrap());
}

#[test]
fn progress_is_told_now_and_then_and_at_the_end() {
    let dir = tempdir().unwrap();
    for number in 0..300 {
        file(dir.path(), format!("{number}").as_bytes(), 10, 0);
    }
    let mut told = Vec::new();
    take_inventory(dir.path(), dir.path(), &mut |files, bytes| told.push((files, bytes))).unwrap();
    assert_eq!(told, [(256, 2560), (300, 3000)]);
}

#[test]
fn a_long_list_is_spooled_and_a_spool_that_fails_is_the_only_error() {
    let dir = tempdir().unwrap();
    for number in 0..1500 {
        // Each byte of these names takes four in the list.
        file(dir.path(), &[vec![0xff; 250], format!("{number:04}").into()].concat(), 1, 0);
    }
    let mut inventory = take(dir.path());
    assert!(inventory.lines.is_rolled() && inventory.size() > 1 << 20);
    let lines = parse_inventory(BufReader::new(inventory.reader().unwrap()));
    assert_eq!(lines.map(Result::unwrap).count(), 1500);
    let failed = take_inventory(dir.path(), &dir.path().join("absent"), &mut |_, _| {});
    assert!(matches!(failed, Err(SourceError::Spool { .. })));
}

/// A name as a hostile directory could hold it: any bytes but `/` and NUL.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![1..=255u8, Just(b'\n'), Just(b'\t'), Just(b'#'), Just(b'\\'), Just(0xc3), Just(0xa9)];
    let name = prop_oneof![
        9 => prop::collection::vec(byte.clone(), 1..20),
        1 => prop::collection::vec(byte, 255)
    ];
    name.prop_map(|name| name.into_iter().map(|byte| if byte == b'/' { b'_' } else { byte }).collect())
        .prop_filter("names of every directory", |name: &Vec<u8>| name != b"." && name != b"..")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_names_and_times_come_back_exactly(
        names in prop::collection::btree_set(name(), 1..8),
        sub in name(),
        mtime in 0..10_000_000_000u64,
    ) {
        let dir = tempdir().unwrap();
        let mut expected: Vec<Vec<Vec<u8>>> = Vec::new();
        for (number, name) in names.iter().enumerate() {
            file(dir.path(), name, number as u64, mtime);
            expected.push(vec![name.clone()]);
        }
        if !names.contains(&sub) {
            for name in &names {
                file(dir.path(), &[&sub[..], b"/", name].concat(), 0, mtime);
                expected.push(vec![sub.clone(), name.clone()]);
            }
        }
        expected.sort(); // name by name, as the contract wants, not as one string
        let mut inventory = take(dir.path());
        let lines: Vec<_> = parse_inventory(BufReader::new(inventory.reader().unwrap()))
            .map(Result::unwrap)
            .collect();
        let paths: Vec<_> = lines.iter().map(|line| line.path.clone()).collect();
        prop_assert_eq!(paths, expected.iter().map(|names| names.join(&b'/')).collect::<Vec<_>>());
        // A file system may not keep every year; what it kept is listed.
        let kept = fs::metadata(dir.path().join(OsStr::from_bytes(&lines[0].path))).unwrap();
        let kept = kept.modified().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        prop_assert!(lines.iter().all(|line| u64::try_from(line.mtime.as_second()) == Ok(kept)));
    }
}

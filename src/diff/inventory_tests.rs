//! The merge, and that it follows the order of real inventories.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use proptest::prelude::*;

use super::super::tests::{counts, diff, told};
use super::*;
use crate::model::Form;
use crate::sources::take_inventory;

const TIME: &str = "2024-12-18T02:00:00Z";

/// A tree with a file at each path, as an inventory.
fn taken(paths: &[&[u8]]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    for path in paths {
        let path = dir.path().join(OsStr::from_bytes(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let mut text = Vec::new();
    let mut inventory = take_inventory(dir.path(), Path::new("/tmp"), &mut |_, _| {}).unwrap();
    inventory.reader().unwrap().read_to_end(&mut text).unwrap();
    // The times of files made just now would differ between two trees.
    let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let mut columns = line.splitn(3, |byte| *byte == b'\t');
        match (columns.next(), columns.next(), columns.next()) {
            (Some(size), Some(_), Some(path)) => [size, TIME.as_bytes(), path].join(&b'\t'),
            _ => line.to_vec(),
        }
    });
    lines.collect::<Vec<_>>().concat()
}

const NASTY: [&[u8]; 16] = [
    b"a/b",
    b"a/b.c/d",
    b"a/b c",
    b"a.b",
    b"a b",
    b"a-b/c",
    b"a0",
    b"a!",
    b"A",
    "é/x".as_bytes(),
    b"\xe9",
    b"a\n",
    b"a\x01/z",
    b"#x",
    b"a/#",
    b"\\",
];

#[test]
fn real_inventories_are_in_the_order_of_the_merge() {
    let all = taken(&NASTY);
    for left_out in 0..NASTY.len() {
        let mut some = NASTY.to_vec();
        let gone = some.remove(left_out);
        let diff = diff(Form::Inventory, taken(&some), &all);
        assert_eq!(told(&diff), [format!("+{} 0.0 B, {TIME}", escape(gone))]);
    }
    let (even, odd): (Vec<_>, Vec<_>) = NASTY.iter().enumerate().partition(|(place, _)| place % 2 == 0);
    let paths =
        |some: Vec<(usize, &&'static [u8])>| some.into_iter().map(|(_, path)| *path).collect::<Vec<_>>();
    let diff = diff(Form::Inventory, taken(&paths(even)), taken(&paths(odd)));
    assert_eq!((diff.state, counts(&diff)), (DiffState::Changed, (8, 8, 0)));
}

#[test]
fn a_file_that_became_a_folder_is_gone_and_what_is_in_it_new() {
    let (file, folder) = (taken(&[b"a", b"a.b", b"b"]), taken(&[b"a/x", b"a.b", b"b"]));
    assert_eq!(
        told(&diff(Form::Inventory, file, folder)),
        [format!("-a 0.0 B, {TIME}"), format!("+a/x 0.0 B, {TIME}")]
    );
}

#[test]
fn a_video_of_another_size_or_time_is_changed() {
    let before = format!("5000000\t{TIME}\ta\n5000000\t{TIME}\tb\n5000000\t{TIME}\tc\n");
    let after = format!("9000000\t{TIME}\ta\n5000001\t{TIME}\tb\n5000000\t2025-01-01T00:00:00Z\tc\n");
    assert_eq!(
        told(&diff(Form::Inventory, before, after)),
        [
            format!("~a 4.8 MB, {TIME} -> 8.6 MB, {TIME}"),
            format!("~b 5000000 B, {TIME} -> 5000001 B, {TIME}"),
            format!("~c 4.8 MB, {TIME} -> 4.8 MB, 2025-01-01T00:00:00Z"),
        ]
    );
}

#[test]
fn headers_do_not_matter() {
    let line = format!("1\t{TIME}\ta\n");
    let same =
        diff(Form::Inventory, format!("# root: /a\n# files: 1\n{line}"), format!("# root: /b\n{line}"));
    assert_eq!(same.state, DiffState::Same);
    assert_eq!(diff(Form::Inventory, "", "# root: /b\n").state, DiffState::Same);
}

#[test]
fn what_is_no_inventory_or_not_in_order_is_unreadable_and_not_counted() {
    let good = format!("1\t{TIME}\ta\n1\t{TIME}\ta.b\n");
    for bad in [
        "/home/pi/videos:\ntotal 12K\n-rw-r--r-- 1 pi pi 12K Dec 18 02:00 a.mp4\n".to_owned(),
        format!("1\t{TIME}\tb\n1\t{TIME}\ta\n"),
        format!("1\t{TIME}\ta.b\n1\t{TIME}\ta/b\n"),
        format!("1\t{TIME}\ta\n1\t{TIME}\ta\n"),
        format!("1\t{TIME}\tx\n1\t{TIME}\ty"),
    ] {
        for (before, after) in [(&good, &bad), (&bad, &good)] {
            let diff = diff(Form::Inventory, before, after);
            assert_eq!(
                (diff.state, counts(&diff), diff.changes.len()),
                (DiffState::Unreadable, (0, 0, 0), 0)
            );
        }
        assert_eq!(diff(Form::Inventory, &bad, &bad).state, DiffState::Same, "to the last byte");
    }
}

fn text(files: &BTreeMap<Vec<String>, u8>) -> String {
    let line = |(path, size): (&Vec<String>, &u8)| format!("{size}\t{TIME}\t{}\n", path.join("/"));
    files.iter().map(line).collect::<Vec<_>>().concat()
}

proptest! {
    #[test]
    fn the_merge_counts_as_a_map_does(
        before in prop::collection::btree_map(prop::collection::vec("[a-b. !0]{0,2}x", 1..4), 0..3u8, 0..40),
        after in prop::collection::btree_map(prop::collection::vec("[a-b. !0]{0,2}x", 1..4), 0..3u8, 0..40),
        shared in prop::collection::btree_map(prop::collection::vec("[a-b. !0]{0,2}x", 1..4), 0..3u8, 0..40),
    ) {
        let (mut before, mut after) = (before, after);
        before.extend(shared.clone());
        after.extend(shared);
        let older: HashMap<_, _> = before.iter().collect();
        let newer: HashMap<_, _> = after.iter().collect();
        let added = newer.keys().filter(|path| !older.contains_key(*path)).count() as u64;
        let removed = older.keys().filter(|path| !newer.contains_key(*path)).count() as u64;
        let changed = older.iter().filter(|(path, size)| newer.get(*path).is_some_and(|new| new != *size)).count();
        let diff = diff(Form::Inventory, text(&before), text(&after));
        prop_assert_eq!(counts(&diff), (added, removed, changed as u64));
        prop_assert_eq!(diff.state == DiffState::Same, before == after);
    }
}

//! Everything below a folder, so that two moments can be held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// One name: all that a restore could change of it, and its inode.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Kind and permissions.
    pub(crate) mode: u32,
    /// User and group.
    pub(crate) owner: (u32, u32),
    /// Seconds and nanoseconds.
    pub(crate) modified: (i64, i64),
    pub(crate) inode: u64,
    pub(crate) content: Vec<u8>,
}

/// By the path below the folder.
pub(crate) type Tree = BTreeMap<PathBuf, Node>;

/// One name, whatever it is; none where nothing is.
pub(crate) fn node(path: &Path) -> Option<Node> {
    let found = path.symlink_metadata().ok()?;
    Some(Node {
        mode: found.mode(),
        owner: (found.uid(), found.gid()),
        modified: (found.mtime(), found.mtime_nsec()),
        inode: found.ino(),
        content: if found.is_file() { fs::read(path).unwrap_or_default() } else { vec![] },
    })
}

/// All of them.
pub(crate) fn tree(root: &Path) -> Tree {
    let mut all = Tree::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                folders.push(path.clone());
            }
            if let Some(node) = node(&path) {
                all.insert(path.strip_prefix(root).unwrap().to_owned(), node);
            }
        }
    }
    all
}

/// Panics where something differs but what may: paths below the folder, a `*` at the end
/// of one stands for anything.
pub(crate) fn assert_same(before: &Tree, after: &Tree, may_differ: &[&str], when: &str) {
    let may = |path: &Path| {
        let path = path.to_str().unwrap_or_default();
        may_differ.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(begin) => path.starts_with(begin),
            None => path == *allowed,
        })
    };
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differ = paths.into_iter().filter(|path| before.get(*path) != after.get(*path) && !may(path));
    let differ: Vec<_> = differ.collect();
    assert!(differ.is_empty(), "{when}: {differ:?}");
}

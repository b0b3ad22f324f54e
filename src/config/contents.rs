//! What goes into an archive, and the names that it may have there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Club;
use crate::model::{MANIFEST_MEMBER, Sentence};

/// The member in which this program describes the machine.
pub const SYSTEM_INFO_MEMBER: &str = "system-info.txt";

/// `[[files]]`: a file that is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// Its name in the archive: 1 to 255 letters, digits, `.`, `_` or `-`, and no other member's.
    pub member: String,
    /// The file itself: absolute, without `..`.
    pub path: PathBuf,
    /// Whether a run fails without it.
    pub required: bool,
}

impl FileSource {
    /// A run does without a file that is not there.
    pub const DEFAULT_REQUIRED: bool = false;

    /// The configuration of this club, which a backup is for, and the settings beside it.
    pub fn defaults(club: &Club) -> Vec<Self> {
        let file = |member: &str, path: PathBuf, required| Self { member: member.to_owned(), path, required };
        vec![
            file("configuration.json", club.home().join("neopro/webapp/configuration.json"), true),
            file("sync-agent.env", club.home().join("neopro/sync-agent/.env"), Self::DEFAULT_REQUIRED),
            file("site.conf", "/etc/neopro/site.conf".into(), Self::DEFAULT_REQUIRED),
        ]
    }
}

/// `[[inventories]]`: a folder whose files are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventorySource {
    /// The list's name in the archive; as [`FileSource::member`].
    pub member: String,
    /// The folder: absolute, without `..`.
    pub path: PathBuf,
    /// Whether its files are copied as well.
    pub include: bool,
}

impl InventorySource {
    /// Files are listed, not copied: videos are gigabytes.
    pub const DEFAULT_INCLUDE: bool = false;
    /// The list of videos.
    pub const DEFAULT_MEMBER: &str = "videos-inventory.txt";

    /// The list of this club's videos.
    pub fn defaults(club: &Club) -> Vec<Self> {
        vec![Self {
            member: Self::DEFAULT_MEMBER.to_owned(),
            path: club.home().join("neopro/videos"),
            include: Self::DEFAULT_INCLUDE,
        }]
    }

    /// The folder in the archive below which the copied files go, named like the path's
    /// last component; none where files are only listed.
    pub fn folder(&self) -> Option<&str> {
        if self.include { folder_of(&self.path) } else { None }
    }
}

fn folder_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The names that are taken at the top of an archive.
pub(super) struct Names(HashSet<String>);

impl Names {
    /// Those that this program itself writes.
    pub(super) fn new() -> Self {
        Self([MANIFEST_MEMBER, SYSTEM_INFO_MEMBER].map(str::to_owned).into())
    }

    /// Takes a name, once.
    pub(super) fn claim(&mut self, name: &str) -> Result<(), Sentence> {
        let is_new = self.0.insert(name.to_owned());
        if is_new { Ok(()) } else { Err(Sentence::new("config.name_taken").with("name", name)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_inventory_that_copies_has_a_folder() {
        let mut videos = InventorySource::defaults(&Club::default()).remove(0);
        assert_eq!(videos.folder(), None);
        videos.include = true;
        assert_eq!(videos.folder(), Some("videos"));
        videos.path = "/".into();
        assert_eq!(videos.folder(), None);
    }
}

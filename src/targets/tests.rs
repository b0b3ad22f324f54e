//! Replacing files on a real file system: all or none.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::archive::digest_of;
use crate::model::{JobId, JobKind};

struct Club {
    folder: TempDir,
    intents: Intents,
}

fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

impl Club {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["club", "state"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let club = Self { intents: Intents::of(&folder.path().join("state")), folder };
        fs::write(club.path("a"), "old a").unwrap();
        fs::set_permissions(club.path("a"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::write(club.path("b"), "old b").unwrap();
        club
    }

    fn path(&self, name: &str) -> PathBuf {
        // Some systems keep their temporary folder behind a link.
        fs::canonicalize(self.folder.path()).unwrap().join("club").join(name)
    }

    fn place(&self, name: &str) -> Place {
        Place::open(&self.path(name)).unwrap()
    }

    fn intent() -> Intent {
        Intent {
            job: JobId::new(JobKind::Restore, Timestamp::UNIX_EPOCH, 7),
            phase: Phase::Prepare,
            archive: "backup-20241218-030000.tar.gz".parse().unwrap(),
            safety: "backup-20241219-030000.tar.gz".parse().unwrap(),
            undo: false,
            entries: Vec::new(),
        }
    }

    /// a becomes new, b goes, c comes.
    fn prepared(&self) -> Result<Switch, TargetError> {
        let digest = |text: &str| digest_of(&mut text.as_bytes()).unwrap();
        let owner = fs::metadata(self.path("a")).unwrap();
        let new = |content: &'static str, mode| {
            let content = Box::new(content.as_bytes());
            New { content, uid: owner.uid(), gid: owner.gid(), mode, modified: date() }
        };
        let contents = vec![
            Content {
                place: self.place("a"),
                before: Some(digest("old a")),
                after: Some(new("new a", 0o4600)),
            },
            Content { place: self.place("b"), before: Some(digest("old b")), after: None },
            Content { place: self.place("c"), before: None, after: Some(new("new c", 0o644)) },
        ];
        Switch::prepare(&self.intents, Self::intent(), contents)
    }

    /// Name, content and mode of everything in the folder, hidden files too.
    fn seen(&self) -> Vec<(String, String, u32)> {
        let mut seen: Vec<_> = fs::read_dir(self.path(""))
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let mode = entry.metadata().unwrap().mode() & 0o7777;
                let content = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), content, mode)
            })
            .collect();
        seen.sort();
        seen
    }

    fn assert_nothing_left(&self) {
        assert_eq!(self.intents.read().unwrap(), None);
        assert!(self.seen().iter().all(|(name, ..)| !name.starts_with('.')), "{:?}", self.seen());
    }
}

fn row(name: &str, content: &str, mode: u32) -> (String, String, u32) {
    (name.to_owned(), content.to_owned(), mode)
}

#[test]
fn a_set_of_files_is_replaced_with_modes_and_times() {
    let club = Club::new();
    let mut switch = club.prepared().unwrap();
    assert_eq!(fs::read_to_string(club.path("a")).unwrap(), "old a", "nothing is replaced yet");
    switch.apply().unwrap();
    switch.note(Phase::Done).unwrap();
    switch.finish().unwrap();
    assert_eq!(club.seen(), [row("a", "new a", 0o600), row("c", "new c", 0o644)]);
    assert_eq!(fs::metadata(club.path("a")).unwrap().modified().unwrap(), date());
    club.assert_nothing_left();
}

#[test]
fn going_back_brings_the_very_files_of_before() {
    let club = Club::new();
    let before = (club.seen(), fs::metadata(club.path("a")).unwrap().ino());
    let mut switch = club.prepared().unwrap();
    switch.apply().unwrap();
    switch.note(Phase::Check).unwrap();
    switch.roll_back().unwrap();
    assert_eq!((club.seen(), fs::metadata(club.path("a")).unwrap().ino()), before);
    club.assert_nothing_left();
}

#[test]
fn what_was_begun_is_found_again_at_every_phase() {
    for phase in [Phase::Prepare, Phase::Apply, Phase::Check] {
        let club = Club::new();
        let before = club.seen();
        let mut switch = club.prepared().unwrap();
        if phase > Phase::Prepare {
            switch.apply().unwrap();
        }
        switch.note(phase).unwrap();
        // As after a kill: nobody ended it.
        drop(switch);
        let again = Switch::resume(&club.intents).unwrap().unwrap();
        assert_eq!(again.intent().phase, phase);
        again.roll_back().unwrap();
        assert_eq!(club.seen(), before);
        club.assert_nothing_left();
        assert!(Switch::resume(&club.intents).unwrap().is_none());
    }
}

#[test]
fn going_back_twice_is_going_back() {
    let club = Club::new();
    let before = club.seen();
    let mut switch = club.prepared().unwrap();
    switch.apply().unwrap();
    for (index, entry) in switch.intent().entries.clone().iter().enumerate().take(2) {
        switch.put_back(index, entry).unwrap();
    }
    drop(switch);
    Switch::resume(&club.intents).unwrap().unwrap().roll_back().unwrap();
    assert_eq!(club.seen(), before);
}

#[test]
fn a_file_that_changed_since_its_safety_copy_is_not_replaced() {
    for change in ["a", "c"] {
        let club = Club::new();
        fs::write(club.path(change), "another").unwrap();
        let before = club.seen();
        assert!(matches!(club.prepared(), Err(TargetError::Changed { .. })), "{change}");
        assert_eq!(club.seen(), before);
        club.assert_nothing_left();
    }
    let club = Club::new();
    fs::remove_file(club.path("b")).unwrap();
    assert!(matches!(club.prepared(), Err(TargetError::Changed { .. })));
    club.assert_nothing_left();
}

#[test]
fn what_somebody_else_put_in_an_empty_place_meanwhile_stays_when_going_back() {
    let club = Club::new();
    let mut switch = club.prepared().unwrap();
    switch.apply().unwrap();
    fs::write(club.path("d"), "somebody's").unwrap();
    fs::rename(club.path("d"), club.path("c")).unwrap();
    switch.roll_back().unwrap();
    assert_eq!(fs::read_to_string(club.path("c")).unwrap(), "somebody's");
}

#[test]
fn no_link_is_followed_in_any_part_of_a_path() {
    let club = Club::new();
    fs::create_dir_all(club.path("real/inner")).unwrap();
    fs::write(club.path("real/inner/file"), "").unwrap();
    symlink(club.path("real"), club.path("link")).unwrap();
    symlink(club.path("real/inner/file"), club.path("real/inner/file-link")).unwrap();
    let opened = |name: &str| Place::open(&club.path(name));
    assert!(opened("real/inner/file").unwrap().look().unwrap().is_some());
    assert!(
        matches!(opened("link/inner/file"), Err(TargetError::Link { path }) if path == club.path("link"))
    );
    let place = opened("real/inner/file-link").unwrap();
    assert!(matches!(place.look(), Err(TargetError::Link { .. })));
    assert!(matches!(opened("absent/file"), Err(TargetError::NoFolder { .. })));
    assert!(matches!(opened("a/file"), Err(TargetError::NotRegular { .. })));
    assert!(matches!(opened("real/inner").unwrap().look(), Err(TargetError::NotRegular { .. })));
    assert!(matches!(Place::open(Path::new("/")), Err(TargetError::NotRegular { .. })));
}

#[test]
fn a_note_that_is_not_understood_or_somebody_else_s_is_not_acted_on() {
    let club = Club::new();
    drop(club.prepared().unwrap());
    let note = club.folder.path().join("state/restore/intent.json");
    fs::write(&note, "{}").unwrap();
    assert!(matches!(Switch::resume(&club.intents), Err(TargetError::BadIntent { .. })));
    assert!(note.exists());
    fs::set_permissions(note.parent().unwrap(), fs::Permissions::from_mode(0o770)).unwrap();
    assert!(matches!(club.intents.read(), Err(TargetError::Store(_))));
}

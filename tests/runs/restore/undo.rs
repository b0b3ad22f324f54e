//! The way back: how long it is open, and what ends it.

use std::fs;

use super::{FILES, refused};
use crate::club::{Club, Said, names_in};
use crate::tools::{faketime, lacks};

/// Days after which the way back of these tests is closed.
const SECTIONS: &str = "[schedule]\nmanager = 'local'\n[restore]\nservices = []\nundo_days = 1\n";

fn club() -> (Club, String) {
    let club = Club::restorable();
    club.configure(SECTIONS);
    let name = club.run();
    club.spoil();
    (club, name)
}

fn undo(club: &Club) -> Said {
    club.say(&["restore", "--undo", "--yes"])
}

fn pins(club: &Club) -> Vec<String> {
    names_in(&club.at("state/pins"))
}

impl Club {
    /// A command so many hours from now, by the wall clock.
    fn say_later(&self, hours: i64, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        command.env("LD_PRELOAD", faketime().unwrap()).env("FAKETIME", format!("{hours:+}h"));
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
        Said::of(&mut command)
    }
}

#[test]
fn without_a_restore_there_is_nothing_to_take_back() {
    let club = Club::restorable();
    refused_unseen(undo(&club));
    let name = club.run();
    refused_unseen(undo(&club));
    // One that was refused is none.
    club.say(&["restore", &name, "--only", "absent", "--yes"]).failed(1);
    refused_unseen(undo(&club));
}

/// Before there is a log to write to.
fn refused_unseen(said: Said) {
    assert!(said.failed(1).contains("Il n'y a pas de restauration à annuler"));
}

#[test]
fn it_is_taken_back_once() {
    let (club, name) = club();
    let spoilt = club.state();
    club.restore(&name).done();
    assert!(!spoilt.0.iter().all(Option::is_some), "one file was not there");
    undo(&club).done();
    assert_eq!(club.state(), spoilt, "what was not there is gone again");
    refused_unseen(undo(&club));
    assert_eq!(club.state(), spoilt);
}

#[test]
fn the_way_back_is_closed_after_its_days_and_not_before() {
    if lacks(&["faketime"]) {
        return;
    }
    for (hours, is_open) in [(23, true), (25, false)] {
        let (club, name) = club();
        let spoilt = club.state();
        club.restore(&name).done();
        let restored = club.state();
        let said = club.say_later(hours, &["restore", "--undo", "--yes"]);
        if is_open {
            said.done();
            assert_eq!(club.state(), spoilt);
        } else {
            refused_unseen(said);
            assert_eq!(club.state(), restored);
        }
    }
}

#[test]
fn the_safety_copy_is_pinned_until_the_way_back_is_closed() {
    if lacks(&["faketime"]) {
        return;
    }
    let (club, name) = club();
    club.restore(&name).done();
    let safety = club.last_restore()["undo"]["safety"].as_str().unwrap().to_owned();
    assert_eq!(pins(&club), [&*safety]);
    assert!(club.backup(&safety).exists());
    for (hours, pinned) in [(23, true), (26, false)] {
        // The first of two sees the clock jump, and lets nothing go.
        club.say_later(hours, &["run"]).done();
        assert!(pins(&club).contains(&safety), "after {hours} hours: {}", club.status());
        club.say_later(hours, &["run"]).done();
        assert_eq!(club.status()["warnings"], serde_json::json!([]), "a clock that can be trusted");
        assert_eq!(pins(&club).contains(&safety), pinned, "after {hours} hours: {}", club.status());
    }
    assert!(club.backup(&safety).exists(), "it is an archive like any other now");
    assert_eq!(club.last_restore()["undo"], serde_json::Value::Null);
}

#[test]
fn another_restore_closes_the_way_back_of_the_one_before() {
    let (club, name) = club();
    club.restore(&name).done();
    let first = pins(&club);
    fs::write(club.at(FILES[2]), "SITE=2\n").unwrap();
    let between = club.state();
    club.restore(&name).done();
    let second = pins(&club);
    assert!(first.len() == 1 && second.len() == 1 && first != second, "{first:?} {second:?}");
    undo(&club).done();
    assert_eq!(club.state(), between, "back to before the second one");
    assert!(pins(&club).is_empty());
    refused_unseen(undo(&club));
}

#[test]
fn a_way_back_whose_copy_was_deleted_or_broken_is_refused_and_changes_nothing() {
    let (club, name) = club();
    club.restore(&name).done();
    let [safety] = &pins(&club)[..] else { panic!("one pin") };
    club.say(&["delete", safety]).failed(1);
    let whole = fs::read(club.backup(safety)).unwrap();
    let before = club.state();
    fs::write(club.backup(safety), &whole[..whole.len() / 2]).unwrap();
    refused(undo(&club), "ne peut pas être restaurée");
    fs::remove_file(club.backup(safety)).unwrap();
    refused(undo(&club), safety);
    assert_eq!(club.state(), before);
    // A restore ends that way back, whatever became of its copy.
    club.restore(&name).done();
    assert_eq!(pins(&club).len(), 1);
}

#[test]
fn a_note_of_the_last_restore_that_nobody_understands_offers_no_way_back() {
    let (club, name) = club();
    club.restore(&name).done();
    let good = fs::read_to_string(club.at("state/restore.json")).unwrap();
    for bad in ["", "{", "null", &good.replace("backup-", "../backup-")] {
        fs::write(club.at("state/restore.json"), bad).unwrap();
        refused_unseen(undo(&club));
    }
    club.restore(&name).done();
}

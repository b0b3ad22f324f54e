//! `--dry-run` and reading: nothing on the disk is another afterwards.

use std::fs;

use crate::club::Club;

#[test]
fn every_dry_run_and_every_reading_leaves_the_disk_as_it_was() {
    let club = Club::new();
    let name = club.run();
    let pinned = club.run();
    club.done(&["pin", &pinned]);
    let old = club.empty(9);
    let before = club.snapshot();
    for arguments in [
        &["run", "--dry-run"][..],
        &["prune", "--dry-run"],
        &["prune", "--dry-run", "--json"],
        &["delete", "--dry-run", &name, &old],
        &["pin", "--dry-run", &name],
        &["unpin", "--dry-run", &pinned],
        &["auto", "--dry-run", "off"],
        &["auto", "--dry-run", "at", "18:30"],
        &["auto"],
        &["list"],
        &["list", "--json"],
        &["show", &name],
        &["check"],
        &["config", "check"],
        &["config", "show"],
    ] {
        club.done(arguments);
        assert_eq!(club.snapshot(), before, "{arguments:?}");
    }
}

#[test]
fn a_dry_run_before_the_first_run_makes_no_directory() {
    let club = Club::new();
    let old = club.empty(9);
    let before = club.snapshot();
    for arguments in [
        &["run", "--dry-run"][..],
        &["prune", "--dry-run"],
        &["delete", "--dry-run", &old],
        &["pin", "--dry-run", &old],
        &["unpin", "--dry-run", &old],
        &["auto", "--dry-run", "off"],
        &["auto", "--dry-run", "at", "18:30"],
        &["auto"],
        &["list"],
        &["check"],
    ] {
        let said = club.say(arguments);
        assert!(said.status == Some(0) || arguments == ["check"], "{said:?}");
        assert_eq!(club.snapshot(), before, "{arguments:?}");
    }
}

#[test]
fn run_dry_run_says_what_would_be_saved_and_what_would_go() {
    let club = Club::new();
    let old = club.empty(9);
    let said = club.done(&["run", "--dry-run"]);
    for expected in [
        format!("configuration.json <- {}", club.at("webapp/configuration.json").display()),
        format!("videos-inventory.txt <- {}/", club.at("videos").display()),
        format!("{old}  à supprimer : plus de 7 jours"),
    ] {
        assert!(said.lines().any(|line| line == expected), "{expected}: {said}");
    }
    assert_eq!(fs::read(club.backup(&old)).unwrap(), b"");
}

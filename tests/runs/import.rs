//! `import`: an archive from elsewhere is taken in whole, under its own name, or not at all;
//! and `verify` tells of one that decays in the log.

use std::fs::{self, File};
use std::process::Stdio;

use crate::club::{Club, Said};

/// Two archives of a club, and one of them away from the others.
fn carried_away() -> (Club, String, String) {
    let club = Club::new();
    let (name, elsewhere) = (club.run(), club.at("of the club.tar.gz"));
    fs::rename(club.backup(&name), &elsewhere).unwrap();
    (club, name, elsewhere.to_str().unwrap().to_owned())
}

#[test]
fn an_archive_is_listed_under_its_own_name_and_once() {
    let (club, name, elsewhere) = carried_away();
    let told = club.json(&["import", &elsewhere]);
    assert_eq!((&told["name"], &told["known"]), (&name.as_str().into(), &false.into()));
    assert_eq!(club.listed(), std::slice::from_ref(&name));
    assert_eq!(club.json(&["import", &elsewhere])["known"], true);
    club.assert_all_verify("once it was taken in");
    club.assert_swept("after that");
    assert!(club.done(&["import", &elsewhere]).contains("était déjà là"));
}

#[test]
fn standard_input_is_a_file_as_any_other() {
    let (club, name, elsewhere) = carried_away();
    let mut command = club.command(&["import", "-"]);
    let output = command.stdin(Stdio::from(File::open(elsewhere).unwrap())).output().unwrap();
    assert!(Said::from(output).done().contains(&name));
    assert_eq!(club.listed(), [name]);
}

#[test]
fn a_dry_run_lists_nothing_and_says_what_would_be_refused() {
    let (club, name, elsewhere) = carried_away();
    assert!(club.done(&["import", "--dry-run", &elsewhere]).contains("serait ajoutée"));
    assert_eq!(club.archives().len(), 0);
    fs::write(club.backup(&name), "another one of its name").unwrap();
    for words in [&["import", "--dry-run", &elsewhere][..], &["import", &elsewhere]] {
        club.say(words).failed(1);
    }
    assert_eq!(fs::read(club.backup(&name)).unwrap(), b"another one of its name");
}

#[test]
fn what_is_no_archive_leaves_nothing() {
    let club = Club::new();
    fs::write(club.at("x"), "no archive").unwrap();
    let path = club.at("x");
    club.say(&["import", path.to_str().unwrap()]).failed(1);
    club.say(&["import", "/no/such/file"]).failed(1);
    assert_eq!(club.archives().len(), 0);
    club.assert_swept("after both");
}

#[test]
fn one_that_decays_is_told_in_the_log_in_one_line() {
    let club = Club::new();
    let (good, bad) = (club.run(), club.run());
    let mut bytes = fs::read(club.backup(&bad)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(club.backup(&bad), bytes).unwrap();
    club.say(&["verify", "--all"]).failed(1);
    let log = club.log();
    let told: Vec<_> = log.lines().filter(|line| line.contains("endommagée")).collect();
    assert!(told.len() == 1 && told[0].contains(&format!(" ERROR {bad} ")), "{told:?}");
    assert!(!told[0].contains(&good));
}

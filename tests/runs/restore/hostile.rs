//! The corpus of hostile archives: each restore is refused by a sentence that names the
//! rule, and nothing outside the copy that was looked at has changed.

use std::fs;
use std::time::{Duration, Instant};

use super::FILES;
use crate::club::{Club, Said};
use crate::corpus::{self, CASES, NAME};
use crate::tools::lacks;
use crate::tree::{Tree, assert_same, tree};

/// The appliance's budget.
const MOST_KIB: u64 = 16 << 10;

/// By design: the log, the job's events, and the locks, which name their last holder.
const MAY_DIFFER: [&str; 4] = ["backups/backup.log", "run/jobs*", "state/run.lock", "state/store.lock"];

/// A club into which such an archive is put, and in which a restore was refused before.
fn club() -> Club {
    let club = Club::restorable();
    fs::write(club.at(FILES[2]), "SITE_NAME=\"Gymnase d'Évreux\"\n").unwrap();
    fs::write(club.backup(NAME), "none").unwrap();
    club.restore(NAME).failed(1);
    club
}

/// Puts the archive into the club, tries to restore it; what the last event says.
fn tried(club: &Club, bytes: &[u8]) -> (Said, serde_json::Value, Tree, Tree) {
    fs::write(club.backup(NAME), bytes).unwrap();
    let before = tree(club.folder());
    let said = club.say(&["restore", NAME, "--yes", "--json"]);
    let after = tree(club.folder());
    let last = said.out.lines().last().and_then(|line| serde_json::from_str(line).ok());
    (said, last.unwrap_or_default(), before, after)
}

fn assert_refused(club: &Club, what: &str, bytes: &[u8], code: &str, rule: &str) {
    let (said, done, before, after) = tried(club, bytes);
    assert_same(&before, &after, &MAY_DIFFER, what);
    assert_eq!(done["outcome"]["failure"]["code"], code, "{what}: {said:?}");
    let said = said.failed(1);
    assert!(said.contains(rule), "{what}: {said}");
}

#[test]
fn the_control_is_restored() {
    let club = club();
    let (said, _, before, after) = tried(&club, &corpus::sound());
    said.done();
    for file in FILES {
        let [before, after] = [&before, &after].map(|tree| &tree[std::path::Path::new(file)]);
        assert!(before.content != after.content && after.mode & 0o777 == 0o640, "{file}");
    }
}

#[test]
fn every_case_is_refused_by_the_name_of_its_rule() {
    let club = club();
    for case in CASES {
        assert_refused(&club, case.what, &(case.bytes)(), case.code, case.rule);
    }
}

#[test]
fn cut_and_flipped_archives_are_refused() {
    let club = club();
    let damaged = corpus::damaged();
    assert!(damaged.len() > 90, "{}", damaged.len());
    for (what, bytes) in damaged {
        assert_refused(&club, &what, &bytes, "archive_refused", "ne peut pas être restaurée");
    }
}

#[test]
fn ten_gb_of_zeros_take_no_time_and_no_memory() {
    if lacks(&["/usr/bin/time"]) {
        return;
    }
    let club = club();
    let noted = club.at("peak");
    let time = ["/usr/bin/time", "-f", "%M", "-o", noted.to_str().unwrap()];
    for case in
        CASES.iter().filter(|case| case.what.starts_with("ten GB") || case.what.starts_with("more in all"))
    {
        let bytes = (case.bytes)();
        assert!(bytes.len() < 16 << 20, "{} bytes", bytes.len());
        fs::write(club.backup(NAME), bytes).unwrap();
        let begun = Instant::now();
        Said::of(&mut club.command_by(&time, &["restore", NAME, "--yes"])).failed(1);
        let took = begun.elapsed();
        let noted = fs::read_to_string(&noted).unwrap();
        let peak: u64 = noted.lines().last().unwrap().trim().parse().unwrap();
        eprintln!("{}: {peak} KiB, {took:?}", case.what);
        assert!(peak < MOST_KIB && took < Duration::from_secs(10), "{}: {peak} KiB, {took:?}", case.what);
    }
}

#[test]
fn another_club_s_archive_comes_back_to_who_names_that_club() {
    let club = club();
    let theirs = CASES.iter().find(|case| case.code == "other_club").unwrap();
    fs::write(club.backup(NAME), (theirs.bytes)()).unwrap();
    let say = |confirm: &str| club.say(&["restore", NAME, "--yes", "--confirm", confirm]);
    for wrong in ["", "Gymnase d'Évreux", "salle de brest"] {
        assert!(say(wrong).failed(1).contains("« Salle de Brest »"), "{wrong}");
    }
    say("Salle de Brest").done();
    assert!(fs::read_to_string(club.at(FILES[2])).unwrap().contains("Brest"));
}

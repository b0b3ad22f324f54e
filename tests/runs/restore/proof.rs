//! The proof of restore: each archive's files are put into a scratch folder and looked at.

use std::fs;

use super::FILES;
use crate::club::{Club, names_in};
use crate::tools::lacks;
use crate::traced::call_of;

/// Whether the newest archive could be put back, and why not.
fn rehearsal(club: &Club) -> (serde_json::Value, String) {
    let newest = club.json(&["list"])["backups"][0].clone();
    (newest["rehearsal"].clone(), newest["rehearsalProblem"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn every_run_proves_that_its_archive_can_be_restored_and_leaves_nothing() {
    let club = Club::restorable();
    club.run();
    assert_eq!(rehearsal(&club), ("proven".into(), String::new()));
    let left = names_in(&club.at("state"));
    assert!(left.iter().all(|name| !name.starts_with(".neopro-backup-")), "{left:?}");
}

#[test]
fn settings_that_are_no_json_are_archived_and_told() {
    let club = Club::restorable();
    fs::write(club.at(FILES[0]), "{\"half\": ").unwrap();
    let name = club.run();
    assert_eq!(club.status()["success"], true);
    let (state, reason) = rehearsal(&club);
    assert_eq!(state, "failed");
    assert!(reason.contains("configuration.json n'est pas du JSON entier"), "{reason}");
    assert!(club.status()["warnings"].to_string().contains("JSON"), "{}", club.status());
    // The others of it can be restored.
    let before = club.state();
    super::refused(club.restore(&name), "n'est pas du JSON entier");
    assert_eq!(club.state(), before);
    club.done(&["restore", &name, "--only", "site.conf", "--yes"]);
}

#[test]
fn archives_from_before_are_tried_when_they_are_verified() {
    let club = Club::restorable();
    club.run();
    fs::remove_file(club.at("state/catalogue.json")).unwrap();
    assert_eq!(rehearsal(&club).0, serde_json::Value::Null);
    club.done(&["verify", "--all"]);
    assert_eq!(rehearsal(&club).0, "proven");
    assert!(names_in(&club.at("state")).iter().all(|name| !name.starts_with(".neopro-backup-")));
}

#[test]
fn a_copy_that_comes_out_otherwise_is_no_proof() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::restorable();
    club.run();
    let traced = club.trace("write", None);
    let writes = traced.lines.iter().filter(|line| call_of(line) == Some("write"));
    let nth = 1 + writes.take_while(|line| !line.contains(".scratch/site.conf")).count();
    // The card says "written" of a byte, and has not.
    let traced = club.trace("write", Some(&format!("write:retval=1:when={nth}")));
    assert!(traced.injected().unwrap().contains(".scratch/site.conf"), "{:?}", traced.injected());
    traced.said.done();
    let (state, reason) = rehearsal(&club);
    assert_eq!(state, "failed");
    assert!(reason.contains("site.conf n'en est pas ressorti tel qu'il était"), "{reason}");
}

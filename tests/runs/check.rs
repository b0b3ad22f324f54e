//! `check`, the monitoring plug-in: one line, exit status 0 to 3, performance data.

use std::fs;

use crate::club::{Club, Said};

/// The verdict, which must be one line with performance data.
fn verdict(said: &Said, status: i32, begins: &str) {
    assert_eq!(said.status, Some(status), "{said:?}");
    assert!(said.out.starts_with(begins), "{said:?}");
    assert_eq!(said.out.lines().count(), 1, "{said:?}");
}

fn performance(said: &Said) -> Vec<(String, String)> {
    let (_, data) = said.out.trim_end().split_once(" | ").expect("performance data");
    let pairs = data.split(' ').map(|pair| pair.split_once('=').expect(pair));
    pairs.map(|(label, value)| (label.to_owned(), value.to_owned())).collect()
}

#[test]
fn a_recent_backup_is_ok() {
    let club = Club::new();
    let name = club.run();
    let said = club.say(&["check"]);
    verdict(&said, 0, "OK: Backup récent ");
    assert_eq!(said.err, "");
    let data = performance(&said);
    let labels: Vec<_> = data.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["age", "backups", "verified", "size"]);
    let age: u64 = data[0].1.strip_suffix("s;;90000;0").expect("seconds").parse().unwrap();
    assert!(age < 300);
    assert_eq!(data[3].1, format!("{}B;;;0", club.backup(&name).metadata().unwrap().len()));
}

#[test]
fn a_failed_last_run_or_a_damaged_newest_is_a_warning() {
    let club = Club::new();
    let name = club.run();
    fs::remove_file(club.at("webapp/configuration.json")).unwrap();
    club.say(&["run"]).failed(1);
    verdict(&club.say(&["check"]), 1, "WARNING: ");
    fs::write(club.at("webapp/configuration.json"), "{}").unwrap();
    let newest = club.run();
    verdict(&club.say(&["check"]), 0, "OK: ");
    fs::write(club.backup(&newest), "").unwrap();
    club.say(&["verify"]).failed(1);
    let said = club.say(&["check"]);
    verdict(&said, 1, "WARNING: ");
    assert!(said.out.contains(&newest) && club.backup(&name).exists(), "{said:?}");
}

#[test]
fn an_old_backup_or_none_is_critical() {
    let club = Club::new();
    verdict(&club.say(&["check"]), 2, "CRITICAL: ");
    assert_eq!(performance(&club.say(&["check"]))[0].1, "U;;90000;0", "an unknown value has no unit");
    club.empty(0);
    club.say(&["verify"]).failed(1);
    verdict(&club.say(&["check"]), 2, "CRITICAL: ");
    club.legacy(2);
    club.done(&["verify"]);
    verdict(&club.say(&["check"]), 2, "CRITICAL: Backup trop ancien ");
    verdict(&club.say(&["check", "--max-age", "864000"]), 1, "WARNING: ");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let club = Club::new();
    fs::remove_dir(club.at("backups")).unwrap();
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
    club.configure("nonsense = 1\n");
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
    fs::remove_file(club.at("config.toml")).unwrap();
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
}

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
fn a_timer_that_is_off_is_a_warning_in_its_cause_s_own_words() {
    let club = Club::new();
    club.run();
    club.done(&["auto", "off"]);
    verdict(&club.say(&["check"]), 1, "WARNING: La sauvegarde automatique est arrêtée. | age=");
    club.done(&["auto", "on"]);
    verdict(&club.say(&["check"]), 0, "OK: Backup récent ");
}

#[test]
fn the_json_has_the_verdict_and_its_causes_and_the_same_exit_status() {
    let club = Club::new();
    let keys = ["state", "sentence", "causes"];
    for (state, status, rules) in [("act", 2, &["none"][..]), ("good", 0, &[]), ("watch", 1, &["failed"])] {
        if state == "watch" {
            fs::remove_file(club.at("webapp/configuration.json")).unwrap();
            club.say(&["run"]).failed(1);
        } else if state == "good" {
            club.run();
        }
        assert_eq!(club.say(&["check", "--json"]).status, Some(status));
        let json = club.json(&["check"]);
        let found = json.as_object().unwrap();
        assert!(found.len() == keys.len() && keys.iter().all(|key| found.contains_key(*key)), "{json}");
        let causes = json["causes"].as_array().unwrap().iter();
        let causes: Vec<_> = causes.map(|cause| cause["rule"].as_str().unwrap()).collect();
        assert_eq!((json["state"].as_str().unwrap(), &causes[..]), (state, rules));
    }
    // What a run says may hold what plug-ins are read by: it stays one line, and data comes last.
    let status = fs::read_to_string(club.backup("last-backup-status.json")).unwrap();
    let status = status
        .replace("\"warnings\": []", "\"warnings\": [\"a | b\\nc\"]")
        .replace("\"success\": false", "\"success\": true");
    fs::write(club.backup("last-backup-status.json"), status).unwrap();
    let said = club.say(&["check"]);
    verdict(&said, 1, "WARNING: ");
    assert!(said.out.contains("a / b c | age="), "{said:?}");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let club = Club::new();
    fs::remove_dir(club.at("backups")).unwrap();
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
    assert_eq!(club.say(&["check", "--json"]).status, Some(3));
    assert_eq!(club.json(&["check"])["state"], "unknown");
    club.configure("nonsense = 1\n");
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
    fs::remove_file(club.at("config.toml")).unwrap();
    verdict(&club.say(&["check"]), 3, "UNKNOWN: ");
}

//! `last-backup-status.json` and `backup.log`, which other programs and people read.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::club::{Club, Said, local};
use crate::tools::lacks;

const KEYS: [&str; 7] =
    ["timestamp", "date", "success", "archive", "size", "backups_count", "retention_days"];

fn assert_contract(status: &Value, club: &Club) {
    let keys: BTreeSet<_> = status.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(KEYS.iter().all(|key| keys.contains(key)), "{keys:?}");
    let timestamp = status["timestamp"].as_str().unwrap();
    let time: Timestamp = timestamp.parse().unwrap();
    assert_eq!(timestamp, local(time).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(), "local, with its offset");
    assert!(Timestamp::now().duration_since(time) < SignedDuration::from_mins(5));
    assert_eq!(status["date"], local(time).date().to_string());
    assert!(status["success"].is_boolean());
    assert_eq!(status["backups_count"], club.archives().len());
    assert_eq!(status["retention_days"], 7);
    let mode = club.backup("last-backup-status.json").metadata().unwrap().mode();
    assert_eq!(mode & 0o7777, 0o644, "readable by all");
}

#[test]
fn success_has_every_key_of_the_contract() {
    let club = Club::new();
    club.run();
    let name = club.run();
    let status = club.status();
    assert_contract(&status, &club);
    assert_eq!(status["success"], true);
    assert_eq!(status["archive"], name.as_str());
    let bytes = club.backup(&name).metadata().unwrap().len();
    assert!(bytes > 1024 && bytes < 10_000, "{bytes}");
    #[allow(clippy::cast_precision_loss)] // four digits
    let size = format!("{:.1} KB", bytes as f64 / 1024.0);
    assert_eq!(status["size"], size);
    assert_eq!(status.get("error"), None);
}

#[test]
fn failure_has_every_key_and_says_why_in_one_sentence() {
    let club = Club::new();
    club.run();
    fs::remove_file(club.at("webapp/configuration.json")).unwrap();
    let said = club.say(&["run"]).failed(1);
    let status = club.status();
    assert_contract(&status, &club);
    assert_eq!(status["success"], false);
    assert_eq!((&status["archive"], &status["size"]), (&Value::Null, &Value::Null));
    let error = status["error"].as_str().unwrap();
    assert!(error.contains(club.at("webapp/configuration.json").to_str().unwrap()), "{error}");
    assert!(said.contains(error), "{said}");
    assert_eq!(error.lines().count(), 1);
    assert_eq!(club.archives().len(), 1, "the old archive stays");
    fs::write(club.at("webapp/configuration.json"), "{}").unwrap();
    club.run();
    assert_eq!(club.status().get("error"), None, "and the next success says no more of it");
}

#[test]
fn the_monitoring_one_liner_of_the_field_finds_a_fresh_backup() {
    if lacks(&["jq"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let script = r#"t=$(date -d "$(jq -r .timestamp last-backup-status.json)" +%s)
        [ $(( $(date +%s) - t )) -lt 90000 ] && echo fresh"#;
    let said = Said::of(Command::new("sh").args(["-ec", script]).current_dir(club.at("backups"))).done();
    assert_eq!(said, "fresh\n");
}

#[test]
fn a_missing_optional_file_is_a_warning_in_the_status_the_log_and_the_manifest() {
    let club = Club::new();
    fs::remove_file(club.at("site.conf")).unwrap();
    let name = club.run();
    let path = club.at("site.conf");
    let warning = club.status()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warning.contains(path.to_str().unwrap()), "{warning}");
    assert!(club.log().lines().any(|line| line.contains(" WARNING ") && line.ends_with(&warning)));
    assert_eq!(club.manifest(&name)["warnings"][0], warning.as_str());
}

#[test]
fn the_log_has_one_line_an_event_each_with_its_time() {
    let club = Club::new();
    // A newline in a path must not become one in the log.
    club.configure(&format!(
        "[[files]]\nmember = 'odd'\npath = \"{}/odd\\nname\"\n",
        club.folder().display()
    ));
    club.run();
    fs::remove_file(club.at("webapp/configuration.json")).unwrap();
    club.say(&["run"]).failed(1);
    let log = club.log();
    let levels: Vec<_> = log
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let time: Timestamp = words.next().unwrap().parse().expect("a time");
            assert!(time <= Timestamp::now());
            words.next().unwrap()
        })
        .collect();
    assert_eq!(levels, ["INFO", "WARNING", "INFO", "INFO", "ERROR"], "{log}");
}

#[test]
fn the_log_is_bounded() {
    let club = Club::new();
    let old = "2026-01-01T03:00:00+01:00 INFO before\n".repeat(20_000);
    fs::write(club.backup("backup.log"), &old).unwrap();
    let name = club.run();
    let log = club.log();
    assert!(log.len() < 600 << 10 && log.len() > 100 << 10, "{}", log.len());
    assert!(log.lines().last().unwrap().contains(&name));
    assert!(log.starts_with("2026-01-01T03:00:00"), "whole lines");
}

#[test]
fn system_information_is_in_the_archive() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::new();
    let text = fs::read_to_string(club.unpack(&club.run(), "out").join("system-info.txt")).unwrap();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert!(text.contains(kernel.trim()), "{text}");
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
}

#[test]
fn a_state_directory_that_cannot_be_used_is_told_where_monitoring_looks() {
    let club = Club::new();
    club.run();
    fs::remove_dir_all(club.at("state")).unwrap();
    fs::write(club.at("state"), "in the way").unwrap();
    club.say(&["run"]).failed(1);
    let status = club.status();
    assert_contract(&status, &club);
    assert_eq!(status["success"], false);
    assert!(status["error"].as_str().unwrap().contains(club.at("state").to_str().unwrap()), "{status}");
    assert!(
        fs::read_to_string(club.backup("backup.log")).unwrap().lines().last().unwrap().contains(" ERROR ")
    );
}

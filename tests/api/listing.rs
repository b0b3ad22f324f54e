//! `GET /api/backups`, to the contract's letter.

use std::fs;
use std::os::unix::fs::symlink;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{NAME, Panel};

/// The name of an archive made so many hours ago, in the zone of the tests.
fn hours_ago(hours: i64) -> String {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let then = (Timestamp::now() - SignedDuration::from_hours(hours)).to_zoned(zone);
    then.strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string()
}

fn ages(list: &Value) -> Vec<&str> {
    list["backups"].as_array().unwrap().iter().map(|backup| backup["age"].as_str().unwrap()).collect()
}

#[test]
fn an_empty_directory_is_an_empty_list_with_no_status() {
    let empty = json!({ "backups": [], "status": null, "total": 0, "totalSize": 0, "matching": 0 });
    assert_eq!(Panel::new().list(), empty);
}

#[test]
fn each_archive_has_the_contract_s_keys_in_the_contract_s_forms() {
    let panel = Panel::new();
    panel.place(NAME, &vec![7; 1_258_291]);
    let backup = &panel.list()["backups"][0];
    assert_eq!(backup["name"], NAME);
    assert_eq!(backup["size"], "1.2 MB");
    assert_eq!(backup["sizeBytes"], 1_258_291);
    assert_eq!(backup["date"], "2024-12-18 03:00:00", "local");
    assert_eq!(backup["created"], "2024-12-18T02:00:00.000Z", "the same moment in UTC");
}

#[test]
fn archives_come_newest_first_with_their_number_and_bytes_in_all() {
    let panel = Panel::new();
    let names = ["backup-20231231-235959.tar.gz", "backup-20240101-000000.tar.gz", NAME];
    for (name, size) in names.iter().zip([10, 200, 3000]) {
        panel.place(name, &vec![0; size]);
    }
    let list = panel.list();
    let listed: Vec<_> = list["backups"].as_array().unwrap().iter().map(|backup| &backup["name"]).collect();
    assert_eq!(listed, [names[2], names[1], names[0]]);
    assert_eq!((&list["total"], &list["totalSize"]), (&json!(3), &json!(3210)));
}

#[test]
fn ages_are_whole_days_in_the_caller_s_language() {
    let panel = Panel::new();
    for hours in [1, 30, 54] {
        panel.place(&hours_ago(hours), b"");
    }
    assert_eq!(ages(&panel.list()), ["0 jours", "1 jour", "2 jours"]);
    let english = panel.ask("GET", "/api/backups", &[("Accept-Language", "en")], "").json();
    assert_eq!(ages(&english), ["0 days", "1 day", "2 days"]);
}

#[test]
fn digits_that_spell_no_time_are_aged_by_the_file() {
    let panel = Panel::new();
    let name = "backup-99999999-999999.tar.gz";
    panel.place(name, b"");
    panel.touch(name, Timestamp::now() - SignedDuration::from_hours(54));
    assert_eq!(ages(&panel.list()), ["2 jours"]);
}

#[test]
fn an_archive_from_the_future_is_not_older_than_today() {
    let panel = Panel::new();
    panel.place(&hours_ago(-50), b"");
    assert_eq!(ages(&panel.list()), ["0 jours"]);
}

#[test]
fn what_is_not_an_archive_is_never_listed() {
    let panel = Panel::new();
    for name in ["backup.log", "notes.txt", "backup-20241218-030000.tar.gz.part", "backup-2024-030000.tar.gz"]
    {
        panel.place(name, b"x");
    }
    fs::create_dir(panel.club.backup(NAME)).unwrap();
    symlink(panel.club.path("club/.env"), panel.club.backup("backup-20241219-030000.tar.gz")).unwrap();
    assert_eq!(panel.list()["total"], 0);
}

#[test]
fn a_run_s_archive_is_listed_as_verified_with_its_status() {
    let panel = Panel::new();
    let name = panel.backup();
    let list = panel.list();
    let backup = &list["backups"][0];
    assert_eq!((&backup["verification"], &backup["pinned"]), (&json!("verified"), &json!(false)));
    let file: Value =
        serde_json::from_slice(&fs::read(panel.club.backup("last-backup-status.json")).unwrap()).unwrap();
    assert_eq!(list["status"], file);
    assert_eq!((&file["success"], &file["archive"]), (&json!(true), &json!(name)));
    assert_eq!(file["size"], backup["size"]);
}

#[test]
fn the_status_is_passed_on_with_keys_of_other_programs_and_null_where_it_is_no_json() {
    let panel = Panel::new();
    let old = json!({
        "timestamp": "2024-12-18T03:00:00+01:00", "date": "2024-12-18", "success": true, "archive": NAME,
        "size": "1.2 MB", "backups_count": 7, "retention_days": 7, "by": "the old script",
    });
    panel.place("last-backup-status.json", old.to_string().as_bytes());
    assert_eq!(panel.list()["status"], old);
    panel.place("last-backup-status.json", b"{\"timest");
    assert_eq!(panel.list()["status"], Value::Null);
}

#[test]
fn a_backup_directory_that_is_away_is_said_with_a_time_to_try_again() {
    let panel = Panel::new();
    fs::rename(panel.club.path("backups"), panel.club.path("away")).unwrap();
    for (method, path) in [
        ("GET", "/api/backups"),
        ("GET", "/api/health"),
        ("GET", "/api/backups/download/backup-20241218-030000.tar.gz"),
        ("DELETE", "/api/backups/backup-20241218-030000.tar.gz"),
        ("POST", "/api/backups/create"),
    ] {
        assert_error(&panel.ask(method, path, &[], ""), 503, "no_backup_directory");
    }
    fs::rename(panel.club.path("away"), panel.club.path("backups")).unwrap();
    assert_eq!(panel.list()["total"], 0);
}

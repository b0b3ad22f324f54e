//! What the panel may change: how long archives are kept, and the hour of the night.

use std::fs;
use std::sync::Barrier;
use std::thread;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::{Club, exchange, request, until};

const RETENTION: &str = "/api/retention";
const SCHEDULE: &str = "/api/schedule";
const OTHER: &str = "backup-20241217-030000.tar.gz";

/// A panel with two archives of ten and eleven days ago that nothing but their age can keep.
fn with_old_ones(club: Club) -> Panel {
    let panel = Panel::of(club);
    let days_ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    for (name, age) in [(NAME, 10), (OTHER, 11)] {
        panel.place(name, b"");
        panel.touch(name, days_ago(age));
        panel.post(&format!("/api/backups/{name}/verify"), "");
    }
    panel
}

/// A club whose configuration has these lines as well.
fn club_with(lines: &str) -> Club {
    let club = Club::new();
    let text = fs::read_to_string(club.configuration()).unwrap();
    fs::write(club.configuration(), format!("{lines}\n{text}")).unwrap();
    club
}

fn put(panel: &Panel, path: &str, body: &Value) -> Value {
    let reply = panel.ask("PUT", path, &[], &body.to_string());
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

fn reasons(panel: &Panel) -> Vec<Value> {
    let list = panel.list();
    list["backups"].as_array().unwrap().iter().map(|backup| backup["kept"]["reason"].clone()).collect()
}

#[test]
fn the_defaults_are_told_with_their_bounds_and_what_would_go() {
    let panel = with_old_ones(Club::new());
    let told = panel.get(RETENTION).json();
    let policy = json!({ "days": 7, "keep_last": 3, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0 });
    assert_eq!(told["policy"], policy);
    assert_eq!(
        (&told["bounds"]["days"], &told["bounds"]["keep_last"]),
        (&json!([1, 3650]), &json!([3, 10_000]))
    );
    assert_eq!((&told["locked"], &told["set_by_panel"]), (&json!({}), &json!(false)));
    let preview = &told["preview"];
    assert_eq!(
        (&preview["kept"], &preview["goes_total"], &preview["freed_bytes"]),
        (&json!(0), &json!(2), &json!(0))
    );
    assert_eq!((&preview["goes"][0]["name"], &preview["goes"][1]["name"]), (&json!(NAME), &json!(OTHER)));
    assert_eq!(reasons(&panel), ["expired", "expired"]);
}

#[test]
fn a_preview_deletes_and_changes_nothing() {
    let panel = with_old_ones(Club::new());
    let goes =
        |query: &str| panel.get(&format!("{RETENTION}{query}")).json()["preview"]["goes_total"].clone();
    assert_eq!(goes("?days=30"), 0);
    assert_eq!(goes("?days=1&keep_daily=0"), 2);
    assert_eq!(goes("?days=11"), 1);
    assert_eq!(panel.get(RETENTION).json()["policy"]["days"], 7);
    assert!(panel.club.backup(NAME).exists() && panel.club.backup(OTHER).exists());
    assert!(!panel.club.path("state/settings.json").exists());
}

#[test]
fn what_nobody_has_read_counts_as_kept_and_is_not_read_for_a_preview() {
    let panel = with_old_ones(Club::new());
    // Nobody has read it as it is now.
    fs::write(panel.club.backup(NAME), b"changed").unwrap();
    let told = panel.get(&format!("{RETENTION}?days=1")).json();
    assert_eq!((&told["preview"]["kept"], &told["preview"]["goes_total"]), (&json!(1), &json!(1)));
    assert_eq!(panel.list()["backups"][0]["verification"], "unverified");
}

#[test]
fn what_is_chosen_is_what_list_plan_run_and_status_go_by() {
    let panel = with_old_ones(Club::new());
    let told = put(&panel, RETENTION, &json!({ "days": 30 }));
    assert_eq!((&told["policy"]["days"], &told["set_by_panel"]), (&json!(30), &json!(true)));
    assert_eq!((&told["preview"]["kept"], &told["locked"]), (&json!(2), &json!({})));
    assert!(panel.club.backup(OTHER).exists(), "nothing is deleted by a choice");
    assert_eq!(reasons(&panel), ["young", "young"]);
    let said = |arguments: &[&str]| String::from_utf8(panel.club.run(arguments).stdout).unwrap();
    assert!(said(&["config", "show"]).contains("days = 30  # panel\n"));
    assert_eq!(said(&["prune", "--dry-run"]).matches("moins de 30 jours").count(), 2);
    panel.backup();
    assert!(panel.club.backup(OTHER).exists(), "thirty days are not over");
    assert_eq!(panel.list()["status"]["retention_days"], 30);

    put(&panel, RETENTION, &json!({ "days": 10 }));
    assert!(panel.club.backup(OTHER).exists(), "the next run deletes, and nobody before");
    panel.backup();
    assert!(!panel.club.backup(OTHER).exists() && !panel.club.backup(NAME).exists());
    assert_eq!(panel.list()["status"]["retention_days"], 10);
}

#[test]
fn an_archive_tells_why_it_is_kept_and_until_when() {
    let panel = with_old_ones(Club::new());
    put(&panel, RETENTION, &json!({ "days": 30 }));
    let name = panel.backup();
    assert_eq!(panel.put(&format!("/api/backups/{OTHER}/pin")).status, 200);
    let list = panel.list();
    let kept = |place: usize| list["backups"][place]["kept"].clone();
    let floor = json!({ "reason": "floor", "sentence": "Parmi les 3 plus récentes vérifiées : gardée.", "until": null });
    assert_eq!(kept(0), floor);
    let sentence = "Toujours gardée, jusqu'à ce que vous la libériez.";
    assert_eq!(kept(2), json!({ "reason": "pinned", "sentence": sentence, "until": null }));
    let until: Timestamp = kept(1)["until"].as_str().unwrap().parse().unwrap();
    let left = until.duration_since(Timestamp::now());
    assert!(left > SignedDuration::from_hours(24 * 19) && left <= SignedDuration::from_hours(24 * 20));
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let day = until.to_zoned(zone).day();
    let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
    let sentence = kept(1)["sentence"].as_str().unwrap().to_owned();
    assert!(sentence.starts_with("Gardée jusqu'au ") && sentence.contains(&format!(" {day} ")), "{sentence}");
    assert_eq!(panel.get(&format!("/api/backups/{name}")).json()["kept"], floor);
    let listed: Value = serde_json::from_slice(&panel.club.run(&["list", "--json"]).stdout).unwrap();
    assert_eq!(listed["backups"][1]["kept"]["sentence"], sentence.as_str());
}

#[test]
fn what_is_no_setting_or_out_of_bounds_is_refused_by_name_and_changes_nothing() {
    let panel = Panel::new();
    for (body, code, words) in [
        (r#"{"days":0}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":3651}"#, "setting_bounds", ["days", "1"]),
        (r#"{"days":-7}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":"7"}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":7.5}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":null}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":99999999999999999999}"#, "setting_bounds", ["days", "3650"]),
        (r#"{"days":14,"keep_last":2}"#, "setting_bounds", ["keep_last", "10000"]),
        (r#"{"days":14,"keep_hourly":2}"#, "setting_unknown", ["keep_hourly", "days"]),
        (r#"{"paths":"/"}"#, "setting_unknown", ["paths", "days"]),
    ] {
        let refused = panel.ask("PUT", RETENTION, &[], body);
        assert_error(&refused, 400, code);
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(words.iter().all(|word| message.contains(word)), "{body}: {message}");
    }
    for body in ["", "null", "[14]", "14", "{", "{\"days\":14"] {
        assert_error(&panel.ask("PUT", RETENTION, &[], body), 400, "bad_request");
    }
    for (query, code) in [
        ("?days=0", "setting_bounds"),
        ("?days=", "setting_bounds"),
        ("?days", "setting_bounds"),
        ("?at=1", "setting_unknown"),
    ] {
        assert_error(&panel.get(&format!("{RETENTION}{query}")), 400, code);
    }
    for body in [r#"{"at":"24:00"}"#, r#"{"at":"3:00"}"#, r#"{"at":""}"#, r#"{"at":"03:00:00"}"#] {
        assert_error(&panel.ask("PUT", SCHEDULE, &[], body), 400, "setting_time");
    }
    for body in ["{}", r#"{"at":3}"#, r#"{"at":"04:00","enable":true}"#] {
        assert_error(&panel.ask("PUT", SCHEDULE, &[], body), 400, "bad_request");
    }
    assert!(!panel.club.path("state/settings.json").exists());
}

#[test]
fn what_the_configuration_sets_is_locked_and_told_with_its_line() {
    let lines = "[retention]\ndays = 9\n\n[ui]\nlanguage = \"fr\"\n";
    let panel = Panel::of(club_with(lines));
    let file = panel.club.configuration().display().to_string();
    assert_eq!(panel.get(RETENTION).json()["locked"], json!({ "days": { "file": file, "line": 2 } }));
    let refused = panel.ask("PUT", RETENTION, &[], r#"{"keep_daily":4,"days":14}"#);
    assert_error(&refused, 409, "setting_locked");
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&file) && message.contains("ligne 2"), "{message}");
    let told = put(&panel, RETENTION, &json!({ "keep_daily": 4 }));
    assert_eq!((&told["policy"]["days"], &told["policy"]["keep_daily"]), (&json!(9), &json!(4)));
    // Written there by somebody else, it is without effect all the same.
    fs::write(panel.club.path("state/settings.json"), r#"{"retention":{"days":1}}"#).unwrap();
    let told = panel.get(RETENTION).json();
    assert_eq!((&told["policy"]["days"], &told["set_by_panel"]), (&json!(9), &json!(false)));
}

#[test]
fn a_hostile_file_of_settings_makes_a_run_delete_no_more_than_the_configuration_says() {
    let panel = with_old_ones(club_with("[retention]\ndays = 20\n"));
    for hostile in [r#"{"retention":{"days":0,"keep_last":0}}"#, r#"{"retention":{"keep_last":0}}"#, "\u{0}"]
    {
        fs::write(panel.club.path("state/settings.json"), hostile).unwrap();
        panel.backup();
        assert!(panel.club.backup(NAME).exists() && panel.club.backup(OTHER).exists(), "{hostile}");
    }
    let log = fs::read_to_string(panel.club.backup("backup.log")).unwrap();
    assert!(log.contains("Les réglages faits dans le panneau sont illisibles"), "{log}");
}

#[test]
fn of_many_clients_every_choice_stands() {
    let panel = Panel::new();
    let address = panel.daemon.address;
    let choices = [r#"{"days":14}"#, r#"{"keep_daily":4}"#, r#"{"keep_weekly":5}"#, r#"{"keep_monthly":6}"#];
    let barrier = Barrier::new(choices.len());
    thread::scope(|scope| {
        for choice in choices {
            let barrier = &barrier;
            scope.spawn(move || {
                let asked = request(address, "PUT", RETENTION, &[], choice.as_bytes());
                barrier.wait();
                assert_eq!(exchange(address, &asked).unwrap().status, 200);
            });
        }
    });
    let policy = json!({ "days": 14, "keep_last": 3, "keep_daily": 4, "keep_weekly": 5, "keep_monthly": 6 });
    assert_eq!(panel.get(RETENTION).json()["policy"], policy);
}

#[test]
fn a_choice_that_cannot_be_kept_is_an_error_that_names_the_place() {
    let panel = Panel::new();
    let path = panel.club.path("state/settings.json");
    fs::create_dir(&path).unwrap();
    for (route, body) in [(RETENTION, r#"{"days":30}"#), (SCHEDULE, r#"{"at":"18:30"}"#)] {
        let refused = panel.ask("PUT", route, &[], body);
        assert_error(&refused, 500, "io_error");
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&path.display().to_string()) && message.contains("Réessayez"), "{message}");
    }
    assert_eq!(panel.get(RETENTION).json()["policy"]["days"], 7);
    assert_eq!(panel.get(SCHEDULE).json()["at"], "03:00");
}

#[test]
fn the_hour_is_taken_up_at_once_and_survives_a_restart() {
    let panel = Panel::new();
    let told = panel.get(SCHEDULE).json();
    assert_eq!(
        (&told["at"], &told["manager"], &told["word"]),
        (&json!("03:00"), &json!("local"), &Value::Null)
    );
    let mut events = panel.events("/api/events", None);
    let told = put(&panel, SCHEDULE, &json!({ "at": "18:30" }));
    assert_eq!(
        (&told["at"], &told["enabled"], &told["active"]),
        (&json!("18:30"), &json!(true), &json!(true))
    );
    let next =
        |panel: &Panel| panel.get("/api/backups/auto-status").json()["nextRun"].as_str().unwrap().to_owned();
    assert!(next(&panel).contains(" 18:30:00 "), "{}", next(&panel));
    crate::panel::events_until(&mut events, "/api/events", |told| told.name == "schedule");
    let Panel { daemon, club } = panel;
    drop(daemon);
    let panel = Panel::of(club);
    assert!(next(&panel).contains(" 18:30:00 "));
    assert_eq!(panel.get(SCHEDULE).json()["at"], "18:30");
    assert_eq!(panel.list()["total"], 0, "no run was made up for");
}

/// A panel whose hour is far away and whose timer came as far as ten minutes ago; and an hour
/// that was two minutes ago.
fn between_hours() -> (Panel, Timestamp, String) {
    let panel = Panel::new();
    let now = Timestamp::now();
    let hour = |minutes: i64| {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        (now + SignedDuration::from_mins(minutes)).to_zoned(zone).strftime("%H:%M").to_string()
    };
    put(&panel, SCHEDULE, &json!({ "at": hour(12 * 60) }));
    let schedule = json!({ "enabled": true, "done_until": now - SignedDuration::from_mins(10) });
    fs::write(panel.club.path("state/schedule.json"), schedule.to_string()).unwrap();
    (panel, now, hour(-2))
}

#[test]
fn an_hour_that_is_past_today_is_tomorrow_s() {
    let (panel, now, past) = between_hours();
    put(&panel, SCHEDULE, &json!({ "at": past }));
    let schedule = fs::read(panel.club.path("state/schedule.json")).unwrap();
    let schedule: Value = serde_json::from_slice(&schedule).unwrap();
    let done: Timestamp = schedule["done_until"].as_str().unwrap().parse().unwrap();
    assert!(done >= now, "{schedule}");
    panel.backup();
    assert_eq!(panel.list()["total"], 1, "the one that a person asked for");
}

#[test]
fn the_timer_that_runs_takes_up_another_hour_at_once() {
    let (panel, _, past) = between_hours();
    // As nobody writes it: without saying that what is past is done. So the timer is due.
    fs::write(panel.club.path("state/settings.json"), json!({ "at": past }).to_string()).unwrap();
    until("the run of that hour", || (panel.list()["status"]["success"] == true).then_some(()));
}

#[test]
fn the_command_line_sets_the_same_hour() {
    let panel = Panel::new();
    let said: Value =
        serde_json::from_slice(&panel.club.run(&["auto", "at", "18:30", "--json"]).stdout).unwrap();
    assert_eq!((&said["at"], &said["enabled"]), (&json!("18:30"), &json!(true)));
    assert_eq!(panel.get(SCHEDULE).json()["at"], "18:30");
    let dry = panel.club.run(&["auto", "at", "04:00", "--dry-run", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&dry.stdout).unwrap()["at"], "04:00");
    assert_eq!(panel.get(SCHEDULE).json()["at"], "18:30");
}

#[test]
fn an_hour_that_the_configuration_sets_is_locked() {
    let club = Club::new();
    let text = fs::read_to_string(club.configuration()).unwrap();
    fs::write(club.configuration(), text.replace("[schedule]\n", "[schedule]\nat = \"04:15\"\n")).unwrap();
    let panel = Panel::of(club);
    let told = panel.get(SCHEDULE).json();
    let file = panel.club.configuration().display().to_string();
    assert_eq!((&told["at"], &told["locked"]["file"]), (&json!("04:15"), &json!(file)));
    assert_error(&panel.ask("PUT", SCHEDULE, &[], r#"{"at":"18:30"}"#), 409, "setting_locked");
    assert!(!panel.club.run(&["auto", "at", "18:30"]).status.success());
    assert_eq!(panel.get(SCHEDULE).json()["at"], "04:15");
}

#[test]
fn the_trail_tells_what_was_chosen() {
    let panel = Panel::new();
    put(&panel, RETENTION, &json!({ "keep_daily": 30, "days": 14 }));
    put(&panel, SCHEDULE, &json!({ "at": "18:30" }));
    let trail = panel.get("/api/access/audit").json();
    let entry =
        |place: usize| (trail["entries"][place]["deed"].clone(), trail["entries"][place]["object"].clone());
    assert_eq!(entry(0), (json!("schedule"), json!("18:30")));
    assert_eq!(entry(1), (json!("retention"), json!("days=14 keep_daily=30")));
}

//! `GET /api/status`: the verdict, its causes, and the last nights.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone};
use neopro_backup::model::clock::RELEASED;
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{NAME, Panel, events_until};
use crate::support::Club;

const STATUS: &str = "/api/status";
const EVENTS: &str = "/api/events";

/// The wall clock of the tests' zone.
fn now() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
}

fn status(panel: &Panel) -> Value {
    let answer = panel.get(STATUS);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// The rules of the causes, in their order.
fn rules(status: &Value) -> Vec<&str> {
    status["causes"].as_array().unwrap().iter().map(|cause| cause["rule"].as_str().unwrap()).collect()
}

fn night(status: &Value, date: Date) -> &Value {
    let nights = status["nights"].as_array().unwrap();
    nights.iter().find(|night| night["date"] == date.to_string()).unwrap()
}

/// The next run fails.
fn break_the_club(club: &Club) {
    fs::remove_file(club.path("club/configuration.json")).unwrap();
}

#[test]
fn a_fresh_box_has_no_backup_and_one_button() {
    let told = status(&Panel::new());
    assert_eq!(
        (&told["state"], &told["sentence"]),
        (&json!("act"), &json!("Aucune sauvegarde pour l'instant."))
    );
    assert_eq!(rules(&told), ["none"]);
    let button = json!({ "kind": "run", "target": null, "label": "Sauvegarder maintenant" });
    assert_eq!(told["causes"][0]["action"], button);
    assert_eq!((&told["last"], &told["good"], &told["running"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&told["total"], &told["disk"]["nights"]), (&json!(0), &Value::Null));
    assert_eq!(told["automatic"], json!({ "enabled": true, "active": true }));
    let states: Vec<_> = told["nights"].as_array().unwrap().iter().map(|night| &night["state"]).collect();
    assert!(states[..29].iter().all(|state| **state == "none"), "{states:?}");
    let next: Timestamp = told["next"].as_str().unwrap().parse().unwrap();
    let is_today = next.to_zoned(now().time_zone().clone()).date() == now().date();
    assert_eq!(states[29], if is_today { "coming" } else { "none" });
}

#[test]
fn after_a_run_all_is_well_in_the_caller_s_language() {
    let panel = Panel::new();
    let name = panel.backup();
    let list = panel.list();
    let told = status(&panel);
    assert_eq!((&told["state"], &told["causes"]), (&json!("good"), &json!([])));
    assert_eq!(told["sentence"], "Tout va bien : dernière sauvegarde à l'instant, vérifiée.");
    let english = panel.ask("GET", STATUS, &[("Accept-Language", "en")], "").json();
    assert_eq!(english["sentence"], "All is well: last backup just now, verified.");
    let run = &told["last"];
    assert_eq!(
        (&run["success"], &run["archive"], &run["warnings"]),
        (&json!(true), &json!(name), &json!([]))
    );
    let good = json!({ "name": name, "created": list["backups"][0]["created"], "verification": "verified" });
    assert_eq!((&told["good"], &told["total"]), (&good, &json!(1)));
    assert_eq!(told["place"]["directory"], panel.club.path("backups").to_str().unwrap());
    assert_eq!(told["disk"]["backups"], list["totalSize"]);
    assert!(told["disk"]["nights"].as_u64().unwrap() >= 7, "{}", told["disk"]);
    let tonight = &told["nights"][29];
    assert_eq!((&tonight["state"], &tonight["archive"]), (&json!("verified"), &json!(name)), "{tonight}");
    let sentence = tonight["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Nuit du ") && sentence.contains(" : sauvegarde vérifiée à "), "{sentence}");
}

#[test]
fn a_failed_run_is_told_in_its_own_words_and_the_night_keeps_its_backup() {
    let panel = Panel::new();
    panel.backup();
    break_the_club(&panel.club);
    assert_eq!(panel.post("/api/backups/create", "").status, 500);
    let told = status(&panel);
    assert_eq!((&told["state"], rules(&told)), (&json!("watch"), vec!["failed"]));
    let error = panel.list()["status"]["error"].as_str().unwrap().to_owned();
    assert_eq!(told["sentence"], format!("La dernière sauvegarde a échoué : {error}"));
    assert_eq!(told["causes"][0]["action"]["kind"], "run");
    assert_eq!((&told["last"]["success"], &told["last"]["archive"]), (&json!(false), &Value::Null));
    assert_eq!(told["nights"][29]["state"], "verified");
}

#[test]
fn a_night_whose_only_run_failed_says_so_and_who_listens_hears_of_it() {
    let panel = Panel::new();
    break_the_club(&panel.club);
    let mut events = panel.events(EVENTS, None);
    assert_eq!(panel.post("/api/backups/create", "").status, 500);
    // There is no archive: nothing but the run's outcome has changed.
    events_until(&mut events, EVENTS, |told| told.name == "archives");
    let told = status(&panel);
    assert_eq!(rules(&told), ["none", "failed"]);
    let tonight = &told["nights"][29];
    assert_eq!(tonight["state"], "failed");
    let error = panel.list()["status"]["error"].as_str().unwrap().to_owned();
    assert!(tonight["sentence"].as_str().unwrap().ends_with(&error), "{tonight}");
    // The next one that succeeds makes the night good.
    fs::write(panel.club.path("club/configuration.json"), "{}").unwrap();
    panel.backup();
    assert_eq!(status(&panel)["nights"][29]["state"], "verified");
}

#[test]
fn a_timer_that_is_off_is_a_cause_until_it_is_on() {
    let panel = Panel::new();
    panel.backup();
    panel.post("/api/backups/auto-toggle", "{\"enable\":false}");
    let told = status(&panel);
    assert_eq!((&told["state"], rules(&told)), (&json!("watch"), vec!["off"]));
    assert_eq!(told["causes"][0]["action"]["kind"], "enable");
    assert_eq!((&told["next"], &told["automatic"]["enabled"]), (&Value::Null, &json!(false)));
    panel.post("/api/backups/auto-toggle", "{\"enable\":true}");
    assert_eq!(status(&panel)["state"], "good");
}

#[test]
fn a_damaged_newest_is_told_and_the_good_one_is_named() {
    let panel = Panel::new();
    let good = panel.backup();
    let newest = panel.backup();
    panel.place(&newest, b"");
    let told = status(&panel);
    assert_eq!(rules(&told), ["unread"], "changed since it was read");
    assert_eq!(told["causes"][0]["action"]["target"], newest);
    panel.post(&format!("/api/backups/{newest}/verify"), "");
    let told = status(&panel);
    assert_eq!((rules(&told), &told["good"]["name"]), (vec!["damaged"], &json!(good)));
    let tonight = |told: &Value| (told["nights"][29]["state"].clone(), told["nights"][29]["archive"].clone());
    assert_eq!(tonight(&told), (json!("verified"), json!(good)), "the day has another");
    panel.delete(&format!("/api/backups/{good}"));
    assert_eq!(tonight(&status(&panel)), (json!("damaged"), json!(newest)));
}

#[test]
fn what_a_run_lacked_is_told_and_leads_to_its_archive() {
    let panel = Panel::new();
    fs::remove_file(panel.club.path("club/site.conf")).unwrap();
    let name = panel.backup();
    let told = status(&panel);
    assert_eq!(rules(&told), ["warnings"]);
    let warning = told["last"]["warnings"][0].as_str().unwrap();
    assert!(told["sentence"].as_str().unwrap().ends_with(warning), "{told}");
    assert_eq!(told["causes"][0]["action"]["target"], name);
    panel.delete(&format!("/api/backups/{name}"));
    let told = status(&panel);
    assert_eq!((rules(&told), &told["last"]["archive"]), (vec!["none", "warnings"], &Value::Null));
}

#[test]
fn nights_are_remembered_when_their_archives_are_gone_and_told_by_the_archives_when_they_are_forgotten() {
    let panel = Panel::new();
    let file = panel.club.path("state/nights.json");
    let (kept, gone) = (panel.backup(), panel.backup());
    panel.delete(&format!("/api/backups/{gone}"));
    let told = status(&panel);
    let tonight = &told["nights"][29];
    assert_eq!((&tonight["state"], &tonight["archive"]), (&json!("verified"), &Value::Null), "{tonight}");
    assert!(tonight["sentence"].as_str().unwrap().ends_with(", supprimée depuis."), "{tonight}");
    for forgotten in ["deleted", "broken"] {
        match forgotten {
            "deleted" => fs::remove_file(&file).unwrap(),
            _ => fs::write(&file, "[{\"date\":").unwrap(),
        }
        let told = status(&panel);
        assert_eq!(
            (&told["nights"][29]["state"], &told["nights"][29]["archive"]),
            (&json!("verified"), &json!(kept))
        );
    }
    let name = panel.backup();
    let nights: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(
        (nights.as_array().unwrap().len(), &nights[0]["archive"]),
        (1, &json!(name)),
        "it is made again"
    );
}

#[test]
fn nights_without_a_run_are_missed_after_the_first_that_is_known() {
    let panel = Panel::new();
    let today = now().date();
    let ago = |days: i64| today.saturating_sub(days.days());
    let night = |days: i64, success: bool| {
        let at = now().timestamp() - SignedDuration::from_hours(24 * days);
        json!({ "date": ago(days), "at": at, "success": success, "error": (!success).then_some("Pourquoi.") })
    };
    panel.backup();
    // Of this day the run's own note is gone as well, and its archive tells.
    let noted = json!([night(2, false), night(3, true)]).to_string();
    fs::write(panel.club.path("state/nights.json"), noted).unwrap();
    let told = status(&panel);
    let states = [0, 1, 2, 3, 4].map(|days| night_state(&told, ago(days)));
    // Days before the program's release are no beginning: in the days after one, the first of
    // these that is not.
    let released: Date = RELEASED.parse().unwrap();
    let yesterday = if [2, 3].iter().any(|days| ago(*days) >= released) { "missed" } else { "none" };
    assert_eq!(states, ["verified", yesterday, "failed", "verified", "none"]);
    assert!(night(2, false)["error"].is_string());
}

fn night_state(status: &Value, date: Date) -> String {
    night(status, date)["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_state_directory_that_cannot_be_written_costs_no_status() {
    let panel = Panel::new();
    panel.backup();
    // In the place of the file, whoever asks: root writes past any mode.
    let file = panel.club.path("state/nights.json");
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("in the way")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let name = panel.backup();
    let told = status(&panel);
    assert_eq!((&told["state"], &told["last"]["archive"]), (&json!("good"), &json!(name)));
    assert_eq!(told["nights"][29]["state"], "verified", "by its archive");
}

#[test]
fn a_store_that_cannot_be_read_is_the_list_s_error() {
    let panel = Panel::new();
    fs::rename(panel.club.path("backups"), panel.club.path("away")).unwrap();
    assert_error(&panel.get(STATUS), 503, "no_backup_directory");
    fs::rename(panel.club.path("away"), panel.club.path("backups")).unwrap();
    assert_eq!(status(&panel)["total"], 0);
}

#[test]
fn systemd_that_is_away_is_null_and_no_cause() {
    let panel = crate::systemd::without_systemd();
    let told = status(&panel);
    assert_eq!((&told["automatic"], &told["next"]), (&Value::Null, &Value::Null));
    assert_eq!(rules(&told), ["none"]);
}

#[test]
fn while_a_run_is_going_on_there_is_nothing_to_start() {
    let panel = Panel::new();
    let job = "backup-000000000000-00000007";
    let mut held = panel.club.hold("run.lock");
    std::io::Write::write_all(&mut *held, job.as_bytes()).unwrap();
    let told = status(&panel);
    assert_eq!((&told["running"], &told["causes"][0]["action"]), (&json!(job), &Value::Null));
    held.set_len(0).unwrap();
    drop(held);
    assert_eq!(status(&panel)["causes"][0]["action"]["kind"], "run");
}

/// The state by each of the three who tell it, which must be the same.
fn one_state(panel: &Panel) -> String {
    let api = status(panel);
    let check = panel.club.run(&["check"]);
    let json = panel.club.run(&["check", "--json"]);
    let by_json: Value = serde_json::from_slice(&json.stdout).unwrap();
    for key in ["state", "sentence", "causes"] {
        assert_eq!(by_json[key], api[key], "{key}");
    }
    assert_eq!(by_json.as_object().unwrap().len(), 3);
    let state = api["state"].as_str().unwrap().to_owned();
    let exit = ["good", "watch", "act"].iter().position(|known| *known == state);
    let exit = exit.and_then(|place| i32::try_from(place).ok());
    assert_eq!((check.status.code(), json.status.code()), (exit, exit), "{state}: {check:?}");
    let word = ["OK: ", "WARNING: ", "CRITICAL: "][usize::try_from(exit.unwrap()).unwrap()];
    assert!(String::from_utf8(check.stdout).unwrap().starts_with(word), "{state}");
    rules(&api).join(" ") + " " + &state
}

#[test]
fn the_panel_and_monitoring_say_the_same_in_every_situation() {
    let panel = Panel::new();
    assert_eq!(one_state(&panel), "none act");
    panel.place(NAME, b"");
    assert_eq!(one_state(&panel), "unproven act");
    panel.post(&format!("/api/backups/{NAME}/verify"), "");
    assert_eq!(one_state(&panel), "all_damaged act");
    let first = panel.backup();
    assert_eq!(one_state(&panel), " good");
    assert!(panel.club.run(&["auto", "off"]).status.success());
    assert_eq!(one_state(&panel), "off watch");
    break_the_club(&panel.club);
    panel.post("/api/backups/create", "");
    assert_eq!(one_state(&panel), "failed off watch");
    panel.place(&first, b"");
    assert_eq!(one_state(&panel), "unproven failed off act");
    panel.post(&format!("/api/backups/{first}/verify"), "");
    assert_eq!(one_state(&panel), "all_damaged failed off act");
}

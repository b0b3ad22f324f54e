//! The nightly timer: its status and its switch.

use std::fs;

use jiff::{SignedDuration, Timestamp, fmt::strtime, tz::TimeZone};
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::Panel;
use crate::support::{Club, until};

const STATUS: &str = "/api/backups/auto-status";
const TOGGLE: &str = "/api/backups/auto-toggle";

#[test]
fn the_switch_answers_in_the_contract_s_words() {
    let panel = Panel::new();
    let off = json!({ "success": true, "message": "Backup automatique désactivé", "enabled": false });
    assert_eq!(panel.post(TOGGLE, "{\"enable\":false}").json(), off);
    let on = json!({ "success": true, "message": "Backup automatique activé", "enabled": true });
    assert_eq!(panel.post(TOGGLE, "{\"enable\":true}").json(), on);
    let english = [("Accept-Language", "en")];
    let said = |enable| panel.ask("POST", TOGGLE, &english, enable).json()["message"].clone();
    assert_eq!(said("{\"enable\":false}"), "Automatic backup disabled");
    assert_eq!(said("{\"enable\":true}"), "Automatic backup enabled");
}

#[test]
fn the_next_run_is_three_o_clock_as_systemctl_writes_it() {
    let status = Panel::new().get(STATUS).json();
    assert_eq!((&status["enabled"], &status["active"]), (&json!(true), &json!(true)));
    let written = status["nextRun"].as_str().unwrap();
    assert!(written.ends_with(" 03:00:00 CET") || written.ends_with(" 03:00:00 CEST"), "{written}");
    let local = strtime::parse("%a %Y-%m-%d %H:%M:%S", written.rsplit_once(' ').unwrap().0).unwrap();
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let next = local.to_datetime().unwrap().to_zoned(zone).unwrap().timestamp();
    assert_eq!(status["next"].as_str().unwrap().parse::<Timestamp>().unwrap(), next);
    assert!(next > Timestamp::now());
}

#[test]
fn there_is_no_next_run_when_it_is_off_and_a_restart_keeps_it_off() {
    let mut panel = Panel::new();
    panel.post(TOGGLE, "{\"enable\":false}");
    let off = json!({ "enabled": false, "active": false, "nextRun": null, "next": null, "logs": "" });
    assert_eq!(panel.get(STATUS).json(), off);
    panel.daemon.stop();
    let Panel { daemon, club } = panel;
    drop(daemon);
    assert_eq!(Panel::of(club).get(STATUS).json(), off);
}

#[test]
fn the_command_line_and_the_panel_move_the_same_switch() {
    let panel = Panel::new();
    assert!(panel.club.run(&["auto", "off"]).status.success());
    assert_eq!(panel.get(STATUS).json()["enabled"], false);
}

#[test]
fn the_logs_are_the_last_lines_of_the_runs() {
    let panel = Panel::new();
    let name = panel.backup();
    let status = panel.get(STATUS).json();
    let last = status["logs"].as_str().unwrap().lines().last().unwrap();
    assert!(last.contains(" INFO ") && last.contains(&name), "{last}");
}

#[test]
fn a_body_that_is_not_the_switch_is_refused_and_changes_nothing() {
    let panel = Panel::new();
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "{\"enable\":tr",
        "{}",
        "null",
        "true",
        "{\"enable\":\"false\"}",
        "{\"enable\":0}",
        "{\"enable\":null}",
        "{\"enable\":false,\"more\":1}",
        "{\"enable\":false} x",
        "\u{feff}{\"enable\":false}",
        deep.as_str(),
    ] {
        assert_error(&panel.post(TOGGLE, body), 400, "bad_request");
    }
    assert_eq!(panel.get(STATUS).json()["enabled"], Value::Bool(true));
}

#[test]
fn a_body_shorter_than_announced_is_refused_and_changes_nothing() {
    let panel = Panel::new();
    let mut connection = panel.connect();
    let head = format!("POST {TOGGLE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n");
    connection.send(head.as_bytes());
    connection.send(b"{\"enable\":false}");
    connection.finish();
    if let Some(reply) = connection.reply(false) {
        assert_error(&reply, 400, "bad_request");
    }
    assert_eq!(panel.get(STATUS).json()["enabled"], Value::Bool(true));
}

/// A club whose daemon was last there so many days ago.
fn away_for(days: i64, enabled: bool) -> Club {
    let Panel { daemon, club } = Panel::new();
    drop(daemon);
    let then = Timestamp::now() - SignedDuration::from_hours(24 * days);
    let schedule = json!({ "enabled": enabled, "done_until": then });
    fs::write(club.path("state/schedule.json"), schedule.to_string()).unwrap();
    club
}

#[test]
fn nights_that_were_missed_are_made_up_for_once_at_the_next_start() {
    let panel = Panel::of(away_for(5, true));
    until("the run that was missed", || (panel.list()["status"]["success"] == true).then_some(()));
    let Panel { daemon, club } = panel;
    drop(daemon);
    let panel = Panel::of(club);
    panel.backup();
    assert_eq!(panel.list()["total"], 2, "one for five nights, and the one that was just made");
}

#[test]
fn nights_that_it_was_off_are_not_made_up_for_even_when_it_is_turned_on() {
    let panel = Panel::of(away_for(5, false));
    panel.post(TOGGLE, "{\"enable\":true}");
    panel.backup();
    assert_eq!(panel.list()["total"], 1);
}

//! Sessions: fixation, their end, restarts, clocks that jump.

use serde_json::json;

use crate::document::assert_error;
use crate::guest::Guest;
use crate::panel::Panel;
use crate::support::planted::PASSWORD;
use crate::support::tools::{faketime, lacks};
use crate::support::{Club, Daemon, planted};

const LIST: &str = "/api/access/sessions";

fn lives(panel: &Panel, guest: &Guest) -> bool {
    match guest.knock(panel, "GET", "/api/backups") {
        (200, _) => true,
        (401, code) if code == "sign_in_needed" => false,
        other => panic!("{other:?}"),
    }
}

impl Panel {
    /// Starts the daemon anew, its clock on the wall being wrong by so many hours.
    fn restart(&mut self, hours: i64) {
        self.daemon.end();
        let mut command = self.club.command(&["serve", "--listen", "127.0.0.1:0"]);
        if hours != 0 {
            command.env("LD_PRELOAD", faketime().unwrap()).env("FAKETIME", format!("{hours:+}h"));
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
        }
        self.daemon = Daemon::of(&mut command);
    }
}

#[test]
fn an_id_that_somebody_planted_is_never_taken() {
    let panel = Panel::guarded();
    let planted = format!("neopro_session={}", "f".repeat(64));
    let reply = panel.sign_in(&Guest::cookies(&planted).on_page(&panel), PASSWORD);
    assert_eq!(reply.status, 200);
    let given = panel.given(&reply);
    assert!(!given.contains(&planted));
    assert!(!lives(&panel, &Guest::cookies(&planted)));
    assert!(lives(&panel, &Guest::cookies(&given)));
    // A planted one beside the real one, as another program on this device could set it.
    assert!(lives(&panel, &Guest::cookies(&format!("{planted}; {given}"))));
}

#[test]
fn signing_in_again_replaces_the_session() {
    let panel = Panel::guarded();
    let first = panel.signed_in(PASSWORD);
    let second = Guest::cookies(&panel.given(&panel.sign_in(&first.on_page(&panel), PASSWORD)));
    assert!(!lives(&panel, &first) && lives(&panel, &second));
    let listed = second.ask(&panel, "GET", LIST, "").json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn sessions_are_listed_and_ended_by_any_person() {
    let panel = Panel::guarded();
    let phone = panel.signed_in(PASSWORD).with("User-Agent", "Phone");
    let owner = panel.signed_in(PASSWORD).on_page(&panel);
    let listed = owner.ask(&panel, "GET", LIST, "").json()["sessions"].clone();
    let other = listed.as_array().unwrap().iter().find(|session| session["current"] == json!(false)).unwrap();
    let path = format!("{LIST}/{}", other["id"].as_str().unwrap());
    assert_eq!(owner.ask(&panel, "DELETE", &path, "").status, 200);
    assert!(!lives(&panel, &phone) && lives(&panel, &owner));
    assert_error(&owner.ask(&panel, "DELETE", &path, ""), 404, "session_not_found");
}

#[test]
fn the_list_of_sessions_is_bounded() {
    let panel = Panel::guarded();
    let first = panel.signed_in(PASSWORD);
    let mut last = None;
    for _ in 0..32 {
        last = Some(panel.signed_in(PASSWORD));
    }
    let last = last.unwrap();
    assert!(!lives(&panel, &first), "the one that was used longest ago made room");
    assert_eq!(last.ask(&panel, "GET", LIST, "").json()["sessions"].as_array().unwrap().len(), 32);
}

#[test]
fn a_restart_keeps_sessions_and_counts_the_time_between() {
    if lacks(&["faketime"]) {
        return;
    }
    let mut panel = Panel::guarded();
    let guest = panel.signed_in(PASSWORD);
    for (hours, expected) in [(0, true), (11, true), (13, false), (0, true)] {
        panel.restart(hours);
        assert_eq!(lives(&panel, &guest), expected, "{hours} hours later");
    }
}

#[test]
fn a_clock_that_jumped_back_keeps_them_and_one_that_jumped_ahead_ends_them() {
    if lacks(&["faketime"]) {
        return;
    }
    let mut panel = Panel::guarded();
    let guest = panel.signed_in(PASSWORD);
    for (hours, expected) in [(-24 * 3650, true), (24 * 3650, false), (-1, true)] {
        panel.restart(hours);
        assert_eq!(lives(&panel, &guest), expected, "{hours} hours");
    }
}

#[test]
fn thirty_days_are_the_end_however_much_it_is_used() {
    let club = Club::guarded("");
    club.set_password(planted::PASSWORD);
    let mut panel = Panel::of(club);
    let guest = panel.signed_in(PASSWORD);
    panel.daemon.end();
    let file = panel.club.path("state/access/access.json");
    let mut kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let month_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(30 * 24);
    kept["sessions"][0]["created"] = month_ago.to_string().into();
    std::fs::write(&file, kept.to_string()).unwrap();
    panel.restart(0);
    assert!(!lives(&panel, &guest));
}

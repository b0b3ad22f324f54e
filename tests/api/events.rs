//! `GET /api/events`: everything that happens, for everybody who listens.

use serde_json::json;

use crate::document;
use crate::panel::{NAME, Panel, events_until};
use crate::support::Told;

const EVENTS: &str = "/api/events";

fn ids(heard: &[Told]) -> Vec<String> {
    heard.iter().map(|told| told.id.clone().unwrap()).collect()
}

#[test]
fn a_run_of_another_process_shows_as_its_events_and_a_change_of_the_list() {
    let panel = Panel::new();
    let mut live = panel.events(EVENTS, None);
    assert!(panel.club.run(&["run"]).status.success());
    let (mut done, mut changed) = (false, false);
    let heard = events_until(&mut live, EVENTS, |told| {
        done |= told.data["event"] == "done";
        changed |= told.name == "archives";
        done && changed
    });
    let jobs: Vec<_> = heard.iter().filter(|told| told.name == "job").collect();
    let numbers: Vec<_> = jobs.iter().map(|told| told.data["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=jobs.len() as u64).collect::<Vec<_>>(), "none is lost, none comes twice");
    let job = panel.list()["status"]["job"].clone();
    assert!(jobs.iter().all(|told| told.data["job"] == job));
}

#[test]
fn a_deletion_and_a_pin_are_changes_of_the_list() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let mut live = panel.events(EVENTS, None);
    panel.put(&format!("/api/backups/{NAME}/pin"));
    events_until(&mut live, EVENTS, |told| told.name == "archives");
    panel.delete(&format!("/api/backups/{NAME}/pin"));
    events_until(&mut live, EVENTS, |told| told.name == "archives");
    panel.delete(&format!("/api/backups/{NAME}"));
    events_until(&mut live, EVENTS, |told| told.name == "archives");
}

#[test]
fn the_switch_is_told_however_it_is_moved() {
    let panel = Panel::new();
    let mut live = panel.events(EVENTS, None);
    assert!(panel.club.run(&["auto", "off"]).status.success());
    events_until(&mut live, EVENTS, |told| told.name == "schedule");
    panel.post("/api/backups/auto-toggle", "{\"enable\":true}");
    events_until(&mut live, EVENTS, |told| told.name == "schedule");
}

#[test]
fn who_comes_back_hears_what_he_missed_and_then_what_comes() {
    let panel = Panel::new();
    let mut first = panel.events(EVENTS, None);
    let mut steady = panel.events(EVENTS, None);
    let is_done = |told: &Told| told.data["event"] == "done";
    panel.backup();
    let known = ids(&events_until(&mut first, EVENTS, is_done)).pop().unwrap();
    drop(first);
    panel.backup();
    events_until(&mut steady, EVENTS, |told| told.id.as_ref() == Some(&known));
    let missed = events_until(&mut steady, EVENTS, is_done);
    let mut again = panel.events(EVENTS, Some(&known));
    assert_eq!(ids(&events_until(&mut again, EVENTS, is_done)), ids(&missed));
    panel.backup();
    let coming = ids(&events_until(&mut again, EVENTS, is_done));
    assert_eq!(coming, ids(&events_until(&mut steady, EVENTS, is_done)));
}

#[test]
fn an_id_that_is_not_known_is_answered_with_reset_and_the_stream_goes_on() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let mut live = panel.events(EVENTS, None);
    panel.put(&format!("/api/backups/{NAME}/pin"));
    let id = ids(&events_until(&mut live, EVENTS, |_| true)).pop().unwrap();
    let (process, _) = id.split_once('-').unwrap();
    let future = format!("{process}-999999");
    let longest = format!("{process}-18446744073709551615");
    for unknown in [&future, &longest, "00000000-1", "nonsense", "-", ""] {
        let mut live = panel.events(EVENTS, Some(unknown));
        let first = live.next().unwrap();
        document::check_event(EVENTS, &first);
        assert_eq!((first.name.as_str(), first.data), ("reset", json!({})), "{unknown}");
        panel.put(&format!("/api/backups/{NAME}/pin"));
        assert_eq!(live.next().unwrap().name, "archives");
    }
}

#[test]
fn a_restart_is_told_as_reset() {
    let mut panel = Panel::new();
    panel.place(NAME, b"");
    let mut live = panel.events(EVENTS, None);
    panel.put(&format!("/api/backups/{NAME}/pin"));
    let id = ids(&events_until(&mut live, EVENTS, |_| true)).pop().unwrap();
    panel.daemon.stop();
    let panel = Panel::of(panel.club);
    assert_eq!(panel.events(EVENTS, Some(&id)).next().unwrap().name, "reset");
}

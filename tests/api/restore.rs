//! Restores over HTTP: what is answered when one is done, refused, or stands behind another.

use std::fs::{self, File};
use std::process::Command;

use nix::fcntl::{Flock, FlockArg};
use serde_json::{Value, json};

use crate::corpus::{self, CASES, SITE};
use crate::document::assert_error;
use crate::panel::{NAME, Panel, events_until};
use crate::support::tools::{ROOT, lacks};
use crate::support::{Club, Daemon};

/// The club's files.
const FILES: [&str; 3] = ["club/configuration.json", "club/.env", "club/site.conf"];
const ASYNC: (&str, &str) = ("Prefer", "respond-async");
const UNDO: &str = "/api/restore/undo";

fn of(name: &str) -> String {
    format!("/api/backups/{name}/restore")
}

/// The files' contents; none where one is not there.
pub(crate) type Files = [Option<Vec<u8>>; 3];

/// What is there now.
pub(crate) fn state(club: &Club) -> Files {
    FILES.map(|file| fs::read(club.path(file)).ok())
}

/// Changes every file; takes one away.
pub(crate) fn spoil(club: &Club) {
    fs::write(club.path(FILES[0]), "{\"name\":\"vidé\"}\n").unwrap();
    fs::remove_file(club.path(FILES[1])).unwrap();
    fs::write(club.path(FILES[2]), "SITE=2\n").unwrap();
}

/// A club that is spoilt, an archive of it, and the good and the spoilt state.
fn spoilt() -> (Panel, String, Files, Files) {
    let panel = Panel::new();
    let name = panel.backup();
    let good = state(&panel.club);
    spoil(&panel.club);
    let spoilt = state(&panel.club);
    (panel, name, good, spoilt)
}

#[test]
fn jobs_tell_of_a_refused_archive_as_the_document_says() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    assert_error(&panel.post(&of(NAME), "{}"), 422, "archive_refused");
    // The reason is a sentence within the sentence.
    let jobs = panel.get("/api/jobs").json();
    let reason = &jobs["jobs"][0]["outcome"]["failure"]["sentence"]["args"]["reason"];
    assert!(reason["key"].is_string(), "{jobs}");
}

#[test]
fn files_come_back_and_go_again() {
    let (panel, name, good, spoilt) = spoilt();
    assert_eq!(panel.get("/api/restore").json(), json!({ "last": null, "undo": null }));
    assert_error(&panel.post(UNDO, ""), 409, "nothing_to_undo");
    let done = panel.post(&of(&name), "{}").json();
    assert_eq!(done["success"], true, "{done}");
    assert!(done["output"].as_str().unwrap().contains("redémarrez neopro-app.service vous-même"), "{done}");
    assert_eq!(state(&panel.club), good);
    let told = panel.get("/api/restore").json();
    assert_eq!((&told["last"]["state"], &told["last"]["job"]), (&json!("done"), &done["job"]));
    assert_eq!((&told["last"]["archive"], &told["undo"]["archive"]), (&json!(name), &json!(name)));
    let safety = told["undo"]["safety"].as_str().unwrap();
    assert_error(&panel.delete(&format!("/api/backups/{safety}")), 409, "backup_pinned");
    assert_eq!(panel.post(UNDO, "").status, 200);
    assert_eq!(state(&panel.club), spoilt);
    let told = panel.get("/api/restore").json();
    assert_eq!((&told["last"]["state"], &told["undo"]), (&json!("undone"), &Value::Null));
    assert_error(&panel.post(UNDO, ""), 409, "nothing_to_undo");
}

#[test]
fn only_what_was_asked_for_comes_back() {
    let (panel, name, good, spoilt) = spoilt();
    assert_eq!(panel.post(&of(&name), "{\"members\":[\"site.conf\"]}").status, 200);
    assert_eq!(state(&panel.club), [spoilt[0].clone(), spoilt[1].clone(), good[2].clone()]);
}

#[test]
fn who_does_not_want_to_wait_follows_the_job() {
    let (panel, name, good, spoilt) = spoilt();
    for (path, body, after) in [(of(&name), "{}", good), (UNDO.to_owned(), "", spoilt)] {
        let begun = panel.ask("POST", &path, &[ASYNC], body);
        assert_eq!(begun.status, 202);
        let job = begun.json()["job"].as_str().unwrap().to_owned();
        assert_eq!(begun.header("location"), Some(format!("/api/jobs/{job}")));
        let mut live = panel.events(&format!("/api/jobs/{job}/events"), None);
        let heard = events_until(&mut live, "/api/jobs/{id}/events", |told| told.data["event"] == "done");
        assert_eq!(heard.last().unwrap().data["outcome"]["success"], true, "{heard:#?}");
        let steps = heard.iter().filter_map(|told| told.data["step"].as_str());
        let steps: Vec<_> = steps.collect();
        let ours = ["prepare", "verify", "compare", "files", "apply", "restart"];
        let mut rest = steps.iter();
        assert!(ours.iter().all(|step| rest.any(|found| found == step)), "in this order: {steps:?}");
        assert_eq!(state(&panel.club), after);
        assert_eq!(panel.get(&format!("/api/jobs/{job}")).json()["kind"], "restore");
    }
}

#[test]
fn each_refusal_has_its_status_and_changes_nothing() {
    let panel = Panel::new();
    fs::write(panel.club.path(FILES[2]), SITE).unwrap();
    let good = panel.backup();
    fs::write(panel.club.path(FILES[0]), "{}").unwrap();
    let before = state(&panel.club);
    let refused = |name: &str, body: &str, status, code| {
        assert_error(&panel.post(&of(name), body), status, code);
        assert_eq!(state(&panel.club), before, "{code}");
    };
    refused(NAME, "{}", 404, "backup_not_found");
    refused("backup-1.tar.gz", "{}", 400, "bad_name");
    for body in ["", "[]", "{\"members\":1}", "{\"path\":\"/etc\"}"] {
        refused(&good, body, 400, "bad_request");
    }
    refused(&good, "{\"members\":[\"passwd\"]}", 404, "member_not_found");
    refused(&good, "{\"members\":[\"../site.conf\"]}", 404, "member_not_found");
    for case in CASES.iter().filter(|case| !case.what.contains("GB")) {
        panel.place(NAME, &(case.bytes)());
        let status = if case.code == "other_club" { 409 } else { 422 };
        let reply = panel.post(&of(NAME), "{}");
        assert_error(&reply, status, case.code);
        assert!(reply.json()["message"].as_str().unwrap().contains(case.rule), "{}", case.what);
        assert_eq!(state(&panel.club), before, "{}", case.what);
    }
    fs::remove_file(panel.club.path(FILES[2])).unwrap();
    fs::create_dir(panel.club.path(FILES[2])).unwrap();
    assert_error(&panel.post(&of(&good), "{}"), 409, "target_not_regular");
    assert_eq!(fs::read(panel.club.path(FILES[0])).unwrap(), b"{}");
}

#[test]
fn another_club_s_archive_comes_back_to_who_names_that_club() {
    let panel = Panel::new();
    fs::write(panel.club.path(FILES[2]), SITE).unwrap();
    let theirs = CASES.iter().find(|case| case.code == "other_club").unwrap();
    panel.place(NAME, &(theirs.bytes)());
    let preview = panel.get(&format!("/api/backups/{NAME}/diff")).json();
    assert_eq!((&preview["otherClub"], &preview["club"]), (&json!(true), &json!("Salle de Brest")));
    assert_error(&panel.post(&of(NAME), "{}"), 409, "other_club");
    assert_error(&panel.post(&of(NAME), "{\"confirm\":\"Gymnase d'Évreux\"}"), 409, "other_club");
    assert_eq!(panel.post(&of(NAME), "{\"confirm\":\"Salle de Brest\"}").status, 200);
    assert!(fs::read_to_string(panel.club.path(FILES[2])).unwrap().contains("Brest"));
}

#[test]
fn behind_another_job_it_is_refused_with_that_one_s_id() {
    let (panel, name, _, spoilt) = spoilt();
    panel.club.run(&["restore", &name, "--only", "site.conf", "--yes"]);
    fs::write(panel.club.path(FILES[2]), "SITE=2\n").unwrap();
    for holder in ["backup-0193d8a2c4f0-5e1b9c3a", "restore-0193d8a2c4f0-5e1b9c3a"] {
        let lock = panel.club.path("state/run.lock");
        let file = File::options().read(true).write(true).open(&lock).unwrap();
        let held = Flock::lock(file, FlockArg::LockExclusive).unwrap();
        fs::write(&lock, holder).unwrap();
        for (path, body) in [(of(&name), "{}"), (UNDO.to_owned(), "")] {
            for headers in [&[][..], &[ASYNC]] {
                let refused = panel.ask("POST", &path, headers, body);
                assert_error(&refused, 409, "run_in_progress");
                assert_eq!(refused.json()["job"], holder);
            }
        }
        assert_error(&panel.post("/api/backups/create", ""), 409, "run_in_progress");
        // Looking is not doing.
        assert_eq!(panel.get(&format!("/api/backups/{name}/diff")).status, 200);
        assert_eq!(state(&panel.club), spoilt);
        drop(held);
    }
    assert_eq!(panel.post(&of(&name), "{}").status, 200);
}

/// A panel whose backup directory is a card of half a MB.
pub(crate) fn on_a_small_card(club: Club) -> Panel {
    let mut shell = Command::new("unshare");
    let script = r#"mount -t tmpfs -o size=512k tmpfs "$0"; exec "$@""#;
    shell.args(["-m", "sh", "-ec", script]).arg(club.path("backups"));
    let serve = club.command(&["serve", "--listen", "127.0.0.1:0"]);
    shell.arg(serve.get_program()).args(serve.get_args());
    for (variable, value) in serve.get_envs() {
        match value {
            Some(value) => shell.env(variable, value),
            None => shell.env_remove(variable),
        };
    }
    Panel { daemon: Daemon::of(&mut shell), club }
}

#[test]
fn a_card_without_room_for_the_safety_copy_is_full_before_anything_is_changed() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let panel = on_a_small_card(Club::new());
    let name = panel.backup();
    spoil(&panel.club);
    let before = state(&panel.club);
    // Into the daemon's own view of that directory.
    let backups = panel.club.path("backups");
    let inside = format!("/proc/{}/root{}/fill", panel.daemon.pid(), backups.display());
    let fill = vec![0; 4096];
    let mut into = File::create(&inside).unwrap();
    while std::io::Write::write_all(&mut into, &fill).is_ok() {}
    drop(into);
    assert_error(&panel.post(&of(&name), "{}"), 507, "disk_full");
    assert_eq!(state(&panel.club), before);
    assert_eq!(panel.list()["total"], 1);
    fs::remove_file(inside).unwrap();
    assert_eq!(panel.post(&of(&name), "{}").status, 200);
}

#[test]
fn the_corpus_s_own_control_is_restored() {
    let panel = Panel::new();
    fs::write(panel.club.path(FILES[2]), SITE).unwrap();
    panel.place(NAME, &corpus::sound());
    assert_eq!(panel.post(&of(NAME), "{}").status, 200);
    assert!(fs::read_to_string(panel.club.path(FILES[0])).unwrap().contains("archivé"));
}

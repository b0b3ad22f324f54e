//! `POST /api/backups/create`, and the job that it starts.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{Panel, events_until};
use crate::support::{Club, request, until};

const CREATE: &str = "/api/backups/create";
const ASYNC: (&str, &str) = ("Prefer", "respond-async");
const FOLLOWED: &str = "/api/jobs/{id}/events";

/// Waits until the job holds the run's lock.
fn at_work(panel: &Panel, job: Option<&str>) -> String {
    until("the job's name in the lock", || {
        let holder = fs::read_to_string(panel.club.path("state/run.lock")).ok()?;
        (job.is_none_or(|job| job == holder) && holder.starts_with("backup-")).then_some(holder)
    })
}

/// The process with all of these among its arguments.
pub(crate) fn process_with(words: &[&str]) -> Option<Pid> {
    let has_them = |pid: &i32| {
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let mut words = words.iter();
        words.all(|word| arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()))
    };
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.find(has_them).map(Pid::from_raw)
}

#[test]
fn a_backup_is_acknowledged_when_it_is_done_with_the_run_s_log() {
    let panel = Panel::new();
    let created = panel.post(CREATE, "").json();
    assert_eq!((&created["success"], &created["message"]), (&json!(true), &json!("Backup créé avec succès")));
    let lines: Vec<_> = created["output"].as_str().unwrap().lines().collect();
    assert_eq!(lines[0], "La sauvegarde commence.");
    let list = panel.list();
    let name = list["status"]["archive"].as_str().unwrap();
    assert!(lines.last().unwrap().contains(name), "{lines:#?}");
    let log = fs::read_to_string(panel.club.backup("backup.log")).unwrap();
    assert_eq!(log.lines().count(), lines.len());
    for (logged, said) in log.lines().zip(lines) {
        assert!(logged.ends_with(said), "{logged}");
    }
    assert_eq!(list["total"], 1);
}

#[test]
fn english_callers_are_answered_in_english() {
    let created = Panel::new().ask("POST", CREATE, &[("Accept-Language", "en")], "").json();
    assert_eq!(created["message"], "Backup created successfully");
}

#[test]
fn who_does_not_want_to_wait_is_told_where_to_look() {
    let panel = Panel::new();
    let begun = panel.ask("POST", CREATE, &[("Prefer", "wait=5, Respond-Async; x=1")], "");
    assert_eq!(begun.status, 202);
    let job = begun.json()["job"].as_str().unwrap().to_owned();
    assert_eq!(begun.header("Location"), Some(format!("/api/jobs/{job}")));
    let view = panel.job_in_state(&job, "succeeded");
    assert_eq!((&view["id"], &view["kind"], &view["step"]), (&json!(job), &json!("backup"), &json!("prune")));
    assert_eq!(view["outcome"]["archive"], panel.list()["backups"][0]["name"]);
    assert_eq!(panel.get("/api/jobs").json()["jobs"], json!([view]));
}

#[test]
fn a_job_s_events_come_from_the_first_to_the_last_with_their_numbers() {
    let panel = Panel::new();
    let pause = panel.club.hold("store.lock");
    let job = panel.begin();
    let path = format!("/api/jobs/{job}/events");
    let mut live = panel.events(&path, None);
    let begun = events_until(&mut live, FOLLOWED, |told| told.data["event"] == "started");
    assert_eq!(begun.len(), 1, "the first event is the first");
    assert_eq!(panel.get(&format!("/api/jobs/{job}")).json()["state"], "running");
    drop(pause);
    let mut heard = begun;
    heard.extend(events_until(&mut live, FOLLOWED, |told| told.data["event"] == "done"));
    assert!(live.next().is_none(), "the stream ends with the job");
    let numbers: Vec<_> = heard.iter().map(|told| told.data["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=heard.len() as u64).collect::<Vec<_>>());
    let ids: Vec<_> = heard.iter().map(|told| told.id.clone().unwrap()).collect();
    assert_eq!(ids, numbers.iter().map(u64::to_string).collect::<Vec<_>>());
    assert_eq!(heard.last().unwrap().data["outcome"]["success"], true);

    let resumed: Vec<_> = panel.events(&path, Some("3")).map(|told| told.id.unwrap()).collect();
    assert_eq!(resumed, ids[3..]);
    let again: Vec<_> = panel.events(&path, None).map(|told| told.data).collect();
    assert_eq!(again, heard.into_iter().map(|told| told.data).collect::<Vec<_>>());
    assert_eq!(panel.events(&path, ids.last().map(String::as_str)).count(), 0);
}

#[test]
fn a_second_run_is_refused_with_the_first_one_s_id() {
    let panel = Panel::new();
    let pause = panel.club.hold("store.lock");
    let job = panel.begin();
    at_work(&panel, Some(&job));
    for headers in [&[][..], &[ASYNC]] {
        let refused = panel.ask("POST", CREATE, headers, "");
        assert_error(&refused, 409, "run_in_progress");
        assert_eq!(refused.json()["job"], json!(job));
    }
    drop(pause);
    panel.job_in_state(&job, "succeeded");
    assert_eq!(panel.list()["total"], 1, "one run, one archive");
}

#[test]
fn a_run_of_the_command_line_counts_as_well() {
    let panel = Panel::new();
    let held = panel.club.hold("run.lock");
    fs::write(panel.club.path("state/run.lock"), "backup-0193d8a2c4f0-5e1b9c3a").unwrap();
    let refused = panel.post(CREATE, "");
    assert_error(&refused, 409, "run_in_progress");
    assert_eq!(refused.json()["job"], "backup-0193d8a2c4f0-5e1b9c3a");
    drop(held);
    assert_eq!(panel.post(CREATE, "").status, 200, "a name without a lock stands in nobody's way");
}

#[test]
fn a_missing_required_file_fails_the_run_and_says_which() {
    let panel = Panel::new();
    let missing = panel.club.path("club/configuration.json");
    fs::remove_file(&missing).unwrap();
    let failed = panel.post(CREATE, "");
    assert_error(&failed, 500, "source.missing");
    let message = failed.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(missing.to_str().unwrap()), "{message}");
    let status = panel.list()["status"].clone();
    assert_eq!(
        (&status["success"], &status["archive"], &status["size"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    assert_eq!((&status["error"], &status["code"]), (&json!(message), &json!("source.missing")));
    let english = panel.ask("POST", CREATE, &[("Accept-Language", "en")], "").json();
    assert!(english["message"].as_str().unwrap().starts_with("The file "), "{english}");
    let job = panel.begin();
    let view = panel.job_in_state(&job, "failed");
    assert_eq!(view["outcome"]["failure"]["code"], "source.missing");
}

#[test]
fn a_missing_optional_file_is_a_remark_and_no_failure() {
    let panel = Panel::new();
    fs::remove_file(panel.club.path("club/site.conf")).unwrap();
    let created = panel.post(CREATE, "").json();
    assert!(created["output"].as_str().unwrap().contains("site.conf"), "{created}");
    let warnings = panel.list()["status"]["warnings"].clone();
    assert!(warnings[0].as_str().unwrap().contains("site.conf"), "{warnings}");
}

#[test]
fn a_run_that_is_killed_is_told_as_interrupted_to_everybody_who_waits() {
    let panel = Panel::new();
    let pause = panel.club.hold("store.lock");
    let mut waiting = panel.connect();
    waiting.send(&request(panel.daemon.address, "POST", CREATE, &[], b""));
    let job = at_work(&panel, None);
    let mut live = panel.events(&format!("/api/jobs/{job}/events"), None);
    assert_eq!(live.next().unwrap().data["event"], "started");
    kill(process_with(&[&job]).unwrap(), Signal::SIGKILL).unwrap();
    assert_error(&waiting.reply(false).unwrap(), 500, "run_interrupted");
    assert!(live.by_ref().all(|told| told.data["event"] != "done"), "the stream ends without a last word");
    drop(pause);
    assert_eq!(panel.get(&format!("/api/jobs/{job}")).json()["state"], "interrupted");
    let status = &panel.list()["status"];
    assert_eq!((&status["success"], &status["code"]), (&json!(false), &json!("run_interrupted")));
    assert_eq!(status["job"], job.as_str());
    assert_eq!(panel.post(CREATE, "").status, 200, "the next run is not disturbed");
}

#[test]
fn a_run_that_the_plug_interrupted_is_told_by_the_status_after_the_next_start() {
    let panel = Panel::new();
    panel.backup();
    let Panel { daemon, club } = panel;
    drop(daemon);
    let job = "backup-0193d8a2c4f0-5e1b9c3a";
    fs::write(club.path("state/run.lock"), job).unwrap();
    fs::write(club.backup(".neopro-backup-x1.partial"), b"half").unwrap();
    let panel = Panel::of(club);
    let status = &panel.list()["status"];
    assert_eq!((&status["success"], &status["job"]), (&json!(false), &json!(job)));
    assert!(!panel.club.backup(".neopro-backup-x1.partial").exists());
}

#[test]
fn a_backup_is_made_and_acknowledged_where_jobs_cannot_be_followed() {
    let club = Club::new();
    fs::write(club.path("run"), b"in the way").unwrap();
    let panel = Panel::of(club);
    let created = panel.post(CREATE, "").json();
    assert_eq!(created["success"], true);
    assert!(created["output"].as_str().unwrap().lines().count() >= 2, "{created}");
    assert_eq!(panel.list()["total"], 1);
}

//! Pinning, verifying and deleting one archive.

use std::fs;
use std::io::Write;
use std::sync::mpsc;
use std::thread;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::request;

fn archive(name: &str) -> String {
    format!("/api/backups/{name}")
}

fn pin(name: &str) -> String {
    format!("/api/backups/{name}/pin")
}

fn verify(panel: &Panel, name: &str) -> (Value, Value) {
    let reply = panel.post(&format!("/api/backups/{name}/verify"), "");
    assert_eq!(reply.status, 200);
    let answer = reply.json();
    assert_eq!(panel.list()["backups"][0]["verification"], answer["verification"], "the list agrees");
    (answer["verification"].clone(), answer["problem"].clone())
}

/// An archive as the shell script made them: no manifest.
fn of_the_script() -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    header.set_mode(0o644);
    tar.append_data(&mut header, "backup-20241218-030000/site.conf", &b"A=1"[..]).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn a_deleted_archive_is_gone() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let deleted = panel.delete(&archive(NAME));
    assert_eq!(deleted.json(), json!({ "success": true, "message": "Backup supprimé" }));
    assert!(!panel.club.backup(NAME).exists());
    assert_eq!(panel.list()["total"], 0);
    assert_error(&panel.delete(&archive(NAME)), 404, "backup_not_found");
}

#[test]
fn english_callers_hear_of_a_deletion_in_english() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let deleted = panel.ask("DELETE", &archive(NAME), &[("Accept-Language", "en")], "");
    assert_eq!(deleted.json()["message"], "Backup deleted");
}

#[test]
fn a_pinned_archive_cannot_be_deleted_until_it_is_unpinned() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    for _ in 0..2 {
        assert_eq!(panel.put(&pin(NAME)).json(), json!({ "success": true, "pinned": true }));
    }
    assert_eq!(panel.list()["backups"][0]["pinned"], true);
    let refused = panel.delete(&archive(NAME));
    assert_error(&refused, 409, "backup_pinned");
    assert!(refused.json()["message"].as_str().unwrap().contains(NAME));
    assert!(panel.club.backup(NAME).exists());
    for _ in 0..2 {
        assert_eq!(panel.delete(&pin(NAME)).json(), json!({ "success": true, "pinned": false }));
    }
    assert_eq!(panel.delete(&archive(NAME)).status, 200);
}

#[test]
fn a_pin_of_the_command_line_counts_and_survives_a_restart() {
    let mut panel = Panel::new();
    panel.place(NAME, b"");
    assert!(panel.club.run(&["pin", NAME]).status.success());
    panel.daemon.stop();
    let panel = Panel::of(panel.club);
    assert_error(&panel.delete(&archive(NAME)), 409, "backup_pinned");
}

#[test]
fn a_sound_archive_verifies() {
    let panel = Panel::new();
    let name = panel.backup();
    assert_eq!(verify(&panel, &name), (json!("verified"), Value::Null));
}

#[test]
fn an_archive_of_the_old_script_is_readable() {
    let panel = Panel::new();
    panel.place(NAME, &of_the_script());
    assert_eq!(verify(&panel, NAME), (json!("readable"), Value::Null));
}

#[test]
fn damage_is_found_whatever_it_is_and_named() {
    let panel = Panel::new();
    let name = panel.backup();
    let sound = fs::read(panel.club.backup(&name)).unwrap();
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 0x10;
    let mut not_tar = GzEncoder::new(Vec::new(), Compression::fast());
    not_tar.write_all(&[b'x'; 5000]).unwrap();
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("cut short", sound[..sound.len() - 10].to_vec()),
        ("half", sound[..sound.len() / 2].to_vec()),
        ("a flipped bit", flipped),
        ("bytes behind the end", [&sound[..], b"more"].concat()),
        ("not gzip", b"certainly not an archive".to_vec()),
        ("not tar", not_tar.finish().unwrap()),
    ] {
        panel.place(&name, &bytes);
        let (verification, problem) = verify(&panel, &name);
        assert_eq!(verification, "damaged", "{what}");
        assert!(problem.as_str().is_some_and(|problem| !problem.is_empty()), "{what}");
        assert_eq!(panel.list()["backups"][0]["problem"], problem);
    }
    let download = panel.get(&format!("/api/backups/download/{name}"));
    assert_eq!(download.status, 200, "what is left may be worth something");
    assert_eq!(panel.delete(&archive(&name)).status, 200);
}

#[test]
fn one_archive_is_read_back_at_a_time_and_lists_do_not_wait_for_it() {
    let panel = Panel::new();
    let name = panel.backup();
    let pause = panel.club.hold("store.lock");
    let path = format!("/api/backups/{name}/verify");
    let (answered, answers) = mpsc::channel();
    for _ in 0..6 {
        let mut connection = panel.connect();
        connection.send(&request(panel.daemon.address, "POST", &path, &[], b""));
        let answered = answered.clone();
        thread::spawn(move || answered.send(connection.reply(false).unwrap()));
    }
    // Whichever came first waits for the lock with the archive read; the others are told to.
    for _ in 0..5 {
        assert_error(&answers.recv().unwrap(), 409, "verify_in_progress");
    }
    assert_eq!(panel.list()["total"], 1);
    drop(pause);
    assert_eq!(answers.recv().unwrap().json()["verification"], "verified");
}

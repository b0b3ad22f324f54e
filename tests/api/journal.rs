//! `GET /api/journal`: the log's lines, and the log as a file.

use std::fs;

use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::Panel;

const JOURNAL: &str = "/api/journal";
const FILE: &str = "/api/journal/download";

fn journal(panel: &Panel, query: &str) -> Value {
    let reply = panel.get(&format!("{JOURNAL}{query}"));
    assert_eq!(reply.status, 200, "{query}");
    reply.json()
}

fn texts(journal: &Value) -> Vec<&str> {
    journal["entries"].as_array().unwrap().iter().map(|entry| entry["text"].as_str().unwrap()).collect()
}

/// A log of some nights, with lines of the script that was here before.
fn write(panel: &Panel) {
    let log = "=== Backup 2024 ===\n\
        \n\
        2024-12-18T03:00:00+01:00 INFO La sauvegarde commence.\n\
        2024-12-18T03:00:01+01:00 WARNING site.conf manque.\n\
        [2024-12-18 03:00:02] ERROR of the old script\n\
        2024-12-18T03:00:03+01:00 ERROR Disque plein : écriture impossible.\n\
        2024-12-19T03:00:00+01:00 INFO La sauvegarde commence.\n";
    panel.place("backup.log", log.as_bytes());
}

#[test]
fn no_log_is_an_empty_journal_and_an_empty_file() {
    let panel = Panel::new();
    assert_eq!(journal(&panel, ""), json!({ "entries": [], "complete": true }));
    let file = panel.get(FILE);
    assert_eq!((file.status, file.body.len()), (200, 0));
}

#[test]
fn lines_come_with_time_level_and_text_the_newest_last() {
    let panel = Panel::new();
    write(&panel);
    let journal = journal(&panel, "");
    let entry = |at: Value, level: &str, text: &str| json!({ "at": at, "level": level, "text": text });
    assert_eq!(
        journal,
        json!({
            "entries": [
                entry(Value::Null, "info", "=== Backup 2024 ==="),
                entry("2024-12-18T03:00:00+01:00".into(), "info", "La sauvegarde commence."),
                entry("2024-12-18T03:00:01+01:00".into(), "warning", "site.conf manque."),
                entry(Value::Null, "info", "[2024-12-18 03:00:02] ERROR of the old script"),
                entry("2024-12-18T03:00:03+01:00".into(), "error", "Disque plein : écriture impossible."),
                entry("2024-12-19T03:00:00+01:00".into(), "info", "La sauvegarde commence."),
            ],
            "complete": true,
        })
    );
}

#[test]
fn what_a_backup_says_is_in_the_journal() {
    let panel = Panel::new();
    let name = panel.backup();
    let journal = journal(&panel, "");
    assert!(texts(&journal).iter().any(|text| text.contains(&name)), "{journal:#}");
    assert!(journal["entries"].as_array().unwrap().iter().all(|entry| !entry["at"].is_null()), "{journal:#}");
}

#[test]
fn levels_and_limits_choose_the_newest_lines() {
    let panel = Panel::new();
    write(&panel);
    let warnings = journal(&panel, "?level=warning");
    assert_eq!(texts(&warnings), ["site.conf manque.", "Disque plein : écriture impossible."]);
    assert_eq!(warnings["complete"], true);
    assert_eq!(texts(&journal(&panel, "?level=error")).len(), 1);
    assert_eq!(texts(&journal(&panel, "?level=info")).len(), 6);
    let last = journal(&panel, "?limit=1");
    assert_eq!((texts(&last), &last["complete"]), (vec!["La sauvegarde commence."], &json!(false)));
    let last = journal(&panel, "?level=warning&limit=1");
    assert_eq!(texts(&last), ["Disque plein : écriture impossible."]);
    assert_eq!(last["complete"], false);
    assert_eq!(journal(&panel, "?level=warning&limit=2")["complete"], true);
}

#[test]
fn a_warning_is_found_before_thousands_of_ordinary_lines() {
    let panel = Panel::new();
    let mut log = "2024-12-18T03:00:01+01:00 WARNING long ago\n".to_owned();
    for _ in 0..5000 {
        log += "2024-12-19T03:00:00+01:00 INFO La sauvegarde commence.\n";
    }
    panel.place("backup.log", log.as_bytes());
    assert_eq!(texts(&journal(&panel, "?level=warning")), ["long ago"]);
    assert_eq!(texts(&journal(&panel, "")).len(), 200, "as many as usual");
    assert_eq!(texts(&journal(&panel, "?limit=2000")).len(), 2000);
}

#[test]
fn values_that_are_not_allowed_are_refused_by_the_parameter_s_name() {
    let panel = Panel::new();
    for (query, name, other) in [
        ("level=debug", "level", "info, warning, error"),
        ("level=", "level", "info, warning, error"),
        ("level=INFO", "level", "info, warning, error"),
        ("level=info&level=info", "level", "info, warning, error"),
        ("limit=0", "limit", "2000"),
        ("limit=2001", "limit", "2000"),
        ("limit=many", "limit", "2000"),
    ] {
        let reply = panel.get(&format!("{JOURNAL}?{query}"));
        assert_error(&reply, 400, "bad_parameter");
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(name) && message.contains(other), "{query}: {message}");
    }
}

#[test]
fn the_file_is_the_whole_log_byte_for_byte() {
    let panel = Panel::new();
    let mut log = b"not UTF-8: \xff\xfe, and a \x1b[31mcolour\n".to_vec();
    log.extend(b"2024-12-19T03:00:00+01:00 INFO again\n".repeat(9000));
    panel.place("backup.log", &log);
    let file = panel.get(FILE);
    assert_eq!(file.body, log);
    assert_eq!(file.header("Content-Type").as_deref(), Some("text/plain; charset=utf-8"));
    let name = "attachment; filename=\"neopro-backup-journal.log\"";
    assert_eq!(file.header("Content-Disposition").as_deref(), Some(name));
    let head = panel.ask("HEAD", FILE, &[], "");
    assert_eq!((head.body.len(), head.header("Content-Length")), (0, file.header("Content-Length")));
    // The same, read as lines.
    let first = &journal(&panel, "?limit=2000")["entries"][0]["text"].clone();
    assert_eq!(first, "again");
}

#[test]
fn what_cannot_be_read_is_said_and_no_link_is_followed() {
    let panel = Panel::new();
    std::os::unix::fs::symlink(panel.club.path("club/.env"), panel.club.backup("backup.log")).unwrap();
    for path in [JOURNAL, FILE] {
        assert_error(&panel.get(path), 500, "io_error");
    }
    fs::remove_file(panel.club.backup("backup.log")).unwrap();
    fs::rename(panel.club.path("backups"), panel.club.path("away")).unwrap();
    for path in [JOURNAL, FILE] {
        assert_error(&panel.get(path), 503, "no_backup_directory");
    }
}

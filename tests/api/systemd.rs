//! A machine that is configured for systemd and has none that answers: no pretended success.

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::Panel;
use crate::support::{Club, until};

/// A club whose configuration asks for systemd.
fn of_systemd() -> Club {
    let club = Club::new();
    let text = fs::read_to_string(club.configuration()).unwrap();
    fs::write(club.configuration(), text.replace("\"local\"", "\"systemd\"")).unwrap();
    club
}

/// The bus is where nothing is.
pub(crate) fn without_systemd() -> Panel {
    let club = of_systemd();
    let nowhere = format!("unix:path={}", club.path("no-bus").display());
    Panel::with_environment(club, &[("DBUS_SYSTEM_BUS_ADDRESS", &nowhere)])
}

#[test]
fn what_needs_systemd_is_503_with_a_sentence_and_the_rest_is_served() {
    let panel = without_systemd();
    for (method, path, body) in [
        ("GET", "/api/backups/auto-status", ""),
        ("POST", "/api/backups/auto-toggle", "{\"enable\":true}"),
        ("POST", "/api/backups/create", ""),
    ] {
        let answer = panel.ask(method, path, &[], body);
        assert_error(&answer, 503, "systemd_unavailable");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("systemd ne répond pas (") && message.contains("no-bus"), "{message}");
    }
    assert_eq!(panel.get("/api/backups").status, 200);
    assert_eq!(panel.get("/api/health").status, 200);
}

#[test]
fn a_bus_that_takes_calls_and_answers_none_keeps_neither_check_nor_the_status_waiting() {
    let club = of_systemd();
    assert!(club.run(&["run"]).status.success());
    let silent = club.path("silent-bus");
    let _bus = UnixListener::bind(&silent).unwrap();
    let address = format!("unix:path={}", silent.display());
    let mut command = club.command(&["check"]);
    let child = command.env("DBUS_SYSTEM_BUS_ADDRESS", &address).stdout(Stdio::piped()).spawn();
    let mut child = Ended(child.unwrap());
    let status = until("check's end", || child.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(0), "what is not known of the timer is no cause");
    let panel = Panel::with_environment(club, &[("DBUS_SYSTEM_BUS_ADDRESS", &address)]);
    let told = panel.get("/api/status").json();
    assert_eq!((&told["state"], &told["automatic"]), (&json!("good"), &Value::Null));
}

/// A process that is ended by its own id where it has not ended.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

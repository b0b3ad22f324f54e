//! A machine that is configured for systemd and has none that answers: no pretended success.

use std::fs;

use crate::document::assert_error;
use crate::panel::Panel;
use crate::support::Club;

/// The club's configuration asks for systemd, and the bus is where nothing is.
pub(crate) fn without_systemd() -> Panel {
    let club = Club::new();
    let text = fs::read_to_string(club.configuration()).unwrap();
    fs::write(club.configuration(), text.replace("\"local\"", "\"systemd\"")).unwrap();
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

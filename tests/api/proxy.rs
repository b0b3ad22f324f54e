//! A TLS proxy in front: what it says is believed where it is named, and nobody else's word is.

use serde_json::json;

use crate::document::assert_error;
use crate::guest::Guest;
use crate::panel::Panel;
use crate::support::Reply;
use crate::support::planted::{PASSWORD, WRONG_PASSWORD};

const CLUB: &str = "hosts = [\"sauvegarde.club.example\"]";

/// As a proxy of that name passes it on for a caller at 192.168.1.5.
fn passed_on(guest: &Guest) -> Guest {
    guest
        .with("X-Forwarded-For", "6.6.6.6, 192.168.1.5")
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "sauvegarde.club.example")
}

fn cookies(reply: &Reply) -> Vec<&str> {
    reply.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, cookie)| cookie.as_str()).collect()
}

#[test]
fn a_named_proxy_is_believed() {
    let panel = Panel::guarded_with(&format!("proxies = [\"127.0.0.1\"]\n{CLUB}"));
    let page = passed_on(&Guest::nobody()).with("Origin", "https://sauvegarde.club.example");
    let reply = panel.sign_in(&page, PASSWORD);
    assert_eq!(reply.status, 200);
    assert!(cookies(&reply)[0].starts_with("__Host-neopro_session="), "{:?}", cookies(&reply));
    assert!(cookies(&reply).iter().all(|cookie| cookie.ends_with("; Secure")));
    let guest = passed_on(&Guest::cookies(&panel.given(&reply)));
    let page = guest.with("Origin", "https://sauvegarde.club.example");
    let listed = page.ask(&panel, "GET", "/api/access/sessions", "").json();
    assert_eq!(listed["sessions"][0]["address"], "192.168.1.5");
    assert_eq!(page.ask(&panel, "GET", "/api/access", "").json()["secure"], true);
    let body = json!({ "name": "t", "scope": "read" }).to_string();
    let http = guest.with("Origin", "http://sauvegarde.club.example");
    assert_error(&http.ask(&panel, "POST", "/api/access/tokens", &body), 403, "foreign_origin");
    let made = page.ask(&panel, "POST", "/api/access/tokens", &body);
    panel.keep_secret(made.json()["token"].as_str().unwrap());
}

#[test]
fn callers_behind_a_proxy_are_counted_one_by_one() {
    let panel = Panel::guarded_with("proxies = [\"127.0.0.1\"]");
    let from = |address: &str| Guest::nobody().with("X-Forwarded-For", address);
    for _ in 0..5 {
        assert_error(&panel.sign_in(&from("192.168.1.66"), WRONG_PASSWORD), 401, "wrong_password");
    }
    assert_error(&panel.sign_in(&from("192.168.1.66"), PASSWORD), 429, "too_many_attempts");
    assert_eq!(panel.sign_in(&from("192.168.1.5"), PASSWORD).status, 200);
}

#[test]
fn anybody_else_s_word_is_ignored() {
    let panel = Panel::guarded_with(CLUB);
    for n in 0..5 {
        let other = Guest::nobody().with("X-Forwarded-For", &format!("192.168.1.{n}"));
        assert_error(&panel.sign_in(&other, WRONG_PASSWORD), 401, "wrong_password");
    }
    let sixth = Guest::nobody().with("X-Forwarded-For", "192.168.1.99");
    assert_error(&panel.sign_in(&sixth, PASSWORD), 429, "too_many_attempts");
    assert_eq!(passed_on(&Guest::nobody()).ask(&panel, "GET", "/api/access", "").json()["secure"], false);
    let page = passed_on(&Guest::nobody()).with("Origin", "https://sauvegarde.club.example");
    assert_error(&panel.sign_in(&page, PASSWORD), 403, "foreign_origin");
}

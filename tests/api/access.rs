//! The first use, signing in and out, the password, tokens, the trail.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::document::assert_error;
use crate::guest::Guest;
use crate::panel::{NAME, Panel};
use crate::support::planted::{NEXT_PASSWORD, PASSWORD, WRONG_PASSWORD};
use crate::support::{Club, Events, until};

const STATE: &str = "/api/access";
const SESSION: &str = "/api/access/session";
const SETUP: &str = "/api/access/setup";

/// The code of the first use, as the command line shows it.
fn code(panel: &Panel) -> String {
    let output = panel.club.run(&["passwd", "--code", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code = told["code"].as_str().unwrap().to_owned();
    panel.keep_secret(&code);
    code
}

fn claim(panel: &Panel, code: &str, password: &str) -> crate::support::Reply {
    let body = json!({ "code": code, "password": password }).to_string();
    Guest::nobody().ask(panel, "POST", SETUP, &body)
}

#[test]
fn the_first_visitor_owns_nothing_and_whoever_has_the_code_does() {
    let panel = Panel::of(Club::guarded(""));
    let state = panel.get(STATE).json();
    assert_eq!((&state["claimed"], &state["rights"]), (&json!(false), &json!(["read", "create"])));
    let name = panel.backup();
    for (method, path) in [
        ("GET", format!("/api/backups/download/{name}")),
        ("DELETE", format!("/api/backups/{name}")),
        ("PUT", format!("/api/backups/{name}/pin")),
        ("POST", "/api/backups/auto-toggle".to_owned()),
    ] {
        assert_error(&panel.ask(method, &path, &[], ""), 401, "not_claimed");
    }
    assert_error(&panel.sign_in(&Guest::nobody(), PASSWORD), 401, "not_claimed");

    let code = code(&panel);
    assert_error(&claim(&panel, "AAAA-BBBB", PASSWORD), 401, "wrong_code");
    assert_error(&claim(&panel, &code, "neopro2026"), 400, "weak_password");
    assert_error(&claim(&panel, &code, "court"), 400, "weak_password");
    let claimed = claim(&panel, &format!(" {} ", code.to_lowercase().replace('-', "")), PASSWORD);
    assert_eq!(claimed.status, 200);
    let owner = Guest::cookies(&panel.given(&claimed)).on_page(&panel);
    assert_eq!(owner.ask(&panel, "DELETE", &format!("/api/backups/{name}"), "").status, 200);

    assert_error(&claim(&panel, &code, NEXT_PASSWORD), 409, "already_claimed");
    assert_error(&panel.get("/api/backups"), 401, "sign_in_needed");
}

#[test]
fn a_weak_password_costs_no_attempt_and_the_sixth_wrong_code_must_wait() {
    let panel = Panel::of(Club::guarded(""));
    let code = code(&panel);
    for _ in 0..10 {
        assert_error(&claim(&panel, &code, "aaaaaaaaaa"), 400, "weak_password");
    }
    for _ in 0..5 {
        assert_error(&claim(&panel, "AAAA-BBBB", PASSWORD), 401, "wrong_code");
    }
    let refused = claim(&panel, &code, PASSWORD);
    assert_error(&refused, 429, "too_many_attempts");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((840..=900).contains(&wait), "{wait}");
}

#[test]
fn one_who_claims_at_the_same_moment_as_another_does_not_own_it_too() {
    let panel = Panel::of(Club::guarded(""));
    let code = code(&panel);
    let body = |password| json!({ "code": code, "password": password }).to_string();
    let address = panel.daemon.address;
    let threads = [PASSWORD, NEXT_PASSWORD].map(|password| {
        let bytes = crate::support::request(address, "POST", SETUP, &[], body(password).as_bytes());
        std::thread::spawn(move || crate::support::exchange(address, &bytes).unwrap().status)
    });
    let mut told = threads.map(|thread| thread.join().unwrap());
    told.sort_unstable();
    assert_eq!(told, [200, 409], "one after the other");
}

#[test]
fn whoever_knows_the_password_signs_in_and_out() {
    let panel = Panel::guarded();
    assert_error(&panel.sign_in(&Guest::nobody(), WRONG_PASSWORD), 401, "wrong_password");
    let guest = panel.signed_in(&format!(" {PASSWORD} "));
    let state = guest.ask(&panel, "GET", STATE, "").json();
    assert_eq!(state["rights"], json!(["read", "look", "create", "download", "admin", "person"]));
    assert_eq!(guest.ask(&panel, "GET", "/api/backups", "").status, 200);
    let out = guest.on_page(&panel).ask(&panel, "DELETE", SESSION, "");
    assert_eq!(out.status, 200);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 401, "sign_in_needed");
    assert_eq!(Guest::nobody().ask(&panel, "DELETE", SESSION, "").status, 200, "out is out");
}

#[test]
fn cookies_are_for_this_page_alone() {
    let panel = Panel::guarded();
    let reply = panel.sign_in(&Guest::nobody(), PASSWORD);
    let cookies: Vec<_> =
        reply.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, cookie)| cookie).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Domain"), "{cookie}");
    }
    panel.given(&reply);
}

#[test]
fn malformed_attempts_are_refused_before_they_count() {
    let panel = Panel::guarded();
    for body in ["", "{}", "[]", "{\"password\":1}", "{\"password\":\"x\",\"more\":1}", "password=x"] {
        for _ in 0..3 {
            assert_error(&Guest::nobody().ask(&panel, "POST", SESSION, body), 400, "bad_request");
        }
    }
    let long = "x".repeat(17 << 10);
    assert_error(&panel.sign_in(&Guest::nobody(), &long), 413, "body_too_large");
    assert_eq!(panel.sign_in(&Guest::nobody(), PASSWORD).status, 200);
}

#[test]
fn a_new_password_ends_every_session_and_opens_one_for_whoever_set_it() {
    let panel = Panel::guarded();
    let (thief, owner) = (panel.signed_in(PASSWORD), panel.signed_in(PASSWORD).on_page(&panel));
    let change = |current: &str, password: &str| {
        let body = json!({ "current": current, "password": password }).to_string();
        owner.ask(&panel, "PUT", "/api/access/password", &body)
    };
    assert_error(&change(WRONG_PASSWORD, NEXT_PASSWORD), 401, "wrong_password");
    assert_error(&change(PASSWORD, "1234567890"), 400, "weak_password");
    let changed = change(PASSWORD, NEXT_PASSWORD);
    assert_eq!(changed.status, 200);
    for guest in [&thief, &owner] {
        assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 401, "sign_in_needed");
    }
    let owner = Guest::cookies(&panel.given(&changed));
    assert_eq!(owner.ask(&panel, "GET", "/api/backups", "").status, 200);
    assert_error(&panel.sign_in(&Guest::nobody(), PASSWORD), 401, "wrong_password");
    assert_eq!(panel.sign_in(&Guest::nobody(), NEXT_PASSWORD).status, 200);
}

#[test]
fn passwd_on_the_machine_replaces_a_lost_password_at_once() {
    let panel = Panel::guarded();
    let guest = panel.signed_in(PASSWORD);
    panel.club.set_password(NEXT_PASSWORD);
    assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 401, "sign_in_needed");
    assert_error(&panel.sign_in(&Guest::nobody(), PASSWORD), 401, "wrong_password");
    assert_eq!(panel.sign_in(&Guest::nobody(), NEXT_PASSWORD).status, 200);
}

#[test]
fn tokens_are_made_listed_and_revoked_in_the_panel() {
    let panel = Panel::guarded();
    let owner = panel.signed_in(PASSWORD).on_page(&panel);
    let add = |body: Value| owner.ask(&panel, "POST", "/api/access/tokens", &body.to_string());
    let made = add(json!({ "name": "nas", "scope": "download", "days": 30 }));
    assert_eq!(made.status, 200);
    let secret = made.json()["token"].as_str().unwrap().to_owned();
    panel.keep_secret(&secret);
    assert_error(&add(json!({ "name": "nas", "scope": "read" })), 409, "token_exists");
    assert_error(&add(json!({ "name": "a b", "scope": "read" })), 400, "bad_token_name");
    assert_error(&add(json!({ "name": "x", "scope": "root" })), 400, "bad_request");
    assert_error(&add(json!({ "name": "x", "scope": "read", "days": 0 })), 400, "bad_expiry");

    let token = Guest::token(&secret);
    assert_error(
        &token.ask(&panel, "GET", &format!("/api/backups/download/{NAME}"), ""),
        404,
        "backup_not_found",
    );
    let listed = owner.ask(&panel, "GET", "/api/access/tokens", "").json();
    let shown = &listed["tokens"][0];
    assert_eq!((&shown["name"], &shown["expired"]), (&json!("nas"), &json!(false)));
    assert_eq!(shown["address"], "127.0.0.1", "it was used");
    assert_eq!(owner.ask(&panel, "DELETE", "/api/access/tokens/nas", "").status, 200);
    assert_error(&token.ask(&panel, "GET", "/api/backups", ""), 401, "bad_token");
    assert_error(&owner.ask(&panel, "DELETE", "/api/access/tokens/nas", ""), 404, "token_not_found");
}

#[test]
fn the_trail_tells_who_did_what() {
    let panel = Panel::guarded();
    panel.place(NAME, b"");
    let admin = panel.token("script", "admin", &[]);
    panel.sign_in(&Guest::nobody(), WRONG_PASSWORD);
    let owner = panel.signed_in(PASSWORD).on_page(&panel);
    let session = owner.ask(&panel, "GET", STATE, "").json()["session"].clone();
    assert_eq!(owner.ask(&panel, "PUT", &format!("/api/backups/{NAME}/pin"), "").status, 200);
    assert_eq!(owner.ask(&panel, "DELETE", &format!("/api/backups/{NAME}/pin"), "").status, 200);
    assert_eq!(owner.ask(&panel, "POST", "/api/backups/auto-toggle", "{\"enable\":false}").status, 200);
    assert_eq!(admin.ask(&panel, "GET", &format!("/api/backups/download/{NAME}"), "").status, 200);
    assert_eq!(admin.ask(&panel, "DELETE", &format!("/api/backups/{NAME}"), "").status, 200);
    assert_error(&admin.ask(&panel, "DELETE", &format!("/api/backups/{NAME}"), ""), 404, "backup_not_found");
    assert_eq!(admin.ask(&panel, "POST", "/api/backups/create", "").status, 200);

    let trail = admin.ask(&panel, "GET", "/api/access/audit", "").json();
    let mut told: Vec<_> = trail["entries"].as_array().unwrap().iter().collect();
    told.reverse();
    let words = |entry: &&Value| {
        let object = entry["object"].as_str().unwrap_or("-");
        format!(
            "{} {} {object} {}",
            entry["who"]["kind"].as_str().unwrap(),
            entry["deed"].as_str().unwrap(),
            entry["outcome"].as_str().unwrap()
        )
    };
    assert_eq!(
        told.iter().map(words).collect::<Vec<_>>(),
        [
            "command_line password - done",
            "command_line token_add script done",
            "nobody sign_in - failed",
            "session sign_in - done",
            &format!("session pin {NAME} done"),
            &format!("session unpin {NAME} done"),
            "session toggle off done",
            &format!("token download {NAME} done"),
            &format!("token delete {NAME} done"),
            &format!("token delete {NAME} failed"),
            "token create - done",
        ]
    );
    assert_eq!((&told[4]["who"]["name"], &told[4]["address"]), (&session, &json!("127.0.0.1")));
    assert_eq!(told[8]["who"]["name"], "script");
    until("the journal has it too", || {
        panel.daemon.logged("deed=Delete").iter().any(|line| line.contains(NAME)).then_some(())
    });
}

#[test]
fn nobody_writes_into_the_trail_by_signing_out_or_by_malformed_requests() {
    let panel = Panel::guarded();
    let before = panel.daemon.logged("access").len();
    let reader = panel.token("reader", "read", &[]);
    for guest in [Guest::nobody(), Guest::cookies("neopro_session=none").on_page(&panel), reader] {
        assert_eq!(guest.ask(&panel, "DELETE", SESSION, "").status, 200);
        assert!(guest.ask(&panel, "DELETE", &format!("/api/backups/{NAME}"), "").status >= 400);
        assert_error(&guest.ask(&panel, "POST", SESSION, "nonsense"), 400, "bad_request");
    }
    let admin = panel.token("admin", "admin", &[]);
    let trail = admin.ask(&panel, "GET", "/api/access/audit", "").json();
    assert_eq!(trail["entries"].as_array().unwrap().len(), 3, "what the command line did: {trail}");
    assert_eq!(panel.daemon.logged("access").len(), before);
}

#[test]
fn a_file_that_is_taken_away_leaves_no_panel_to_claim() {
    let panel = Panel::guarded();
    let guest = panel.signed_in(PASSWORD);
    std::fs::rename(panel.club.path("state/access"), panel.club.path("state/taken")).unwrap();
    for guest in [&guest, &Guest::nobody()] {
        assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 503, "access_damaged");
    }
    panel.club.set_password(NEXT_PASSWORD);
    assert_eq!(panel.sign_in(&Guest::nobody(), NEXT_PASSWORD).status, 200);
}

#[test]
fn a_deed_is_done_and_noted_also_when_its_caller_hangs_up() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let held = panel.club.hold("store.lock");
    let mut connection = panel.connect();
    let path = format!("/api/backups/{NAME}");
    connection.send(&crate::support::request(panel.daemon.address, "DELETE", &path, &[], b""));
    let lock = panel.club.path("state/store.lock");
    let descriptors = format!("/proc/{}/fd", panel.daemon.pid());
    until("the deletion waits for the lock", || {
        let mut open = std::fs::read_dir(&descriptors).unwrap().flatten();
        open.any(|open| std::fs::read_link(open.path()).is_ok_and(|path| path == lock)).then_some(())
    });
    drop(connection);
    drop(held);
    until("the trail", || {
        let trail = panel.get("/api/access/audit").json();
        (trail["entries"][0]["deed"] == "delete" && trail["entries"][0]["outcome"] == "done").then_some(())
    });
    assert!(!panel.club.backup(NAME).exists());
}

#[test]
fn who_loses_his_right_hears_nothing_more() {
    let panel = Panel::guarded();
    let owner = panel.signed_in(PASSWORD).on_page(&panel);
    let made = owner.ask(&panel, "POST", "/api/access/tokens", "{\"name\":\"t\",\"scope\":\"read\"}").json();
    let secret = made["token"].as_str().unwrap();
    panel.keep_secret(secret);
    let shown = format!("Bearer {secret}");
    let begun = Instant::now();
    let mut events = Events::open_with(panel.daemon.address, "/api/events", &[("Authorization", &shown)]);
    assert_eq!(owner.ask(&panel, "DELETE", "/api/access/tokens/t", "").status, 200);
    assert!(events.next().is_none(), "the stream ends");
    assert!(begun.elapsed() < Duration::from_secs(10), "at once, not with the next heartbeat");
}

#[test]
fn what_cannot_be_understood_lets_nobody_in_and_says_what_to_do() {
    let panel = Panel::guarded();
    let guest = panel.signed_in(PASSWORD);
    let file = panel.club.path("state/access/access.json");
    let kept = std::fs::read(&file).unwrap();
    for damage in [&b""[..], b"{", b"\0\0\0\0", &kept[..kept.len() / 2]] {
        std::fs::write(&file, damage).unwrap();
        for guest in [&guest, &Guest::nobody()] {
            assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 503, "access_damaged");
        }
        assert_error(&panel.sign_in(&Guest::nobody(), PASSWORD), 503, "access_damaged");
    }
    for guest in [&guest, &Guest::nobody()] {
        assert_eq!(guest.ask(&panel, "GET", "/api/health", "").status, 200, "it needs nothing");
    }
    panel.club.set_password(NEXT_PASSWORD);
    assert_eq!(panel.sign_in(&Guest::nobody(), NEXT_PASSWORD).status, 200);
}

#[test]
fn a_card_that_cannot_be_written_keeps_nobody_from_his_backups() {
    let panel = Panel::guarded();
    panel.place(NAME, b"");
    let old = panel.signed_in(PASSWORD);
    // As on a card that has become read-only: the lock cannot be opened, and nothing replaced.
    let folder = panel.club.path("state/access");
    std::fs::remove_file(folder.join("lock")).unwrap();
    std::fs::create_dir(folder.join("lock")).unwrap();
    let owner = panel.signed_in(PASSWORD).on_page(&panel);
    assert_eq!(owner.ask(&panel, "GET", &format!("/api/backups/download/{NAME}"), "").status, 200);
    assert_eq!(owner.ask(&panel, "GET", STATE, "").json()["claimed"], true);
    let change = json!({ "current": PASSWORD, "password": NEXT_PASSWORD }).to_string();
    let refused = owner.ask(&panel, "PUT", "/api/access/password", &change);
    assert_eq!(refused.status, 500, "what must last is refused");
    assert_eq!(owner.ask(&panel, "DELETE", SESSION, "").status, 200);
    let gone = |guest: &Guest| {
        assert_error(&guest.ask(&panel, "GET", "/api/backups", ""), 401, "sign_in_needed");
    };
    gone(&owner);
    assert_eq!(
        old.on_page(&panel).ask(&panel, "DELETE", SESSION, "").status,
        200,
        "one that is kept ends, too"
    );
    gone(&old);
    let late = panel.signed_in(PASSWORD).on_page(&panel);
    // It can be written again: what has ended does not begin anew.
    std::fs::remove_dir(folder.join("lock")).unwrap();
    assert_eq!(late.ask(&panel, "DELETE", SESSION, "").status, 200, "one that was never kept");
    gone(&late);
    panel.signed_in(PASSWORD);
    for guest in [&owner, &old, &late] {
        gone(guest);
    }
}

#[test]
fn a_sixth_backup_within_a_minute_must_wait() {
    let panel = Panel::new();
    let _running = panel.club.hold("run.lock");
    for _ in 0..5 {
        assert_error(&panel.post("/api/backups/create", ""), 409, "run_in_progress");
    }
    let refused = panel.post("/api/backups/create", "");
    assert_error(&refused, 429, "too_many_creates");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

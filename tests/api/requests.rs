//! Requests of the wrong method, path, form or size get the contract's error and
//! nothing else.

use neopro_backup::http::ROUTES;

use crate::document::assert_error;
use crate::panel::Panel;
use crate::support::{Reply, exchange, request};

const TOGGLE: &str = "/api/backups/auto-toggle";

fn send(panel: &Panel, head: &str, body: &[u8]) -> Reply {
    panel.raw(&[head.replace('\n', "\r\n").as_bytes(), body].concat()).expect("an answer")
}

#[test]
fn a_wrong_method_is_refused_with_those_that_are_right() {
    let panel = Panel::new();
    for (path, rules) in ROUTES {
        let path = path.replace("{name}", crate::panel::NAME).replace("{id}", "backup-000000000000-00000000");
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            if rules.iter().any(|rule| rule.method.eq_ignore_ascii_case(method)) {
                continue;
            }
            let reply = panel.ask(method, &path, &[], "");
            assert_error(&reply, 405, "method_not_allowed");
            let allowed = reply.header("Allow").unwrap_or_else(|| panic!("{method} {path} lacks Allow"));
            let allowed: Vec<_> = allowed.split(',').map(|method| method.trim().to_lowercase()).collect();
            for right in *rules {
                assert!(allowed.contains(&right.method.to_owned()), "{method} {path}: {allowed:?}");
            }
        }
    }
}

#[test]
fn an_unknown_path_is_not_found_whatever_the_method() {
    let panel = Panel::new();
    for path in
        ["/api", "/api/", "/api/backups/", "/api/nothing", "/api/backups/a/b/c", "/index.html", "/x?y=z"]
    {
        for method in ["GET", "POST", "DELETE"] {
            let bytes = request(panel.daemon.address, method, path, &[], b"");
            assert_error(&exchange(panel.daemon.address, &bytes).unwrap(), 404, "not_found");
        }
    }
}

#[test]
fn a_query_changes_nothing() {
    assert_eq!(Panel::new().get("/api/health?probe=1").status, 200);
}

#[test]
fn a_gigabyte_is_refused_before_its_first_byte() {
    let panel = Panel::new();
    for (method, path) in [("POST", TOGGLE), ("POST", "/api/backups/create"), ("GET", "/api/backups")] {
        let head = format!("{method} {path} HTTP/1.1\nHost: localhost\nContent-Length: 1073741824\n\n");
        assert_error(&send(&panel, &head, b""), 413, "body_too_large");
    }
    assert_eq!(panel.list()["total"], 0, "no backup was begun");
}

#[test]
fn a_body_may_have_16_kib_and_no_byte_more() {
    let panel = Panel::new();
    let body = |length: usize| format!("{:1$}", "{\"enable\":false}", length);
    assert_eq!(panel.post(TOGGLE, &body(16 << 10)).status, 200);
    assert_error(&panel.post(TOGGLE, &body((16 << 10) + 1)), 413, "body_too_large");
}

#[test]
fn an_array_of_what_an_object_would_hold_is_no_object() {
    let panel = Panel::new();
    for body in ["[true]", " [true]", "[]", "true", ""] {
        assert_error(&panel.post(TOGGLE, body), 400, "bad_request");
    }
    let restore = format!("/api/backups/{}/restore", panel.backup());
    assert_error(&panel.post(&restore, "[null, null]"), 400, "bad_request");
    assert_eq!(panel.post(TOGGLE, "\r\n\t {\"enable\":true}").status, 200);
}

#[test]
fn chunks_count_as_a_body_does() {
    let panel = Panel::new();
    let head = format!("POST {TOGGLE} HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n");
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let small = format!("{chunk}10\r\n{{\"enable\":false}}\r\n0\r\n\r\n");
    assert_eq!(send(&panel, &head, small.as_bytes()).status, 200);
    let large = chunk.repeat(5);
    assert_error(&send(&panel, &head, large.as_bytes()), 413, "body_too_large");
}

#[test]
fn a_body_that_is_not_wanted_is_no_error() {
    let panel = Panel::new();
    assert_eq!(panel.post("/api/backups/create", "{\"whatever\":1}").status, 200);
}

#[test]
fn headers_may_have_16_kib() {
    let panel = Panel::new();
    let ask = |bytes: usize| panel.ask("GET", "/api/health", &[("Cookie", &"a".repeat(bytes))], "");
    assert_eq!(ask(15 << 10).status, 200);
    for bytes in [17 << 10, 40 << 10, 80 << 10] {
        assert_error(&ask(bytes), 431, "headers_too_large");
    }
    let many: Vec<_> = (0..300).map(|n| (format!("X-{n}"), "b".repeat(100))).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_error(&panel.ask("GET", "/api/health", &many, ""), 431, "headers_too_large");
}

#[test]
fn what_is_not_http_is_refused_and_the_daemon_lives_on() {
    let panel = Panel::new();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /api/health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n",
        b"POST /api/backups/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/backups/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST /api/backups/create HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: wrong\r\n\r\n",
        b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut connection = panel.connect();
        connection.send(bytes);
        connection.finish();
        if let Some(reply) = connection.reply(false) {
            let code = reply.json()["code"].as_str().unwrap().to_owned();
            assert!((400..500).contains(&reply.status), "{}: {}", String::from_utf8_lossy(bytes), reply.status);
            assert_error(&reply, reply.status, &code);
        }
    }
    assert_eq!(panel.list()["total"], 0, "no backup was begun");
}

#[test]
fn one_connection_serves_many_requests() {
    let panel = Panel::new();
    let mut connection = panel.connect();
    for path in ["/api/health", "/api/nothing", "/api/backups"] {
        connection.send(&request(panel.daemon.address, "GET", path, &[], b""));
        let status = connection.reply(false).expect("the connection lives").status;
        assert_eq!(status, if path == "/api/nothing" { 404 } else { 200 });
    }
}

//! Requests for other devices, and of other sites' pages.

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::Club;

const TOGGLE: &str = "/api/backups/auto-toggle";

fn status(panel: &Panel, host: &str) -> u16 {
    panel.ask("GET", "/api/health", &[("Host", host)], "").status
}

#[test]
fn the_device_answers_to_its_names_and_to_every_address() {
    let panel = Panel::of(Club::with_http("hosts = [\"sauvegarde.club.example\"]"));
    let own = nix::unistd::gethostname().unwrap().into_string().unwrap();
    for host in [
        "localhost",
        "LocalHost:8080",
        "127.0.0.1",
        "192.168.1.20:8080",
        "[fe80::1]:8080",
        "[::1]",
        "sauvegarde.club.example",
        "SAUVEGARDE.club.example:80",
        own.as_str(),
        &format!("{own}.local:8080"),
    ] {
        assert_eq!(status(&panel, host), 200, "{host}");
    }
}

#[test]
fn a_foreign_host_is_refused_on_every_route_and_told_which() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let download = format!("/api/backups/download/{NAME}");
    for host in
        ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "local"]
    {
        for (method, path) in [("GET", "/"), ("GET", "/api/backups"), ("GET", &download), ("POST", TOGGLE)] {
            let reply = panel.ask(method, path, &[("Host", host)], "");
            assert_error(&reply, 421, "foreign_host");
            let name = host.split(':').next().unwrap();
            assert!(reply.json()["message"].as_str().unwrap().contains(name), "{host}");
        }
    }
}

#[test]
fn a_foreign_host_in_the_request_s_first_line_is_refused_whatever_the_header_says() {
    let panel = Panel::new();
    let ask = |target: &str| {
        panel.raw(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap()
    };
    assert_error(&ask("http://evil.example/api/backups"), 421, "foreign_host");
    assert_eq!(ask("http://localhost/api/backups").status, 200);
}

#[test]
fn a_request_without_one_host_is_malformed() {
    let panel = Panel::new();
    for hosts in ["", "Host: \r\n", "Host: a b\r\n", "Host: localhost\r\nHost: evil.example\r\n"] {
        let bytes = format!("GET /api/health HTTP/1.1\r\n{hosts}\r\n");
        assert_error(&panel.raw(bytes.as_bytes()).unwrap(), 400, "bad_request");
    }
}

#[test]
fn another_page_s_request_changes_nothing() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let (archive, address) = (format!("/api/backups/{NAME}"), panel.daemon.address);
    let pin = format!("{archive}/pin");
    let other_port = format!("http://127.0.0.1:{}", address.port() ^ 1);
    let other_scheme = format!("https://{address}");
    for origin in ["http://evil.example", "null", "", &other_port, &other_scheme, "http://127.0.0.1"] {
        for (method, path, body) in [
            ("POST", "/api/backups/create", ""),
            ("POST", TOGGLE, "{\"enable\":false}"),
            ("PUT", pin.as_str(), ""),
            ("DELETE", pin.as_str(), ""),
            ("DELETE", archive.as_str(), ""),
        ] {
            let reply = panel.ask(method, path, &[("Origin", origin)], body);
            assert_error(&reply, 403, "foreign_origin");
        }
    }
    let list = panel.list();
    assert_eq!((&list["total"], &list["backups"][0]["pinned"]), (&1.into(), &false.into()));
    assert_eq!(panel.get("/api/backups/auto-status").json()["enabled"], true);
}

#[test]
fn the_panel_s_own_requests_and_those_of_programs_pass() {
    let panel = Panel::new();
    let own = format!("http://{}", panel.daemon.address);
    let port = panel.daemon.address.port();
    let off = "{\"enable\":false}";
    assert_eq!(panel.ask("POST", TOGGLE, &[("Origin", &own)], off).status, 200);
    assert_eq!(panel.ask("POST", TOGGLE, &[], off).status, 200, "curl sends no Origin");
    let (host, origin) = (format!("localhost:{port}"), format!("http://localhost:{port}"));
    assert_eq!(panel.ask("POST", TOGGLE, &[("Host", &host), ("Origin", &origin)], off).status, 200);
}

#[test]
fn no_other_page_may_read_what_is_answered() {
    let reply = Panel::new().ask("GET", "/api/backups", &[("Origin", "http://evil.example")], "");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None);
    assert_eq!(reply.header("Cross-Origin-Resource-Policy").as_deref(), Some("same-origin"));
}

//! The panel's files, and what every answer says to browsers.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::Reply;

const GZIP: (&str, &str) = ("Accept-Encoding", "br, gzip;q=0.8");

fn unpacked(reply: &Reply) -> Vec<u8> {
    assert_eq!(reply.header("Content-Encoding").as_deref(), Some("gzip"));
    let mut plain = Vec::new();
    GzDecoder::new(&*reply.body).read_to_end(&mut plain).unwrap();
    plain
}

/// The versioned folder that the page names.
fn folder(page: &Reply) -> String {
    let page = String::from_utf8(page.body.clone()).unwrap();
    let from = page.find("/assets/").expect("a versioned file");
    page[from..].split('/').take(3).collect::<Vec<_>>().join("/")
}

#[test]
fn the_page_is_the_same_packed_and_plain_and_asked_for_anew() {
    let panel = Panel::new();
    let (plain, packed) = (panel.get("/"), panel.ask("GET", "/", &[GZIP], ""));
    assert_eq!(plain.header("Content-Type").as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(plain.header("Content-Encoding"), None);
    assert_eq!(unpacked(&packed), plain.body);
    for reply in [&plain, &packed] {
        assert_eq!(reply.header("Cache-Control").as_deref(), Some("no-cache"));
        assert_eq!(reply.header("Vary").as_deref(), Some("accept-encoding"));
    }
    let refused = panel.ask("GET", "/", &[("Accept-Encoding", "gzip;q=0")], "");
    assert_eq!(refused.header("Content-Encoding"), None);
}

#[test]
fn who_has_the_page_gets_304() {
    let panel = Panel::new();
    let etag = panel.get("/").header("ETag").unwrap();
    let (weak, list) = (format!("W/{etag}"), format!("\"old\", {etag}"));
    for known in [etag.as_str(), &weak, &list, "*"] {
        let reply = panel.ask("GET", "/", &[("If-None-Match", known)], "");
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{known}");
        assert_eq!(reply.header("ETag").as_ref(), Some(&etag));
    }
    assert_eq!(panel.ask("GET", "/", &[("If-None-Match", "\"old\"")], "").status, 200);
}

#[test]
fn every_file_is_served_for_ever_under_its_version() {
    let panel = Panel::new();
    let folder = folder(&panel.get("/"));
    for (file, kind) in [
        ("panel.js", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("text/fr.json", "application/json"),
        ("text/en.json", "application/json"),
    ] {
        let path = format!("{folder}/{file}");
        let (plain, packed) = (panel.get(&path), panel.ask("GET", &path, &[GZIP], ""));
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(unpacked(&packed), plain.body);
        for reply in [&plain, &packed] {
            assert_eq!(reply.header("Content-Type").as_deref(), Some(kind), "{file}");
            let forever = "public, max-age=31536000, immutable";
            assert_eq!(reply.header("Cache-Control").as_deref(), Some(forever), "{file}");
            assert_eq!(reply.header("Vary").as_deref(), Some("accept-encoding"), "{file}");
        }
    }
}

#[test]
fn files_of_another_version_and_of_no_version_are_not_found() {
    let panel = Panel::new();
    let folder = folder(&panel.get("/"));
    for path in [
        "/assets/0000000000000000/panel.js".to_owned(),
        format!("{folder}/nothing.js"),
        format!("{folder}/build.rs"),
        format!("{folder}/%2e%2e/%2e%2e/Cargo.toml"),
        format!("{folder}/..%2f..%2fCargo.toml"),
        format!("{folder}/%ff"),
        "/assets/%ff/panel.js".into(),
        "/assets/panel.js".into(),
    ] {
        assert_error(&panel.get(&path), 404, "not_found");
    }
}

#[test]
fn every_kind_of_answer_protects_the_browser() {
    let panel = Panel::new();
    panel.place(NAME, b"0123456789");
    let asset = format!("{}/panel.js", folder(&panel.get("/")));
    let (archive, etag) = (format!("/api/backups/download/{NAME}"), panel.get("/").header("ETag").unwrap());
    let large = "a".repeat(17 << 10);
    let live = panel.events("/api/events", None);
    let mut replies = vec![live.head];
    for (status, method, path, headers) in [
        (200, "GET", "/", vec![]),
        (304, "GET", "/", vec![("If-None-Match", etag.as_str())]),
        (200, "GET", asset.as_str(), vec![]),
        (200, "GET", "/api/backups", vec![]),
        (200, "GET", "/api/openapi.json", vec![]),
        (200, "GET", archive.as_str(), vec![]),
        (206, "GET", archive.as_str(), vec![("Range", "bytes=0-1")]),
        (416, "GET", archive.as_str(), vec![("Range", "bytes=99-")]),
        (200, "HEAD", archive.as_str(), vec![]),
        (400, "GET", "/api/backups/download/x", vec![]),
        (400, "GET", "/api/jobs/%ff", vec![]),
        (403, "POST", "/api/backups/create", vec![("Origin", "http://evil.example")]),
        (404, "GET", "/nothing", vec![]),
        (405, "PATCH", "/api/backups", vec![]),
        (413, "POST", "/api/backups/auto-toggle", vec![("Content-Length", "99999")]),
        (421, "GET", "/", vec![("Host", "evil.example")]),
        (431, "GET", "/api/backups", vec![("Cookie", large.as_str())]),
    ] {
        let reply = panel.ask(method, path, &headers, "");
        assert_eq!(reply.status, status, "{method} {path}");
        let api = path.starts_with("/api") || status >= 400;
        let cached = reply.header("Cache-Control").unwrap();
        assert_eq!(api, cached.contains("no-store"), "{method} {path}: {cached}");
        replies.push(reply);
    }
    for reply in replies {
        let policy = reply.header("Content-Security-Policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(reply.header("X-Content-Type-Options").as_deref(), Some("nosniff"));
        assert_eq!(reply.header("Referrer-Policy").as_deref(), Some("no-referrer"));
        assert_eq!(reply.header("Cross-Origin-Resource-Policy").as_deref(), Some("same-origin"));
    }
}

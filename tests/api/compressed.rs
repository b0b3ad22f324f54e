//! Who is sent compressed JSON, and who is not.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::guest::Guest;
use crate::panel::{NAME, Panel};
use crate::support::{Events, Reply};

const GZIP: (&str, &str) = ("Accept-Encoding", "gzip, deflate");
const LIST: &str = "/api/backups";

fn unpacked(reply: &Reply) -> Vec<u8> {
    assert_eq!(reply.header("Content-Encoding").as_deref(), Some("gzip"));
    let mut plain = Vec::new();
    GzDecoder::new(&*reply.body).read_to_end(&mut plain).unwrap();
    plain
}

/// A panel whose list is longer than a packet.
fn panel() -> Panel {
    let panel = Panel::settled();
    for day in 10..30 {
        panel.place(&format!("backup-202412{day}-030000.tar.gz"), b"");
    }
    panel
}

fn is_plain(reply: &Reply) -> bool {
    reply.header("Content-Encoding").is_none()
}

#[test]
fn a_long_list_is_the_same_packed_and_plain_and_each_has_its_own_length() {
    let panel = panel();
    let (plain, packed) = (panel.get(LIST), panel.ask("GET", LIST, &[GZIP], ""));
    assert!(is_plain(&plain));
    let list: serde_json::Value = serde_json::from_slice(&unpacked(&packed)).unwrap();
    assert_eq!(list, plain.json());
    assert!(packed.body.len() * 4 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
    for reply in [&plain, &packed] {
        assert_eq!(reply.header("Content-Length").unwrap(), reply.body.len().to_string());
        assert_eq!(reply.header("Vary").as_deref(), Some("accept-language, accept-encoding"));
        assert_eq!(reply.header("Content-Type").as_deref(), Some("application/json"));
        assert!(reply.header("Content-Language").is_some());
    }
    for refused in ["gzip;q=0", "identity", "br", ""] {
        assert!(is_plain(&panel.ask("GET", LIST, &[("Accept-Encoding", refused)], "")), "{refused}");
    }
}

#[test]
fn head_says_what_get_would() {
    let panel = panel();
    let told = |method: &str, headers: &[(&str, &str)]| {
        let reply = panel.ask(method, LIST, headers, "");
        // The time of the answer may be the next second's.
        let names = reply.headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date"));
        names.collect::<Vec<_>>()
    };
    for headers in [&[][..], &[GZIP]] {
        assert_eq!(told("HEAD", headers), told("GET", headers));
    }
}

#[test]
fn what_is_short_stays_as_it_is() {
    let panel = Panel::settled();
    for path in [LIST, "/api/health", "/api/nothing", "/api/backups?limit=0"] {
        let reply = panel.ask("GET", path, &[GZIP], "");
        assert!(is_plain(&reply) && reply.body.len() < 1024, "{path}");
        assert!(!reply.header("Vary").unwrap().contains("encoding"), "{path}");
    }
}

#[test]
fn files_and_streams_are_sent_as_they_are() {
    let panel = Panel::settled();
    panel.place(NAME, &[b'a'; 5000]);
    panel.place("backup.log", &[b'a'; 5000]);
    for path in ["/api/journal/download".to_owned(), format!("/api/backups/download/{NAME}")] {
        let reply = panel.ask("GET", &path, &[GZIP], "");
        assert!(is_plain(&reply), "{path}");
        assert_eq!((reply.body.len(), reply.header("Content-Length").as_deref()), (5000, Some("5000")));
    }
    let name = panel.backup();
    let raw = panel.ask("GET", &format!("/api/backups/{name}/files/configuration.json/raw"), &[GZIP], "");
    assert!(raw.status == 200 && is_plain(&raw));
    let range =
        panel.ask("GET", &format!("/api/backups/download/{NAME}"), &[GZIP, ("Range", "bytes=0-2047")], "");
    assert!(range.status == 206 && is_plain(&range) && range.body.len() == 2048);
    let job = panel.list()["status"]["job"].as_str().unwrap().to_owned();
    for path in ["/api/events".to_owned(), format!("/api/jobs/{job}/events")] {
        let live = Events::open_with(panel.daemon.address, &path, &[GZIP]);
        assert!(is_plain(&live.head), "{path}");
    }
}

#[test]
fn what_is_packed_already_is_packed_once() {
    let panel = Panel::settled();
    let document = panel.ask("GET", "/api/openapi.json", &[GZIP], "");
    assert!(unpacked(&document).starts_with(b"{"));
    assert_eq!(document.header("Vary").as_deref(), Some("accept-encoding"));
    assert_eq!(panel.get("/api/openapi.json").header("Vary").as_deref(), Some("accept-encoding"));
}

#[test]
fn answers_that_may_hold_secrets_are_never_packed() {
    let panel = Panel::guarded();
    let session = panel.signed_in(crate::support::planted::PASSWORD).with(GZIP.0, GZIP.1);
    // Names that others chose, beside whatever the answers hold.
    for number in 0..30 {
        let name = format!("{number:02}-{}", "x".repeat(37));
        panel.token(&name, "read", &[]);
    }
    let long = |guest: &Guest, path: &str| {
        let reply = guest.ask(&panel, "GET", path, "");
        assert!(is_plain(&reply), "{path}");
        assert!(!reply.header("Vary").unwrap_or_default().contains("encoding"), "{path}");
        reply.body.len()
    };
    assert!(long(&session, "/api/access/tokens") > 1024);
    assert!(long(&session, "/api/access/audit") > 1024);
    for path in ["/api/access", "/api/access/sessions"] {
        long(&session, path);
    }
}

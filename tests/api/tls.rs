//! The panel over TLS, asked by real clients.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::document::{assert_error, check};
use crate::panel::{NAME, Panel};
use crate::support::tools::lacks;
use crate::support::{Club, Connection, Reply, request, until};

pub(crate) const OWN: &str = "[tls]\nmode = \"self-signed\"";

/// A club whose panel is encrypted by a certificate of the program's own.
pub(crate) fn own() -> Panel {
    Panel::of(Club::with_http(OWN))
}

/// curl on this path, which trusts any certificate.
fn curl(panel: &Panel, path: &str, more: &[&str]) -> Command {
    let mut command = Command::new("curl");
    command.args(["-qksS", "--noproxy", "*", "--max-time", "60"]).args(more);
    command.arg(format!("https://{}{path}", panel.daemon.address));
    command
}

/// What curl is answered, the head too.
pub(crate) fn ask(panel: &Panel, path: &str, more: &[&str]) -> Reply {
    let done = curl(panel, path, &[&["-i"], more].concat()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let end = done.stdout.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = str::from_utf8(&done.stdout[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.into(), value.into()));
    Reply { status, headers: lines.filter_map(pair).collect(), body: done.stdout[end + 4..].to_vec() }
}

#[test]
fn the_panel_answers_by_https_in_both_versions_and_by_http_1_1_alone() {
    if lacks(&["curl"]) {
        return;
    }
    let panel = own();
    let answer = ask(&panel, "/api/health", &[]);
    assert_eq!(answer.status, 200);
    check("GET", "/api/health", &answer);
    assert_eq!(ask(&panel, "/", &["--http2"]).status, 200);
    for version in [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]] {
        assert_eq!(ask(&panel, "/", &version).status, 200, "{version:?}");
    }
    let version = |more: &[&str]| curl(&panel, "/", more).output().unwrap();
    let http = version(&["--http2", "-o", "/dev/null", "-w", "%{http_version}"]);
    assert_eq!(http.stdout, b"1.1");
    let old = version(&["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]);
    assert!(!old.status.success(), "TLS 1.1");
}

#[test]
fn who_trusts_the_certificate_reaches_the_panel_by_each_of_its_names() {
    if lacks(&["curl"]) {
        return;
    }
    let panel = Panel::of(Club::with_http(&format!("hosts = [\"club.example\", \"127.0.0.1\"]\n{OWN}")));
    let (port, pem) = (panel.daemon.address.port(), panel.club.path("state/access/tls.pem"));
    let machine = nix::unistd::gethostname().unwrap().into_string().unwrap().to_lowercase();
    let local = format!("{machine}.local");
    let reaches = |host: &str| {
        let mut command = Command::new("curl");
        command.args([
            "-qsf",
            "--noproxy",
            "*",
            "--resolve",
            &format!("{host}:{port}:127.0.0.1"),
            "--cacert",
        ]);
        command.arg(&pem).arg(format!("https://{host}:{port}/api/health")).output().unwrap().status.success()
    };
    for host in ["localhost", &machine, &local, "club.example", "127.0.0.1"] {
        assert!(reaches(host), "{host}");
    }
    assert!(!reaches("evil.example"));
}

#[test]
fn plain_http_is_led_to_https_or_refused_in_words() {
    let panel = own();
    let address = panel.daemon.address;
    let plain = |method: &str, path: &str, headers: &[(&str, &str)]| {
        panel.raw(&request(address, method, path, headers, b"")).expect("an answer")
    };
    for (method, path) in [("GET", "/"), ("HEAD", "/assets/1/panel.js?x=y"), ("GET", "/nothing")] {
        let led = plain(method, path, &[("Host", "me@localhost:81")]);
        assert_eq!(led.status, 307, "{method} {path}");
        assert_eq!(led.header("location"), Some(format!("https://localhost:81{path}")));
    }
    for (method, path) in
        [("GET", "/api/health"), ("POST", "/api/backups/create"), ("GET", "/api"), ("PUT", "/")]
    {
        let refused = plain(method, path, &[("Accept-Language", "en")]);
        assert_error(&refused, 426, "tls_required");
        assert!(refused.json()["message"].as_str().unwrap().contains("https://"));
        assert_eq!(refused.header("content-language").as_deref(), Some("en"));
    }
    check("GET", "/api/health", &plain("GET", "/api/health", &[]));
    for path in ["/", "/api/health"] {
        assert_error(&plain("GET", path, &[("Host", "evil.example")]), 421, "foreign_host");
    }
    assert_error(&panel.raw(b"\0\0\r\n\r\n").unwrap(), 400, "bad_request");
    assert_eq!(fs::read_dir(panel.club.path("backups")).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_session_that_was_given_in_clear_is_none_over_tls() {
    if lacks(&["curl"]) {
        return;
    }
    let club = Club::guarded(OWN);
    club.set_password(crate::support::planted::PASSWORD);
    let panel = Panel::of(club);
    let body = format!("{{\"password\":\"{}\"}}", crate::support::planted::PASSWORD);
    let given = panel.given(&ask(&panel, "/api/access/session", &["-d", &body]));
    assert!(given.starts_with("__Host-neopro_session="), "{given}");
    assert_eq!(ask(&panel, "/api/backups", &["-b", &given]).status, 200);
    let in_clear = given.replace("__Host-", "");
    assert_error(&ask(&panel, "/api/backups", &["-b", &in_clear]), 401, "sign_in_needed");
}

#[test]
fn a_handshake_that_does_not_come_to_its_end_makes_room_for_who_asks_and_is_ended() {
    let panel = Panel::of(Club::with_http(&format!("max_connections_per_address = 2\n{OWN}")));
    let begun = Instant::now();
    let mut slow: Vec<_> = (0..2).map(|_| panel.connect()).collect();
    // Five bytes of a record that never comes.
    for connection in &mut slow {
        connection.send(b"\x16\x03\x01\x02\x00");
    }
    let health = || {
        let bytes = request(panel.daemon.address, "GET", "/api/health", &[], b"");
        panel.raw(&bytes).map(|reply| reply.status)
    };
    // Both places are taken: one of them is given to who asks.
    until("a place", || health().filter(|status| *status == 426));
    assert!(begun.elapsed().as_secs() < 9, "{:?}", begun.elapsed());
    for mut connection in slow {
        assert!(connection.reply(false).is_none());
    }
    assert!(begun.elapsed().as_secs() >= 9, "the other had its ten seconds: {:?}", begun.elapsed());
}

#[test]
fn a_handshake_that_is_going_on_does_not_delay_the_end() {
    let mut panel = own();
    let mut slow = Connection::open(panel.daemon.address).unwrap();
    slow.send(b"\x16\x03\x01\x02\x00");
    // Connections are taken in their order: when this one is answered, the other is in.
    assert!(panel.raw(&request(panel.daemon.address, "GET", "/", &[], b"")).is_some());
    let begun = Instant::now();
    assert_eq!(panel.daemon.stop().code(), Some(0));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn a_download_arrives_whole() {
    if lacks(&["curl"]) {
        return;
    }
    let panel = own();
    let large: Vec<u8> = (0..4_u32 << 20).flat_map(u32::to_le_bytes).collect();
    panel.place(NAME, &large);
    let path = format!("/api/backups/download/{NAME}");
    assert!(ask(&panel, &path, &[]).body == large, "the bytes differ");
    let part = ask(&panel, &path, &["-r", "1000000-1000099"]);
    assert_eq!((part.status, &part.body[..]), (206, &large[1_000_000..1_000_100]));
}

#[test]
fn events_come_as_they_happen_and_end_in_order() {
    if lacks(&["curl"]) {
        return;
    }
    let mut panel = own();
    let mut listening = curl(&panel, "/api/events", &["-N"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(listening.stdout.take().unwrap()).lines().map(Result::unwrap);
    // A listener is told of what comes after it: it is heard when it hears something.
    let job = loop {
        let begun = ask(&panel, "/api/backups/create", &["-X", "POST", "-H", "Prefer: respond-async"]);
        if begun.status == 202 {
            break begun.json()["job"].clone();
        }
    };
    let told = lines.by_ref().find(|line| line.starts_with("data:") && line.contains(job.as_str().unwrap()));
    let told: Value = serde_json::from_str(told.unwrap().trim_start_matches("data:")).unwrap();
    assert!(told.is_object());
    panel.daemon.signal(Signal::SIGTERM);
    assert_eq!(lines.last().as_deref(), Some(""));
    assert!(listening.wait().unwrap().success(), "a clean end");
    assert_eq!(panel.daemon.ended().code(), Some(0));
}

#[test]
fn changes_come_from_the_encrypted_page_alone() {
    if lacks(&["curl"]) {
        return;
    }
    let panel = own();
    let status = |scheme: &str| {
        let origin = format!("Origin: {scheme}://{}", panel.daemon.address);
        let body = "{\"enable\":false}";
        ask(&panel, "/api/backups/auto-toggle", &["-X", "POST", "-H", &origin, "-d", body]).status
    };
    assert_eq!((status("https"), status("http")), (200, 403));
}

#[test]
fn a_head_that_is_too_long_is_refused_in_words() {
    if lacks(&["curl"]) {
        return;
    }
    let panel = own();
    let mut large = tempfile::NamedTempFile::new().unwrap();
    for number in 0..100 {
        writeln!(large, "X-{number}: {}", "x".repeat(900)).unwrap();
    }
    let headers = format!("@{}", large.path().display());
    assert_error(&ask(&panel, "/", &["-H", &headers]), 431, "headers_too_large");
}

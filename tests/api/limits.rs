//! How many connections one address may have, and all together; who makes room for a newcomer.

use std::fs::File;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use crate::panel::{NAME, Panel};
use crate::support::{Club, Connection, request, until};

fn limited() -> Panel {
    Panel::of(Club::with_http("max_connections_per_address = 4"))
}

/// Whether one more connection is refused: told so, or closed before it could be read.
fn one_more_is_refused(panel: &Panel) -> bool {
    matches!(one_more(panel), None | Some(429))
}

/// The status of one more connection's answer; none where it is closed at once.
fn one_more(panel: &Panel) -> Option<u16> {
    panel.raw(&request(panel.daemon.address, "GET", "/api/health", &[], b"")).map(|reply| reply.status)
}

/// A table of so many places, for which one address has no limit of its own.
fn table_of(places: u16) -> Panel {
    Panel::of(Club::with_http(&format!("max_connections = {places}")))
}

/// The status of a request on this connection; none where it was let go.
fn health(connection: &mut Connection) -> Option<u16> {
    connection.send(&request("127.0.0.1:80".parse().unwrap(), "GET", "/api/health", &[], b""));
    connection.reply(false).map(|reply| reply.status)
}

#[test]
fn the_fifth_connection_of_four_is_closed_at_once_and_passes_when_one_has_ended() {
    let panel = limited();
    let mut open: Vec<_> = (0..4).map(|_| panel.events("/api/events", None)).collect();
    for _ in 0..3 {
        assert!(one_more_is_refused(&panel));
    }
    open.pop();
    until("a place", || one_more(&panel).filter(|status| *status == 200));
    drop(open);
}

#[test]
fn connections_that_say_nothing_count_as_well() {
    let panel = limited();
    let mut silent: Vec<_> = (0..4).map(|_| Connection::open(panel.daemon.address).unwrap()).collect();
    assert_eq!(one_more(&panel), Some(200), "one of the address's own makes room");
    let gone: Vec<_> = silent.iter_mut().map(|connection| health(connection).is_none()).collect();
    assert_eq!(gone, [true, false, false, false], "the oldest");
}

#[test]
fn places_are_given_back_however_often_they_are_taken() {
    let panel = limited();
    for _ in 0..40 {
        until("a place", || one_more(&panel).filter(|status| *status == 200));
    }
}

#[test]
fn the_limit_of_all_connections_holds_as_well() {
    let panel = table_of(2);
    let open: Vec<_> = (0..2).map(|_| panel.events("/api/events", None)).collect();
    assert!(one_more_is_refused(&panel));
    drop(open);
    until("a place", || one_more(&panel).filter(|status| *status == 200));
}

#[test]
fn a_full_table_of_silent_connections_lets_newcomers_in_and_the_oldest_go() {
    let panel = table_of(4);
    let mut silent: Vec<_> = (0..4).map(|_| panel.connect()).collect();
    let mut newcomers: Vec<_> = (0..3).map(|_| panel.connect()).collect();
    assert!(newcomers.iter_mut().all(|newcomer| health(newcomer) == Some(200)));
    let gone: Vec<_> = silent.iter_mut().map(|connection| health(connection).is_none()).collect();
    assert_eq!(gone, [true, true, true, false]);
}

#[test]
fn bytes_that_trickle_in_make_no_connection_younger() {
    let panel = table_of(3);
    let (mut trickling, mut idle, mut last) = (panel.connect(), panel.connect(), panel.connect());
    assert_eq!(health(&mut idle), Some(200));
    for byte in b"GET / HT" {
        trickling.send(&[*byte]);
    }
    assert_eq!(health(&mut last), Some(200));
    assert_eq!(one_more(&panel), Some(200));
    assert_eq!((trickling.reply(false).is_none(), health(&mut idle)), (true, Some(200)));
}

#[test]
fn a_body_that_trickles_in_keeps_no_place() {
    let panel = table_of(1);
    let mut trickling = panel.connect();
    let headers = [("Content-Type", "application/json"), ("Content-Length", "9"), ("Expect", "100-continue")];
    trickling.send(&request(panel.daemon.address, "POST", "/api/backups/auto-toggle", &headers, b""));
    assert_eq!(trickling.head().unwrap().status, 100, "the body is awaited");
    trickling.send(b"{");
    assert_eq!(one_more(&panel), Some(200));
    assert!(trickling.reply(false).is_none(), "let go before its own ten seconds were over");
}

#[test]
fn a_connection_that_was_answered_waits_since_then() {
    let panel = table_of(2);
    let (mut first, mut second) = (panel.connect(), panel.connect());
    assert_eq!((health(&mut second), health(&mut first)), (Some(200), Some(200)));
    assert_eq!(one_more(&panel), Some(200));
    assert_eq!((health(&mut second), health(&mut first)), (None, Some(200)));
}

#[test]
fn streams_and_answers_that_go_on_outlive_every_newcomer() {
    /// More than the kernel takes for a reader who does not read.
    const LONG: u64 = 32 << 20;
    let panel = table_of(3);
    panel.place(NAME, b"");
    File::options().write(true).open(panel.club.backup(NAME)).unwrap().set_len(LONG).unwrap();
    let mut live = panel.events("/api/events", None);
    let mut download = panel.connect();
    let path = format!("/api/backups/download/{NAME}");
    download.send(&request(panel.daemon.address, "GET", &path, &[], b""));
    let head = download.head().unwrap();
    assert_eq!(head.header("content-length"), Some(LONG.to_string()));
    let silent: Vec<_> = (0..20).map(|_| panel.connect()).collect();
    for _ in 0..20 {
        assert_eq!(one_more(&panel), Some(200));
    }
    panel.place("backup-20241219-030000.tar.gz", b"");
    assert!(live.any(|told| told.name == "archives"), "the stream was cut off");
    assert!(download.bytes(usize::try_from(LONG).unwrap()).is_some(), "the download was cut off");
    drop(silent);
}

#[test]
fn readers_who_take_nothing_keep_nobody_out() {
    // Four places, and four from another address who ask for more than the kernel takes for them.
    let panel = table_of(4);
    let there = Ipv4Addr::new(127, 0, 0, 2);
    let asked = request(panel.daemon.address, "GET", "/api/openapi.json", &[], b"").repeat(100);
    let mut crowd: Vec<_> =
        (0..4).map(|_| Connection::open_from(there, panel.daemon.address).unwrap()).collect();
    for connection in &mut crowd {
        connection.send(&asked);
    }
    let begun = Instant::now();
    until("a place", || one_more(&panel).filter(|status| *status == 200));
    // A reader who has only stopped for a moment is not waited for as long.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    drop(crowd);
}

#[test]
fn streams_of_strangers_leave_places_for_those_who_ask() {
    let panel = Panel::of(Club::with_http("max_connections = 8\nmax_connections_per_address = 8"));
    let open: Vec<_> = (0..6).map(|_| panel.events("/api/events", None)).collect();
    let seventh = panel.raw(&request(panel.daemon.address, "GET", "/api/events", &[], b"")).unwrap();
    crate::document::assert_error(&seventh, 429, "too_many_connections");
    assert_eq!(one_more(&panel), Some(200));
    drop(open);
    until("a stream", || {
        let mut connection = panel.connect();
        connection.send(&request(panel.daemon.address, "GET", "/api/events", &[], b""));
        (connection.head()?.status == 200).then_some(())
    });
}

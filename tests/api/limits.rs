//! How many connections one address may have.

use crate::panel::Panel;
use crate::support::{Club, Connection, request, until};

fn limited() -> Panel {
    Panel::of(Club::with_http("max_connections_per_address = 4"))
}

/// The status of one more connection's answer; none where it is closed at once.
fn one_more(panel: &Panel) -> Option<u16> {
    panel.raw(&request(panel.daemon.address, "GET", "/api/health", &[], b"")).map(|reply| reply.status)
}

#[test]
fn the_fifth_connection_of_four_is_closed_at_once_and_passes_when_one_has_ended() {
    let panel = limited();
    let mut open: Vec<_> = (0..4).map(|_| panel.events("/api/events", None)).collect();
    for _ in 0..3 {
        assert_eq!(one_more(&panel), None);
    }
    open.pop();
    until("a place", || one_more(&panel).filter(|status| *status == 200));
    drop(open);
}

#[test]
fn connections_that_say_nothing_count_as_well() {
    let panel = limited();
    let silent: Vec<_> = (0..4).map(|_| Connection::open(panel.daemon.address).unwrap()).collect();
    assert_eq!(one_more(&panel), None);
    drop(silent);
    until("a place", || one_more(&panel).filter(|status| *status == 200));
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
    let panel = Panel::of(Club::with_http("max_connections = 2"));
    let open: Vec<_> = (0..2).map(|_| panel.events("/api/events", None)).collect();
    assert_eq!(one_more(&panel), None);
    drop(open);
    until("a place", || one_more(&panel).filter(|status| *status == 200));
}

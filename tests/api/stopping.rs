//! The end: streams are closed, what is going on is finished, nothing new begins.

use std::net::TcpStream;

use nix::sys::signal::Signal;

use crate::panel::{NAME, Panel};
use crate::support::{request, until};

fn refuses(panel: &Panel) {
    let address = panel.daemon.address;
    until("connections are refused", || TcpStream::connect(address).is_err().then_some(()));
}

#[test]
fn sigterm_ends_event_streams_and_the_daemon_with_success() {
    let mut panel = Panel::new();
    let mut live = panel.events("/api/events", None);
    panel.daemon.signal(Signal::SIGTERM);
    assert!(live.next().is_none(), "a clean end");
    assert_eq!(panel.daemon.ended().code(), Some(0));
    refuses(&panel);
}

#[test]
fn sigint_does_the_same() {
    let mut panel = Panel::new();
    panel.daemon.signal(Signal::SIGINT);
    assert_eq!(panel.daemon.ended().code(), Some(0));
}

#[test]
fn a_download_that_is_going_on_is_finished() {
    let large: Vec<u8> = (0..32_u32 << 18).flat_map(u32::to_le_bytes).collect();
    let mut panel = Panel::new();
    panel.place(NAME, &large);
    let mut download = panel.connect();
    let path = format!("/api/backups/download/{NAME}");
    download.send(&request(panel.daemon.address, "GET", &path, &[], b""));
    assert_eq!(download.head().unwrap().status, 200);
    let mut received = download.bytes(1000).unwrap();
    panel.daemon.signal(Signal::SIGTERM);
    refuses(&panel);
    received.extend(download.bytes(large.len() - 1000).expect("the rest"));
    assert!(received == large, "the bytes differ");
    assert_eq!(panel.daemon.ended().code(), Some(0));
}

#[test]
fn a_connection_that_waits_for_its_next_request_is_closed() {
    let mut panel = Panel::new();
    let mut idle = panel.connect();
    idle.send(&request(panel.daemon.address, "GET", "/api/health", &[], b""));
    assert_eq!(idle.reply(false).unwrap().status, 200);
    assert_eq!(panel.daemon.stop().code(), Some(0));
    assert!(idle.reply(false).is_none());
}

#[test]
fn a_backup_that_somebody_waits_for_is_finished() {
    let mut panel = Panel::new();
    let pause = panel.club.hold("store.lock");
    let mut waiting = panel.connect();
    waiting.send(&request(panel.daemon.address, "POST", "/api/backups/create", &[], b""));
    let jobs = panel.club.path("run/jobs");
    until("the run", || std::fs::read_dir(&jobs).ok()?.next().map(drop));
    panel.daemon.signal(Signal::SIGTERM);
    refuses(&panel);
    drop(pause);
    assert_eq!(waiting.reply(false).unwrap().status, 200);
    assert_eq!(panel.daemon.ended().code(), Some(0));
}

#[test]
fn who_was_let_in_before_the_end_is_answered() {
    let mut panel = Panel::new();
    let mut early: Vec<_> = (0..8).map(|_| panel.connect()).collect();
    // Connections are taken in their order: when this one is answered, the others are in.
    assert_eq!(panel.get("/api/health").status, 200);
    panel.daemon.signal(Signal::SIGTERM);
    refuses(&panel);
    for connection in &mut early {
        connection.send(&request(panel.daemon.address, "GET", "/api/health", &[], b""));
    }
    for connection in &mut early {
        assert_eq!(connection.head().expect("an answer").status, 200);
    }
    assert_eq!(panel.daemon.ended().code(), Some(0));
}

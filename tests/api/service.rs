//! Life under systemd, whose part the test plays: an inherited socket, and what the
//! daemon says of itself.

use std::fs;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use crate::support::{Club, Daemon, exchange, request};

#[test]
fn an_inherited_socket_is_served_whatever_the_configuration_says() {
    let club = Club::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    fcntl(&socket, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
    let served = club.command(&["serve", "--listen", "127.0.0.1:1"]);
    let mut command = Command::new("bash");
    let script = format!("exec 3<&{} && LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\"", socket.as_raw_fd());
    command.arg("-c").arg(script).arg(served.get_program()).args(served.get_args());
    for (name, value) in served.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut daemon = Daemon::of(&mut command);
    let address = socket.local_addr().unwrap();
    assert_eq!(daemon.address, address);
    let answer = || exchange(address, &request(address, "GET", "/api/health", &[], b"")).unwrap().status;
    assert_eq!(answer(), 200);
    // The socket outlives the daemon: who connects in between waits for the next one.
    daemon.stop();
    let waiting = std::thread::spawn(move || exchange(address, &request(address, "GET", "/", &[], b"")));
    let again = Daemon::of(&mut command);
    assert_eq!(waiting.join().unwrap().unwrap().status, 200);
    drop(again);
}

#[test]
fn a_directory_that_is_away_is_told_by_panel_and_systemd_and_the_panel_is_ready_when_it_is_back() {
    let club = Club::new();
    let (backups, away) = (club.path("backups"), club.path("away"));
    fs::rename(&backups, &away).unwrap();
    let (mut daemon, systemd) = under_systemd(&club);
    let told = loop {
        let told = next(&systemd);
        assert_ne!(told, "READY=1\n", "the store cannot be read");
        if told.starts_with("STATUS=") {
            break told;
        }
    };
    assert!(told.contains("n'existe pas"), "{told}");
    let address = daemon.address;
    assert_eq!(exchange(address, &request(address, "GET", "/", &[], b"")).unwrap().status, 200);
    assert_eq!(exchange(address, &request(address, "GET", "/api/health", &[], b"")).unwrap().status, 503);
    // Degraded, not dead.
    while next(&systemd) != "WATCHDOG=1\n" {}
    fs::rename(&away, &backups).unwrap();
    while next(&systemd) != "READY=1\n" {}
    daemon.stop();
}

#[test]
fn readiness_the_watchdog_and_the_end_are_told() {
    let club = Club::new();
    let (mut daemon, systemd) = under_systemd(&club);
    let next = || next(&systemd);
    let address = daemon.address;
    let mut told = Vec::new();
    while !told.iter().any(|text: &String| text.contains("READY=1")) {
        told.push(next());
    }
    assert_eq!(exchange(address, &request(address, "GET", "/", &[], b"")).unwrap().status, 200);
    // A ping stands for an accept loop, a request and a store that answered.
    assert!(told.contains(&"WATCHDOG=1\n".to_owned()), "{told:?}");
    while next() != "STATUS=Aucune sauvegarde pour l'instant.\n" {}
    while next() != "WATCHDOG=1\n" {}
    // The sentence follows what happens.
    assert_eq!(
        exchange(address, &request(address, "POST", "/api/backups/create", &[], b"")).unwrap().status,
        200
    );
    while next() != "STATUS=1 sauvegarde. Tout va bien : dernière sauvegarde à l'instant, vérifiée.\n" {}
    let off = request(address, "POST", "/api/backups/auto-toggle", &[], b"{\"enable\":false}");
    assert_eq!(exchange(address, &off).unwrap().status, 200);
    while next() != "STATUS=1 sauvegarde. La sauvegarde automatique est arrêtée.\n" {}
    assert!(daemon.stop().success());
    while next() != "STOPPING=1\n" {}
}

/// A daemon whose systemd is the test.
fn under_systemd(club: &Club) -> (Daemon, UnixDatagram) {
    let path = club.path("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = club.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000").env_remove("WATCHDOG_PID");
    (Daemon::of(&mut command), systemd)
}

/// The next that systemd is told.
fn next(systemd: &UnixDatagram) -> String {
    let mut text = [0; 1000];
    let length = systemd.recv(&mut text).unwrap();
    String::from_utf8(text[..length].to_vec()).unwrap()
}

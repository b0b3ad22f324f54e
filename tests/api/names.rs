//! Names in paths are checked in full before any file is touched.

use std::fs;
use std::os::unix::fs::symlink;

use neopro_backup::http::ROUTES;

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::{exchange, request};

/// Every route of archives and jobs that takes such a gap, with its method.
fn routes(gap: &str) -> impl Iterator<Item = (&'static str, String)> {
    let taking =
        ROUTES.iter().filter(move |(path, _)| path.contains(gap) && !path.starts_with("/api/access"));
    taking.flat_map(|(path, rules)| rules.iter().map(|rule| (*path, rule.method.to_uppercase())))
}

/// One path segment each; none is a name.
fn malformed() -> Vec<String> {
    let long = "a".repeat(10_000);
    let long_digits = format!("backup-{}-030000.tar.gz", "1".repeat(10_000));
    let mut names: Vec<_> = [
        "..%2f..%2fetc%2fpasswd",
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "%00",
        "backup-20241218-030000.tar.gz%00",
        "backup-20241218-030000.tar.gz%00.txt",
        "%zz",
        "%",
        "%2",
        "backup-20241218-030000.tar.g%7",
        "%ff%fe",
        "backup-20241218-030000.tar.gz%ff",
        "%c3%28",
        "%20backup-20241218-030000.tar.gz",
        "backup-20241218-030000.tar.gz%0a",
        "backup-20241218-030000.tar.gz%2f",
        "backup-20241218-030000.tar.gz%2f..",
        "BACKUP-20241218-030000.TAR.GZ",
        "backup-20241218-030000.tar",
        "backup-20241218-03000.tar.gz",
        "backup-2024121a-030000.tar.gz",
        "backup-%d9%a2%d9%a0%d9%a2%d9%a4-030000.tar.gz",
        "last-backup-status.json",
        "backup.log",
        ".",
        "...",
        "*",
    ]
    .map(str::to_owned)
    .into();
    names.extend([long, long_digits]);
    names
}

#[test]
fn malformed_names_are_refused_on_every_route() {
    let panel = Panel::new();
    panel.place("backup.log", b"x");
    for (path, method) in routes("{name}") {
        for name in malformed() {
            let reply = panel.ask(&method, &path.replace("{name}", &name), &[], "");
            assert_error(&reply, 400, "bad_name");
        }
    }
    assert!(panel.club.backup("backup.log").exists());
}

#[test]
fn bytes_that_are_not_ascii_are_refused_on_every_route() {
    let panel = Panel::new();
    for (path, method) in routes("{name}") {
        let (before, after) = path.split_once("{name}").unwrap();
        let line = [method.as_bytes(), b" ", before.as_bytes(), b"\xff\xfe", after.as_bytes()].concat();
        let bytes = [&line[..], b" HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat();
        assert_error(&panel.raw(&bytes).unwrap(), 400, "bad_request");
    }
}

#[test]
fn absent_names_are_not_found_on_every_route() {
    let panel = Panel::new();
    for (path, method) in routes("{name}") {
        for name in [NAME, "backup-99999999-999999.tar.gz", "b%61ckup-20241218-030000.tar.gz"] {
            let reply = panel.ask(&method, &path.replace("{name}", name), &[], "");
            assert_error(&reply, 404, "backup_not_found");
        }
    }
}

#[test]
fn a_link_or_a_folder_or_a_pipe_of_a_valid_name_is_not_found_and_not_touched() {
    let panel = Panel::new();
    let secret = panel.club.path("club/.env");
    let [link, dangling, folder, pipe] = [1, 2, 3, 4].map(|n| format!("backup-2024121{n}-030000.tar.gz"));
    symlink(&secret, panel.club.backup(&link)).unwrap();
    symlink("/nowhere", panel.club.backup(&dangling)).unwrap();
    fs::create_dir(panel.club.backup(&folder)).unwrap();
    nix::unistd::mkfifo(&panel.club.backup(&pipe), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (path, method) in routes("{name}") {
        for name in [&link, &dangling, &folder, &pipe] {
            let reply = panel.ask(&method, &path.replace("{name}", name), &[], "");
            assert_error(&reply, 404, "backup_not_found");
        }
    }
    assert_eq!(
        fs::read(secret).unwrap(),
        format!("TOKEN={}\n", crate::support::planted::OF_THE_CLUB).as_bytes()
    );
    for name in [link, dangling, folder, pipe] {
        assert!(panel.club.backup(&name).symlink_metadata().is_ok(), "{name}");
    }
}

#[test]
fn a_path_that_climbs_reaches_nothing() {
    let panel = Panel::new();
    for path in [
        "/api/backups/download/../../../../etc/passwd",
        "/api/backups/download/..%2f../etc/passwd",
        "/api/backups/download/",
        "/api/backups/download//etc/passwd",
        "/../etc/passwd",
        "//etc/passwd",
    ] {
        let bytes = request(panel.daemon.address, "GET", path, &[], b"");
        assert_error(&exchange(panel.daemon.address, &bytes).unwrap(), 404, "not_found");
    }
}

#[test]
fn job_ids_are_checked_as_names_are() {
    let panel = Panel::new();
    for (path, method) in routes("{id}") {
        for id in malformed().iter().map(String::as_str).chain(["backup-0-0", "delete-000000000000-00000000"])
        {
            let reply = panel.ask(&method, &path.replace("{id}", id), &[], "");
            assert_error(&reply, 400, "bad_job_id");
        }
        let absent = panel.ask(&method, &path.replace("{id}", "backup-000000000000-00000000"), &[], "");
        assert_error(&absent, 404, "job_not_found");
    }
}

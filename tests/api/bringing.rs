//! Archives that come from somebody's computer: taken in whole, or not at all.

use std::fs;

use serde_json::json;

use crate::corpus::{self, Brought, CASES, NAME, SITE};
use crate::document::{self, assert_error};
use crate::headers;
use crate::panel::Panel;
use crate::restore::on_a_small_card;
use crate::support::tools::{ROOT, faketime, lacks};
use crate::support::{Club, Connection, Reply, planted, request, until};
use crate::tree::{assert_same, tree};

const IMPORT: &str = "/api/backups/import";

/// By design: the folder in which the copy lay, the one in which its restore was tried, and
/// the trail of who did what.
const MAY_DIFFER: [&str; 4] = ["backups", "state", "state/access*", "state/store.lock"];

impl Panel {
    fn bring(&self, archive: &[u8]) -> Reply {
        let reply = self.raw(&request(self.daemon.address, "POST", IMPORT, &[], archive)).expect("an answer");
        document::check("POST", IMPORT, &reply);
        headers::check(IMPORT, &reply);
        planted::assert_absent(&reply.body, &self.club.secrets(), IMPORT);
        reply
    }

    /// A connection on which an archive of so many bytes is announced.
    fn announce(&self, bytes: u64) -> Connection {
        let mut connection = self.connect();
        let length = bytes.to_string();
        let head = request(self.daemon.address, "POST", IMPORT, &[("Content-Length", &length)], b"");
        connection.send(&head);
        connection
    }

    /// Whether a copy is being written.
    fn copies(&self) -> bool {
        let entries = fs::read_dir(self.club.path("backups")).unwrap();
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".partial"))
    }

    /// The most memory that the daemon ever had, in KiB.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.pid())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// A panel with one archive, so that all that is written anew at each occasion is there.
fn panel() -> Panel {
    let panel = Panel::new();
    fs::write(panel.club.path("club/site.conf"), SITE).unwrap();
    panel.backup();
    assert_error(&panel.bring(b"x"), 422, "import_refused");
    panel
}

#[test]
fn every_case_is_refused_by_the_name_of_its_rule_or_taken_in_with_its_warning() {
    let panel = panel();
    for case in CASES {
        let before = tree(&panel.club.path(""));
        let reply = panel.bring(&(case.bytes)());
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        match case.brought {
            Brought::Refused => {
                assert_error(&reply, 422, "import_refused");
                assert!(text.contains(case.rule), "{}: {text}", case.what);
            }
            Brought::Warned(words) => {
                assert_eq!(reply.status, 201, "{}: {text}", case.what);
                assert!(reply.json()["warnings"][0].as_str().unwrap().contains(words), "{}", case.what);
            }
            Brought::Listed => assert_eq!(reply.status, 201, "{}: {text}", case.what),
        }
        if reply.status == 201 {
            assert_eq!(panel.delete(&format!("/api/backups/{NAME}")).status, 200);
        }
        let catalogue: &[_] = if reply.status == 201 { &["state/catalogue.json"] } else { &[] };
        let may_differ = [&MAY_DIFFER, catalogue].concat();
        assert_same(&before, &tree(&panel.club.path("")), &may_differ, case.what);
    }
}

#[test]
fn cut_and_flipped_archives_are_refused() {
    let panel = panel();
    let before = tree(&panel.club.path(""));
    for (what, bytes) in corpus::damaged() {
        let reply = panel.bring(&bytes);
        assert_eq!((reply.status, &reply.json()["code"]), (422, &json!("import_refused")), "{what}");
        assert_same(&before, &tree(&panel.club.path("")), &MAY_DIFFER, &what);
    }
}

#[test]
fn ten_gb_of_zeros_take_no_memory() {
    let panel = panel();
    let before = panel.peak();
    for case in CASES.iter().filter(|case| case.what.starts_with("ten GB")) {
        assert_error(&panel.bring(&(case.bytes)()), 422, "import_refused");
    }
    let grown = panel.peak() - before;
    eprintln!("{before} KiB before, {grown} KiB more");
    assert!(grown < 8 << 10, "{before} KiB before, {grown} KiB more");
}

#[test]
fn a_sound_archive_is_taken_in_once_and_never_in_the_place_of_another() {
    let panel = panel();
    let sound = corpus::sound();
    let taken = panel.bring(&sound);
    assert_eq!((taken.status, &taken.json()["name"]), (201, &json!(NAME)));
    assert_eq!(taken.json()["warnings"], json!([]));
    assert_eq!(fs::read(panel.club.backup(NAME)).unwrap(), sound);
    let list = panel.list();
    let listed = list["backups"].as_array().unwrap().iter().find(|backup| backup["name"] == NAME).unwrap();
    assert_eq!((&listed["verification"], &listed["rehearsal"]), (&json!("verified"), &json!("proven")));
    let before = tree(&panel.club.path(""));
    assert_eq!(panel.bring(&sound).status, 200, "the same again");
    let taken = panel.bring(&corpus::without_manifest());
    assert_error(&taken, 409, "name_taken");
    let message = taken.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(NAME) && message.contains("Supprimez d'abord"), "{message}");
    assert_same(&before, &tree(&panel.club.path("")), &MAY_DIFFER, "taken");
    assert_eq!(panel.post(&format!("/api/backups/{NAME}/restore"), "{}").status, 200);
}

#[test]
fn an_archive_may_be_larger_than_any_other_body() {
    let panel = panel();
    let archive = corpus::sound_of(5 << 20);
    let taken = panel.bring(&archive);
    assert_eq!(taken.status, 201, "{}", taken.json());
    assert!(fs::read(panel.club.backup(NAME)).unwrap() == archive);
}

#[test]
fn one_without_a_manifest_is_taken_in_with_its_warning() {
    let panel = panel();
    let taken = panel.bring(&corpus::without_manifest());
    assert_eq!(taken.status, 201);
    assert!(taken.json()["warnings"].to_string().contains("ancien script"), "{}", taken.json());
}

#[test]
fn more_than_a_card_holds_is_refused_before_it_is_sent() {
    let panel = panel();
    let reply = panel.announce((64 << 30) + 1).reply(false).unwrap();
    assert_error(&reply, 413, "import_too_large");
    assert!(!panel.copies());
}

#[test]
fn more_than_there_is_room_for_is_refused_before_it_is_sent() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let panel = on_a_small_card(Club::new());
    let reply = panel.announce(1 << 20).reply(false).unwrap();
    assert_error(&reply, 507, "disk_full");
    // One that does not say how much it is ends before the card is full.
    let mut connection = panel.connect();
    let chunked = [("Transfer-Encoding", "chunked")];
    let head = request(panel.daemon.address, "POST", IMPORT, &chunked, b"");
    let head = String::from_utf8(head).unwrap().replace("Content-Length: 0\r\n", "");
    connection.send(head.as_bytes());
    let mut chunk = b"80000\r\n".to_vec();
    chunk.extend(vec![7; 0x80000]);
    chunk.extend(b"\r\n0\r\n\r\n");
    connection.send(&chunk);
    assert_error(&connection.reply(false).unwrap(), 507, "disk_full");
    assert_eq!(panel.list()["total"], 0);
}

#[test]
fn a_second_one_waits_and_a_client_that_hangs_up_leaves_nothing() {
    let panel = panel();
    let before = tree(&panel.club.path(""));
    let mut first = panel.announce(1 << 20);
    first.send(&vec![7; 600 << 10]);
    until("the copy", || panel.copies().then_some(()));
    assert_error(&panel.bring(&corpus::sound()), 409, "import_in_progress");
    drop(first);
    until("its end", || (!panel.copies()).then_some(()));
    assert_same(&before, &tree(&panel.club.path("")), &MAY_DIFFER, "hung up");
    until("room for the next", || (panel.bring(&corpus::sound()).status == 201).then_some(()));
}

#[test]
fn a_body_that_stops_is_waited_for_and_then_let_go() {
    if lacks(&["faketime"]) {
        return;
    }
    let library = faketime().unwrap();
    let hurried = [("LD_PRELOAD", library.as_str()), ("FAKETIME", "+0 x20")];
    let panel = Panel::with_environment(Club::new(), &hurried);
    let begun = std::time::Instant::now();
    let mut stopped = panel.announce(1 << 20);
    stopped.send(&vec![7; 300 << 10]);
    let reply = stopped.reply(false).expect("an answer");
    eprintln!("after {:?}", begun.elapsed());
    assert_error(&reply, 408, "request_timeout");
    until("its end", || (!panel.copies()).then_some(()));
}

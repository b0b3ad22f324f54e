//! `kill -9` at every call of a restore: the files are the old ones or the new ones, never
//! some of both, and the next start leaves nothing.

use super::rig::{Rig, is_beside, numbered};
use crate::tools::lacks;

/// All calls that change something, and those that let a reader see it.
const OTHERS: [&str; 18] = [
    "pwrite64",
    "ftruncate",
    "fallocate",
    "linkat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "fsync",
    "fdatasync",
    "fchmod",
    "chmod",
    "fchown",
    "utimensat",
    "mkdir",
    "rmdir",
    "flock",
];

/// Kills the command at the beginning of each of these calls, one run a call.
fn killed_at_every(rig: &Rig, calls: &[&str], at_least: usize) {
    let (mut kills, mut new) = (0, 0);
    for call in rig.calls(calls) {
        let what = format!("killed at {} {}: {}", call.name, call.nth, call.line);
        let traced = rig.trace(&call.name, &[&format!("{}:signal=KILL:when={}", call.name, call.nth)]);
        kills += usize::from(traced.said.status.is_none());
        new += usize::from(rig.assert_sound(&what));
        rig.again();
    }
    eprintln!("{kills} kills, {new} of them left the new files");
    assert!(kills >= at_least, "only {kills} kills");
}

#[test]
fn killed_at_every_change_all_or_none_is_restored() {
    if lacks(&["strace"]) {
        return;
    }
    killed_at_every(&Rig::of_restore(), &OTHERS, 60);
}

#[test]
fn killed_at_every_write_all_or_none_is_restored() {
    if lacks(&["strace"]) {
        return;
    }
    killed_at_every(&Rig::of_restore(), &["write"], 12);
}

#[test]
fn killed_at_every_opening_all_or_none_is_restored() {
    if lacks(&["strace"]) {
        return;
    }
    killed_at_every(&Rig::of_restore(), &["openat"], 20);
}

#[test]
fn killed_at_every_change_all_or_none_is_taken_back() {
    if lacks(&["strace"]) {
        return;
    }
    killed_at_every(&Rig::of_undo(), &OTHERS, 50);
}

#[test]
fn killed_while_it_goes_back_it_goes_back_the_next_time() {
    if lacks(&["strace"]) {
        return;
    }
    let rig = Rig::of_restore();
    // One file is replaced then, two are not.
    let beside = rig.calls(&["renameat"]).into_iter().filter(|call| is_beside(&call.line));
    let second = beside.into_iter().nth(1).expect("three files");
    rig.trace("renameat", &[&format!("renameat:signal=KILL:when={}", second.nth)]);
    let now = rig.club.state();
    assert!(now != rig.old && now != rig.new, "half of it is done: {now:?}");
    rig.keep("half");
    let kinds: Vec<_> = OTHERS.iter().chain(&["write", "openat"]).copied().collect();
    let traced = rig.club.trace_of(&["restore", "--resume"], &kinds.join(","), &[]);
    let calls = numbered(&traced, &kinds);
    traced.said.done();
    let begin = calls.iter().position(|call| call.line.contains("intent.json")).unwrap();
    let mut kills = 0;
    for call in &calls[begin..] {
        rig.back_to("half");
        let inject = format!("{}:signal=KILL:when={}", call.name, call.nth);
        let traced = rig.club.trace_of(&["restore", "--resume"], &call.name, &[&inject]);
        kills += usize::from(traced.said.status.is_none());
        let is_new = rig.assert_all_or_none(&format!("killed at {} {}: {}", call.name, call.nth, call.line));
        assert!(!is_new);
    }
    eprintln!("{kills} kills");
    assert!(kills >= 30, "only {kills} kills");
}

/// The last note can be on the card although the card said that it is not.
#[test]
fn a_restore_that_goes_back_after_its_last_note_failed_is_not_taken_for_done() {
    if lacks(&["strace"]) {
        return;
    }
    let rig = Rig::of_restore();
    let calls = rig.calls(&["renameat", "fsync"]);
    let notes = |line: &str| line.contains("/state/restore/intent.json");
    let last = calls.iter().rposition(|call| call.name == "renameat" && notes(&call.line)).unwrap();
    let sync = calls[last..].iter().find(|call| call.name == "fsync").unwrap();
    assert!(sync.line.contains("/state/restore>"), "{}", sync.line);
    let fail = format!("fsync:error=EIO:when={}", sync.nth);
    let mut kills = 0;
    for nth in calls[last].nth + 1.. {
        let kill = format!("renameat:signal=KILL:when={nth}");
        let traced = rig.trace("renameat,fsync", &[&fail, &kill]);
        kills += usize::from(traced.said.status.is_none());
        rig.assert_sound(&format!("its last note failed, killed at renameat {nth}"));
        rig.again();
        if traced.said.status.is_some() {
            break;
        }
    }
    assert!(kills >= 3, "only {kills} kills");
}

#[test]
fn a_note_that_was_half_written_is_swept_by_the_next_restore() {
    if lacks(&["strace"]) {
        return;
    }
    let rig = Rig::of_restore();
    let notes = rig.calls(&["renameat"]).into_iter().filter(|call| call.line.contains("intent.json"));
    for call in notes {
        rig.again();
        rig.trace("renameat", &[&format!("renameat:signal=KILL:when={}", call.nth)]);
        let half = || crate::club::names_in(&rig.club.at("state/restore")).concat().contains(".partial");
        assert!(half(), "{}", call.line);
        rig.say().done();
        assert!(!half(), "{}", call.line);
    }
}

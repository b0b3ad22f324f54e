//! A card that answers with errors: one clear sentence, and the old files whole.

use std::fs;

use super::rig::Rig;
use crate::tools::lacks;

/// Lets each of these calls fail once with this error, one restore a call.
fn failing_at_every(calls: &[&str], error: &str, at_least: usize) {
    if lacks(&["strace"]) {
        return;
    }
    let rig = Rig::of_restore();
    let before = rig.club.last_restore()["job"].clone();
    let mut failures = 0;
    for call in rig.calls(calls) {
        let inject = format!("{}:error={error}:when={}", call.name, call.nth);
        let traced = rig.trace(&call.name, &[&inject]);
        let what = format!("{error} at {} {}: {}", call.name, call.nth, call.line);
        let now = rig.club.state();
        let intent = fs::read_to_string(rig.club.at("state/restore/intent.json"));
        let says_done = intent.as_ref().is_ok_and(|note| note.contains("\"phase\":\"done\""));
        if traced.said.status == Some(0) {
            // What is only told meanwhile is no reason to fail. What could not be noted of a
            // restore that is done is noted at the next start, as its intent says.
            assert_eq!(now, rig.new, "{what}");
            if !says_done {
                rig.club.assert_nothing_left(&what);
            }
        } else {
            failures += 1;
            let said = traced.said.failed(1);
            let told =
                if error == "ENOSPC" { "de place|isque plein" } else { "rreur du disque|Input/output" };
            assert!(told.split('|').any(|told| said.contains(told)), "{what}: {said}");
            // What is all done stays done, whatever cannot be noted of it afterwards.
            let last = rig.club.last_restore();
            let is_done = says_done || intent.is_err() && last["job"] != before && last["state"] == "done";
            assert_eq!(now, if is_done { rig.new.clone() } else { rig.old.clone() }, "{what}");
        }
        rig.assert_sound(&what);
        rig.again();
    }
    eprintln!("{failures} failures");
    assert!(failures >= at_least, "only {failures} failures");
}

#[test]
fn a_sync_that_fails_is_clear_and_changes_nothing() {
    failing_at_every(&["fsync"], "EIO", 10);
}

#[test]
fn a_rename_or_a_link_that_fails_is_clear_and_changes_nothing() {
    failing_at_every(&["renameat", "linkat"], "EIO", 8);
    failing_at_every(&["renameat", "linkat"], "ENOSPC", 8);
}

#[test]
fn a_write_that_fails_is_clear_and_changes_nothing() {
    failing_at_every(&["write"], "EIO", 6);
}

#[test]
fn a_card_that_becomes_full_is_said_to_be_full_and_changes_nothing() {
    failing_at_every(&["write", "fsync"], "ENOSPC", 12);
}

//! The note of the last restore, and the pin of the copy that leads back from it.

use jiff::SignedDuration;

use super::*;
use crate::model::{LastRestore, RestoreState, Undo};

/// A restore that can be taken back by this safety copy.
fn restored(safety: &ArchiveName, state: RestoreState) -> LastRestore {
    let now = Timestamp::now();
    let undo = Undo {
        archive: safety.clone(),
        safety: safety.clone(),
        members: Vec::new(),
        absent: Vec::new(),
        until: now + SignedDuration::from_hours(1),
        pinned_by_person: false,
    };
    LastRestore { job: job(), at: now, archive: safety.clone(), state, undo: Some(undo) }
}

#[test]
fn a_pin_that_a_person_took_back_stays_away_when_the_same_way_back_is_noted_again() {
    let store = Box_::new();
    let safety = store.backup_at("2026-12-10T02:00:00Z");
    let held = store.lock().unwrap();
    store.note_restore(&restored(&safety, RestoreState::Done), &held).unwrap();
    assert!(store.find(&safety).unwrap().pinned);
    store.unpin(&safety, &held).unwrap();
    // As after an undo, or another restore, that was interrupted.
    store.note_restore(&restored(&safety, RestoreState::Interrupted), &held).unwrap();
    assert!(!store.find(&safety).unwrap().pinned);
    // Nor is it needed to say how that one ended.
    store.delete(&safety, &held).unwrap();
    store.note_restore(&restored(&safety, RestoreState::RolledBack), &held).unwrap();
    assert_eq!(store.last_restore().unwrap().unwrap().state, RestoreState::RolledBack);
}

#[test]
fn a_copy_that_a_person_pinned_before_it_was_noted_stays_pinned_when_it_leads_back_no_more() {
    let store = Box_::new();
    let [first, second] = ["2026-12-10T02:00:00Z", "2026-12-11T02:00:00Z"].map(|day| store.backup_at(day));
    let held = store.lock().unwrap();
    store.pin(&first, &held).unwrap();
    store.note_restore(&restored(&first, RestoreState::Done), &held).unwrap();
    // As a start after a kill notes it again.
    store.note_restore(&restored(&first, RestoreState::Done), &held).unwrap();
    store.note_restore(&restored(&second, RestoreState::Done), &held).unwrap();
    assert!(store.find(&first).unwrap().pinned);
}

#[test]
fn the_pin_goes_on_to_the_copy_of_the_next_restore() {
    let store = Box_::new();
    let [first, second] = ["2026-12-10T02:00:00Z", "2026-12-11T02:00:00Z"].map(|day| store.backup_at(day));
    let held = store.lock().unwrap();
    store.note_restore(&restored(&first, RestoreState::Done), &held).unwrap();
    store.note_restore(&restored(&second, RestoreState::Done), &held).unwrap();
    assert!(!store.find(&first).unwrap().pinned);
    assert!(store.find(&second).unwrap().pinned);
}

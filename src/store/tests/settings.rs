//! What was chosen in the panel, and what it makes of each archive.

use jiff::SignedDuration;

use super::*;
use crate::config::{Config, PanelSettings};
use crate::model::{LastRestore, RestoreState, Undo};

fn days(number: i64) -> PanelSettings {
    let mut settings = PanelSettings::default();
    settings.set_retention("days", Some(number)).unwrap();
    settings
}

fn set(store: &Store, settings: PanelSettings) {
    store.change_settings(&store.lock().unwrap(), |kept| kept.take(settings)).unwrap();
}

fn days_in_force(store: &Store) -> u16 {
    store.in_force(&Config::default()).retention.days
}

#[test]
fn what_is_chosen_is_in_force_at_once_and_lasts() {
    let store = Box_::new();
    assert_eq!(days_in_force(&store), 7);
    set(&store, days(30));
    assert_eq!(days_in_force(&store), 30);
    set(&store, {
        let mut settings = PanelSettings::default();
        settings.set_at(jiff::civil::time(18, 30, 0, 0));
        settings
    });
    let again = Store::open(&Box_::paths(&store.folder), zone()).unwrap().in_force(&Config::default());
    assert_eq!((again.retention.days, again.schedule.at.to_string().as_str()), (30, "18:30:00"));
}

#[test]
fn a_file_that_cannot_be_believed_counts_as_none_and_is_replaced_by_the_next_choice() {
    let store = Box_::new();
    let path = store.folder.path().join("state/settings.json");
    let large = format!("{}{}", r#"{"retention":{"days":1}}"#, " ".repeat(5_000));
    for hostile in
        [r#"{"retention":{"days":0}}"#, r#"{"retention":{"days":1},"x":1}"#, "\0\0\0\0", "", &large]
    {
        fs::write(&path, hostile).unwrap();
        assert_eq!(store.in_force(&Config::default()), Config::default(), "{hostile:?}");
        assert!(store.settings_problem().is_some(), "{hostile:?}");
    }
    set(&store, days(30));
    assert_eq!((days_in_force(&store), store.settings_problem()), (30, None));
}

#[test]
fn no_link_folder_or_pipe_is_read_in_its_place() {
    let store = Box_::new();
    let path = store.folder.path().join("state/settings.json");
    let elsewhere = store.folder.path().join("elsewhere");
    fs::write(&elsewhere, r#"{"retention":{"days":1}}"#).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(days_in_force(&store), 7);
    fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(days_in_force(&store), 7);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(days_in_force(&store), 7);
    assert!(store.change_settings(&store.lock().unwrap(), |_| ()).is_err());
}

#[test]
fn the_list_tells_the_way_back_from_a_pin_and_foresees_its_end() {
    let store = Box_::new();
    let names: Vec<_> = (10..=15).map(|day| store.backup_at(&format!("2024-12-{day}T02:00:00Z"))).collect();
    for name in store.unverified().unwrap() {
        store.verify(&name).unwrap();
    }
    let held = store.lock().unwrap();
    store.pin(&names[1], &held).unwrap();
    let now = at("2025-02-01T02:00:00Z").timestamp();
    let undo = Undo {
        archive: names[1].clone(),
        safety: names[0].clone(),
        members: Vec::new(),
        absent: Vec::new(),
        until: now + SignedDuration::from_hours(1),
        pinned_by_person: false,
    };
    let (job, archive) = (job(), names[1].clone());
    let last = LastRestore { job, at: now, archive, state: RestoreState::Done, undo: Some(undo) };
    store.note_restore(&last, &held).unwrap();
    let reasons = |hours| {
        let judged = store.judged(&policy(), now + SignedDuration::from_hours(hours)).unwrap();
        judged.iter().rev().map(|judged| judged.kept.reason).collect::<Vec<_>>()
    };
    assert_eq!(reasons(0), ["way_back", "pinned", "expired", "expired", "floor", "floor"]);
    assert_eq!(reasons(2), ["expired", "pinned", "expired", "expired", "floor", "floor"]);
    assert!(store.find(&names[0]).unwrap().pinned, "only a run takes the pin back");
    // A person's pin of the same archive is no part of the way back, and outlives it.
    let later = now + SignedDuration::from_hours(2);
    store.pin(&names[0], &held).unwrap();
    assert_eq!(reasons(2)[0], "pinned");
    store.end_undo(later, &held).unwrap();
    assert!(store.find(&names[0]).unwrap().pinned, "a pin is taken back by a person only");
    store.unpin(&names[0], &held).unwrap();
    assert!(!store.find(&names[0]).unwrap().pinned);
}

#[test]
fn what_is_foreseen_to_go_is_what_the_next_run_deletes() {
    let now = at("2025-02-01T02:00:00Z").timestamp();
    let calendar = Retention { keep_daily: 4, keep_weekly: 2, keep_monthly: 2, ..policy() };
    for (policy, goes) in [(policy(), 3), (calendar, 2)] {
        let store = Box_::new();
        for day in 10..=14 {
            store.backup_at(&format!("2025-01-{day}T02:00:00Z"));
        }
        for name in store.unverified().unwrap() {
            store.verify(&name).unwrap();
        }
        let judged = store.judged(&policy, now).unwrap();
        assert_eq!(judged.len(), 5, "the one that is to come is not told of");
        let foreseen: Vec<_> =
            judged.iter().filter(|judged| !judged.kept.stays).map(|judged| &judged.archive.name).collect();
        let made = store.backup_at("2025-02-01T02:00:00Z");
        store.verify(&made).unwrap();
        let pruned = store.prune(&policy, now, &store.lock().unwrap()).unwrap();
        let deleted: Vec<_> =
            pruned.verdicts.iter().filter(|verdict| !verdict.keeps()).map(|verdict| &verdict.name).collect();
        assert_eq!(foreseen, deleted);
        assert_eq!(foreseen.len(), goes, "{policy:?}");
    }
}

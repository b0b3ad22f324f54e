//! What is remembered of each day's runs.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::*;
use crate::model::RunStatus;

const FIRST: Date = date(2027, 1, 1);

/// The outcome of a run on this day at this local hour.
fn outcome(day: Date, hour: i8, success: bool) -> RunStatus {
    let begun = day.at(hour, 0, 0, 0).to_zoned(zone()).unwrap();
    RunStatus {
        timestamp: crate::model::time::rfc3339_local(&begun),
        date: day.to_string(),
        success,
        archive: success.then(|| ArchiveName::at(begun.datetime())),
        size: None,
        backups_count: 0,
        retention_days: 7,
        error: (!success).then(|| "Why.".to_owned()),
        code: None,
        warnings: vec![],
        job: None,
        duration_ms: 0,
    }
}

/// The days that are remembered, and whether a run succeeded on them.
fn remembered(store: &Store) -> Vec<(Date, bool)> {
    store.nights().iter().map(|night| (night.date, night.success)).collect()
}

#[test]
fn a_day_remembers_its_last_run_and_a_success_outlives_a_later_failure() {
    let store = Box_::new();
    let write = |hour, success| store.write_status(&outcome(FIRST, hour, success)).unwrap();
    write(3, false);
    assert_eq!(store.nights()[0].error.as_deref(), Some("Why."));
    write(9, true);
    write(10, false);
    assert_eq!(remembered(&store), [(FIRST, true)]);
    assert_eq!(store.status().unwrap()["success"], false, "the status is the last run's");
    write(18, true);
    let night = &store.nights()[0];
    assert_eq!(
        night.archive,
        Some(name("backup-20270101-180000.tar.gz")),
        "the later of two that are as good"
    );
    assert_eq!(night.at, FIRST.at(18, 0, 0, 0).to_zoned(zone()).unwrap().timestamp());
}

#[test]
fn sixty_days_are_remembered_in_their_order_whenever_they_are_written() {
    let store = Box_::new();
    for offset in (0..70i32).rev() {
        store.write_status(&outcome(FIRST.saturating_add(offset.days()), 3, true)).unwrap();
    }
    let kept: Vec<_> = (10..70i32).map(|offset| (FIRST.saturating_add(offset.days()), true)).collect();
    assert_eq!(remembered(&store), kept);
}

#[test]
fn what_is_no_list_of_nights_is_begun_anew_and_never_costs_the_status() {
    let store = Box_::new();
    let file = store.state.join("nights.json");
    fs::write(&file, "[{").unwrap();
    assert_eq!(store.nights(), []);
    store.write_status(&outcome(FIRST, 3, true)).unwrap();
    assert_eq!(remembered(&store), [(FIRST, true)]);
    // Nothing can be renamed over a folder that holds something.
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("in the way")).unwrap();
    store.write_status(&outcome(FIRST, 9, true)).unwrap();
    assert_eq!((store.status().unwrap()["date"].as_str(), store.nights()), (Some("2027-01-01"), vec![]));
    // Nor is there a state directory at all.
    fs::remove_dir_all(&store.state).unwrap();
    store.write_status(&outcome(FIRST.tomorrow().unwrap(), 3, true)).unwrap();
    assert_eq!(store.status().unwrap()["date"], "2027-01-02");
}

#[test]
fn a_run_whose_status_the_card_does_not_take_is_told_all_the_same() {
    let store = Box_::new();
    fs::create_dir_all(store.folder.path().join("run/jobs")).unwrap();
    store.write_status(&outcome(FIRST, 3, true)).unwrap();
    let path = store.file("last-backup-status.json");
    // Nothing takes the place of a folder that holds something.
    fs::remove_file(&path).unwrap();
    fs::create_dir_all(path.join("something")).unwrap();
    store.write_status(&outcome(FIRST.tomorrow().unwrap(), 9, false)).unwrap_err();
    assert_eq!(store.last_run().unwrap().error.as_deref(), Some("Why."));
    assert_eq!(store.nights().len(), 2, "and the day remembers it");
    fs::remove_dir_all(&path).unwrap();
    store.write_status(&outcome(FIRST.tomorrow().unwrap(), 10, true)).unwrap();
    assert!(store.last_run().unwrap().success, "what the card takes counts again");
    assert_eq!(fs::read_dir(store.folder.path().join("run/jobs")).unwrap().count(), 0);
}

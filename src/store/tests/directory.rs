//! What is listed, what is remembered, and what the directory does behind our back.

use std::os::unix::fs::symlink;

use super::*;
use crate::model::{Sentence, Verification};
use crate::store::catalogue::{Catalogue, Record};

const FIRST: &str = "backup-20241218-030000.tar.gz";

#[test]
fn a_backup_directory_that_is_missing_or_a_file_is_refused_and_not_made() {
    let folder = TempDir::new().unwrap();
    let paths = Box_::paths(&folder);
    assert!(matches!(Store::open(&paths, zone()), Err(StoreError::NoDirectory { .. })));
    assert!(!paths.backups.exists() && !paths.state.exists());
    fs::write(&paths.backups, b"").unwrap();
    assert!(matches!(Store::open(&paths, zone()), Err(StoreError::NoDirectory { .. })));
}

#[test]
fn a_directory_that_vanishes_is_an_error_and_not_an_empty_list() {
    let store = Box_::new();
    fs::remove_dir(store.directory()).unwrap();
    assert!(matches!(store.list(), Err(StoreError::NoDirectory { .. })));
    assert!(matches!(store.find(&name(FIRST)), Err(StoreError::NoDirectory { .. })));
}

#[test]
fn foreign_files_links_and_folders_are_never_listed() {
    let store = Box_::new();
    store.foreign("notes.txt", b"", "2024-12-18T02:00:00Z");
    store.foreign("backup-20241218-030000.tar.gz.old", b"", "2024-12-18T02:00:00Z");
    symlink("/etc/passwd", store.file(FIRST)).unwrap();
    fs::create_dir(store.file("backup-20241218-030001.tar.gz")).unwrap();
    assert_eq!(store.listed(), Vec::<String>::new());
    for other in [FIRST, "backup-20241218-030001.tar.gz", "backup-20991231-000000.tar.gz"] {
        assert!(matches!(store.open_archive(&name(other)), Err(StoreError::NotFound { .. })));
        assert!(matches!(
            store.delete(&name(other), &store.lock().unwrap()),
            Err(StoreError::NotFound { .. })
        ));
    }
    assert_eq!(store.names().len(), 4, "and nothing of them was deleted");
}

#[test]
fn empty_cut_and_foreign_archives_are_damaged_and_the_reason_is_remembered() {
    let store = Box_::new();
    let good = store.backup_at("2024-12-18T02:00:00Z");
    let bytes = fs::read(store.file(good.as_str())).unwrap();
    store.foreign("backup-20241217-030000.tar.gz", b"", "2024-12-17T02:00:00Z");
    store.foreign("backup-20241216-030000.tar.gz", &bytes[..bytes.len() - 9], "2024-12-16T02:00:00Z");
    assert_eq!(store.unverified().unwrap().len(), 2);
    for name in store.unverified().unwrap() {
        assert!(matches!(store.verify(&name).unwrap(), Verification::Damaged { .. }));
    }
    assert_eq!(store.unverified().unwrap(), []);
    let reasons: Vec<_> = store.list().unwrap().into_iter().map(|archive| archive.verification).collect();
    assert_eq!(reasons[1], Verification::Damaged { reason: Sentence::new("damage.empty") });
    assert_eq!(reasons[2], Verification::Damaged { reason: Sentence::new("damage.cut_short") });
}

#[test]
fn an_archive_whose_size_or_time_changed_is_read_again_and_keeps_its_place() {
    let store = Box_::new();
    let first = store.backup_at("2024-12-18T02:00:00Z");
    store.touch(first.as_str(), "2024-12-18T09:00:00Z");
    assert_eq!(store.list().unwrap()[0].verification, Verification::Unverified);
    assert_eq!(store.verify(&first).unwrap(), Verification::Verified);
    fs::write(store.file(first.as_str()), b"decayed").unwrap();
    assert!(matches!(store.verify(&first).unwrap(), Verification::Damaged { .. }));
    assert_eq!(store.find(&first).unwrap().sequence, Some(1));
}

#[test]
fn a_lost_or_broken_catalogue_is_made_again_from_the_archives() {
    let store = Box_::new();
    for day in 1..=3 {
        store.backup_at(&format!("2024-12-0{day}T02:00:00Z"));
    }
    fs::write(store.folder.path().join("state/catalogue.json"), b"{\"archives\":").unwrap();
    assert_eq!(store.unverified().unwrap().len(), 3);
    for name in store.unverified().unwrap() {
        store.verify(&name).unwrap();
    }
    assert_eq!(store.take_sequence(&store.lock().unwrap()).unwrap(), 4);
    assert_eq!(store.list().unwrap()[0].sequence, Some(3));
}

#[test]
fn order_is_that_of_making_whatever_the_clock_said() {
    let store = Box_::new();
    store.backup_at("2030-01-01T02:00:00Z");
    store.backup_at("2024-12-18T02:00:00Z");
    store.backup_at("2024-12-19T02:00:00Z");
    // Of the old script: without a number, so it stands beside them by its time.
    store.foreign("backup-20241201-030000.tar.gz", b"", "2024-12-01T02:00:00Z");
    store.foreign("backup-20241218-120000.tar.gz", b"", "2024-12-18T11:00:00Z");
    assert_eq!(
        store.listed(),
        [
            "backup-20241219-030000.tar.gz",
            "backup-20241218-120000.tar.gz",
            "backup-20241218-030000.tar.gz",
            "backup-20300101-030000.tar.gz",
            "backup-20241201-030000.tar.gz",
        ]
    );
}

#[test]
fn a_name_that_spells_no_date_has_its_file_s_time() {
    let store = Box_::new();
    store.foreign("backup-99999999-999999.tar.gz", b"", "2024-12-18T02:00:00Z");
    assert_eq!(store.list().unwrap()[0].created, "2024-12-18T02:00:00Z".parse().unwrap());
}

#[test]
fn a_pinned_archive_is_deleted_only_once_it_is_unpinned() {
    let store = Box_::new();
    let archive = store.backup_at("2024-12-18T02:00:00Z");
    let held = store.lock().unwrap();
    store.pin(&archive, &held).unwrap();
    store.pin(&archive, &held).unwrap();
    assert!(store.find(&archive).unwrap().pinned && store.list().unwrap()[0].pinned);
    assert!(matches!(store.delete(&archive, &held), Err(StoreError::Pinned { .. })));
    store.unpin(&archive, &held).unwrap();
    store.unpin(&archive, &held).unwrap();
    store.delete(&archive, &held).unwrap();
    assert!(matches!(store.delete(&archive, &held), Err(StoreError::NotFound { .. })));
    assert!(matches!(store.pin(&archive, &held), Err(StoreError::NotFound { .. })));
    assert!(store.catalogue().unwrap().archives.is_empty());
}

#[test]
fn a_disk_that_is_away_for_a_while_costs_no_pin() {
    let store = Box_::new();
    let archive = store.backup_at("2024-12-18T02:00:00Z");
    store.pin(&archive, &store.lock().unwrap()).unwrap();
    let away = store.folder.path().join("away");
    fs::rename(store.directory(), &away).unwrap();
    fs::create_dir(store.directory()).unwrap();
    store.sweep(&store.lock_run(&job()).unwrap(), &store.lock().unwrap()).unwrap();
    fs::remove_dir(store.directory()).unwrap();
    fs::rename(&away, store.directory()).unwrap();
    assert!(store.find(&archive).unwrap().pinned);
}

#[test]
fn a_pipe_or_link_in_the_place_of_a_small_file_is_not_read() {
    let store = Box_::new();
    let mode = nix::sys::stat::Mode::from_bits_truncate(0o600);
    nix::unistd::mkfifo(&store.file("last-backup-status.json"), mode).unwrap();
    fs::write(store.folder.path().join("secret"), b"secret\n").unwrap();
    symlink(store.folder.path().join("secret"), store.file("backup.log")).unwrap();
    assert_eq!(store.status(), None);
    assert_eq!(store.log_tail(1000), "");
}

#[test]
fn errors_are_told_apart_by_what_a_person_can_do() {
    let path = Path::new("/nowhere/x");
    let code = |number| StoreError::of("write", path, std::io::Error::from_raw_os_error(number)).code();
    assert_eq!(code(28), "disk_full");
    assert_eq!(code(122), "disk_full");
    assert_eq!(code(30), "read_only");
    assert_eq!(code(13), "permission_denied");
    assert_eq!(code(5), "io_error");
}

#[test]
fn the_clock_s_last_reading_is_remembered() {
    let store = Box_::new();
    assert_eq!(store.last_reading().unwrap(), None);
    let reading = crate::model::clock::Reading {
        wall: "2024-12-18T02:00:00Z".parse().unwrap(),
        since_boot_ms: 7,
        boot_id: "b".into(),
    };
    store.remember_reading(&reading, &store.lock().unwrap()).unwrap();
    assert_eq!(store.last_reading().unwrap(), Some(reading));
    // Nobody knows then whether the clock has jumped since.
    fs::write(store.folder.path().join("state/clock.json"), [0; 64]).unwrap();
    assert!(store.last_reading().is_err());
}

#[test]
fn every_error_is_a_sentence_with_its_facts_in_both_languages() {
    use crate::archive::Damage;
    use crate::text::Language;
    let path = || PathBuf::from("/media/usb");
    let archive = || name(FIRST);
    let errors = [
        StoreError::NoDirectory { path: path() },
        StoreError::ReadOnly { path: path() },
        StoreError::Denied { action: "write", path: path() },
        StoreError::DiskFull { path: path(), need_bytes: 5 << 20, free_bytes: 1 << 20 },
        StoreError::DiskFull { path: path(), need_bytes: 0, free_bytes: 1 << 20 },
        StoreError::NoInodes { path: path() },
        StoreError::Busy { job: None },
        StoreError::Locked,
        StoreError::NotFound { name: archive() },
        StoreError::Pinned { name: archive() },
        StoreError::NameTaken { name: archive() },
        StoreError::NotProven { name: archive(), damage: Damage::CutShort },
        StoreError::Io { action: "read", path: path(), source: std::io::Error::from_raw_os_error(5) },
    ];
    for error in errors {
        for language in [Language::French, Language::English] {
            let said = language.say(&error.sentence());
            assert!(!said.starts_with("error.") && !said.contains(['{', '}']), "{said}");
            let has_path = format!("{error:?}").contains("/media/usb");
            assert_eq!(said.contains("/media/usb"), has_path, "{said}");
        }
    }
}

#[test]
fn a_full_disk_is_named_by_its_own_folder() {
    let store = Box_::new();
    let full = StoreError::of("write", store.directory(), std::io::Error::from_raw_os_error(28));
    assert!(matches!(full, StoreError::DiskFull { path, .. } if path == store.directory()));
    let file = store.file(FIRST);
    let full = StoreError::of("write", &file, std::io::Error::from_raw_os_error(28));
    assert!(matches!(full, StoreError::DiskFull { path, .. } if path == store.directory()));
}

#[test]
fn the_timer_s_switch_is_on_before_the_first_start_and_remembered_after() {
    let store = Box_::new();
    let then: Timestamp = "2024-12-18T02:00:00Z".parse().unwrap();
    let later: Timestamp = "2024-12-19T02:00:00Z".parse().unwrap();
    assert_eq!(store.schedule(then), Schedule { enabled: true, done_until: then });
    let off = store.change_schedule(then, &store.lock().unwrap(), |schedule| schedule.enabled = false);
    assert_eq!(off.unwrap(), Schedule { enabled: false, done_until: then });
    assert_eq!(store.schedule(later), Schedule { enabled: false, done_until: then });
}

#[test]
fn a_change_is_told_by_what_it_means() {
    assert_eq!(Store::changed(0, FIRST), Some(Changed::Archives));
    assert_eq!(Store::changed(0, "last-backup-status.json"), Some(Changed::Archives));
    assert_eq!(Store::changed(1, "catalogue.json"), Some(Changed::Archives));
    assert_eq!(Store::changed(1, "nights.json"), Some(Changed::Archives));
    assert_eq!(Store::changed(1, "schedule.json"), Some(Changed::Schedule));
    assert_eq!(Store::changed(2, FIRST), Some(Changed::Archives));
    for (place, nothing) in
        [(0, "backup.log"), (0, ".neopro-backup-x.partial"), (1, "store.lock"), (2, "x"), (3, FIRST)]
    {
        assert_eq!(Store::changed(place, nothing), None, "{nothing}");
    }
    assert_eq!(Box_::new().watched().len(), 3);
}

#[test]
fn a_link_in_the_place_of_the_pins_is_not_followed() {
    let store = Box_::new();
    let archive = store.backup_at("2024-12-18T02:00:00Z");
    let elsewhere = TempDir::new().unwrap();
    let pins = store.state.join("pins");
    fs::remove_dir(&pins).unwrap();
    symlink(elsewhere.path(), &pins).unwrap();
    assert!(store.pin(&archive, &store.lock().unwrap()).is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    let anothers = elsewhere.path().join(archive.as_str());
    fs::write(&anothers, "").unwrap();
    assert!(store.unpin(&archive, &store.lock().unwrap()).is_err());
    assert!(anothers.exists());
}

/// As when a run is killed in the moment between the two.
fn forget_what_was_noted(store: &Box_, name: &ArchiveName) {
    let path = store.folder.path().join("state/catalogue.json");
    let mut catalogue: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    catalogue["archives"].as_object_mut().unwrap().remove(name.as_str()).unwrap();
    fs::write(&path, catalogue.to_string()).unwrap();
}

/// A box whose numbers are settled, as the first run does it.
fn numbered() -> Box_ {
    let store = Box_::new();
    store.settle_numbers(&store.lock().unwrap()).unwrap();
    store
}

#[test]
fn an_archive_whose_run_was_killed_before_it_was_noted_keeps_its_place() {
    let store = numbered();
    let first = store.backup_at("2030-01-01T02:00:00Z");
    forget_what_was_noted(&store, &first);
    // The clock has gone back: only the numbers say which is newer.
    let second = store.backup_at("2027-01-01T02:00:00Z");
    store.verify(&first).unwrap();
    assert_eq!(store.listed(), [second.to_string(), first.to_string()]);
}

#[test]
fn the_place_of_an_archive_that_went_before_it_was_read_is_not_given_again() {
    let store = numbered();
    let [first, second] =
        ["2030-01-01T02:00:00Z", "2030-01-02T02:00:00Z"].map(|begun| store.backup_at(begun));
    forget_what_was_noted(&store, &second);
    forget_what_was_noted(&store, &first);
    store.delete(&first, &store.lock().unwrap()).unwrap();
    let third = store.backup_at("2027-01-01T02:00:00Z");
    store.verify(&second).unwrap();
    assert_eq!(store.listed(), [third.to_string(), second.to_string()]);
}

#[test]
fn a_catalogue_that_was_begun_anew_knows_no_numbers_until_all_is_read() {
    let store = numbered();
    let made: Vec<_> = (1..=3).map(|day| store.backup_at(&format!("2024-12-0{day}T02:00:00Z"))).collect();
    assert!(store.knows_numbers(&store.lock().unwrap()).unwrap());
    fs::remove_file(store.folder.path().join("state/catalogue.json")).unwrap();
    store.verify(&made[0]).unwrap();
    assert!(!store.knows_numbers(&store.lock().unwrap()).unwrap(), "one of three was read");
    for name in store.unverified().unwrap() {
        store.verify(&name).unwrap();
    }
    store.settle_numbers(&store.lock().unwrap()).unwrap();
    assert!(
        store.knows_numbers(&store.lock().unwrap()).unwrap()
            && store.take_sequence(&store.lock().unwrap()).unwrap() == 4
    );
}

#[test]
fn numbers_continue_behind_those_that_unread_archives_may_have() {
    let store = numbered();
    let made = [store.backup_at("2024-12-01T02:00:00Z"), store.backup_at("2024-12-02T02:00:00Z")];
    fs::remove_file(store.folder.path().join("state/catalogue.json")).unwrap();
    store.verify(&made[0]).unwrap();
    // The disk does not give the newest now, and does later.
    store.settle_numbers(&store.lock().unwrap()).unwrap();
    let third = store.backup_at("2016-11-03T17:17:02Z");
    store.verify(&made[1]).unwrap();
    assert_eq!(store.listed(), [third.to_string(), made[1].to_string(), made[0].to_string()]);
}

#[test]
fn a_number_that_somebody_made_up_leaves_numbers_to_continue_with() {
    let store = numbered();
    let first = store.backup_at("2030-01-01T02:00:00Z");
    for number in [u64::MAX, u64::MAX - 1] {
        let forged = |record: &Record| Record { sequence: Some(number), ..record.clone() };
        let held = store.lock().unwrap();
        let note = |catalogue: &mut Catalogue| {
            let record = forged(&catalogue.archives[&first]);
            catalogue.note(first.clone(), record);
        };
        store.change_catalogue(&held, note).unwrap();
    }
    assert_eq!(store.find(&first).unwrap().sequence, None);
    assert_eq!(store.take_sequence(&store.lock().unwrap()).unwrap(), 2);
}

#[test]
fn an_archive_that_decays_keeps_its_age() {
    let store = numbered();
    // Its clock was wrong by years, and it said so.
    let name = store.backup_at("2016-11-03T17:17:02Z");
    let distrust = |catalogue: &mut Catalogue| {
        catalogue.archives.get_mut(&name).unwrap().clock_trusted = false;
    };
    store.change_catalogue(&store.lock().unwrap(), distrust).unwrap();
    fs::write(store.file(name.as_str()), b"decayed").unwrap();
    assert!(matches!(store.verify(&name).unwrap(), Verification::Damaged { .. }));
    assert!(!store.find(&name).unwrap().clock_trusted, "its name is no better than its manifest was");
}

//! The write protocol: what is published was proved, what fails leaves nothing.

use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::model::{Level, RunStatus, Verification};

#[test]
fn a_published_archive_is_listed_verified_private_and_numbered() {
    let store = Box_::new();
    let first = store.backup_at("2024-12-18T02:00:00Z");
    store.backup_at("2024-12-19T02:00:00Z");
    assert_eq!(first.as_str(), "backup-20241218-030000.tar.gz");
    let list = store.list().unwrap();
    assert_eq!(list.iter().map(|archive| archive.sequence).collect::<Vec<_>>(), [Some(2), Some(1)]);
    assert!(list.iter().all(|archive| archive.verification == Verification::Verified));
    assert_eq!(list[1].created, "2024-12-18T02:00:00Z".parse().unwrap());
    let mode = fs::metadata(store.file(first.as_str())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(store.names().len(), 2, "no temporary file is left");
}

#[test]
fn a_name_that_is_taken_gives_way_to_the_next_free_second() {
    let store = Box_::new();
    store.foreign("backup-20241218-030000.tar.gz", b"", "2024-12-18T02:00:00Z");
    fs::create_dir(store.file("backup-20241218-030001.tar.gz")).unwrap();
    assert_eq!(store.backup_at("2024-12-18T02:00:00Z").as_str(), "backup-20241218-030002.tar.gz");
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let store = Box_::new();
    let (draft, digest) = store.draft_at(&at("2024-12-18T02:00:00Z"));
    let proven = draft.prove(digest, &mut Proof).unwrap();
    store.foreign("backup-20241218-030000.tar.gz", b"theirs", "2024-12-18T02:00:00Z");
    let refused = store.publish(proven, None, &store.lock().unwrap());
    assert!(matches!(refused, Err(StoreError::NameTaken { .. })));
    assert_eq!(fs::read(store.file("backup-20241218-030000.tar.gz")).unwrap(), b"theirs");
    assert_eq!(store.names().len(), 1);
}

#[test]
fn what_does_not_read_back_as_written_is_never_published() {
    let store = Box_::new();
    let (draft, digest) = store.draft_at(&at("2024-12-18T02:00:00Z"));
    let mut file = draft.file();
    file.seek(std::io::SeekFrom::Start(60)).unwrap();
    file.write_all(b"a card that lies").unwrap();
    assert!(matches!(draft.prove(digest, &mut Proof), Err(StoreError::NotProven { .. })));

    // A sound archive, but another than the one that was written.
    let (draft, _) = store.draft_at(&at("2024-12-18T02:00:00Z"));
    let refused = draft.prove(crate::model::Digest([0; 32]), &mut Proof);
    assert!(matches!(refused, Err(StoreError::NotProven { .. })));
    assert_eq!(store.names(), Vec::<String>::new());
}

#[test]
fn a_disk_without_room_is_an_error_that_names_the_numbers() {
    let store = Box_::new();
    let run = store.lock_run(&job()).unwrap();
    let refused = store.draft(&run, &at("2024-12-18T02:00:00Z"), u64::MAX / 2).unwrap_err();
    let StoreError::DiskFull { need_bytes, free_bytes, .. } = &refused else { panic!("{refused:?}") };
    assert!(*need_bytes > u64::MAX / 2 && *free_bytes > 0);
    let said = crate::text::Language::French.say(&refused.sentence());
    assert!(said.contains(&crate::model::size_in_words(*free_bytes)), "{said}");
}

#[test]
fn a_second_run_is_told_which_job_is_at_work() {
    let store = Box_::new();
    let held = store.lock_run(&job()).unwrap();
    let other = JobId::new(JobKind::Backup, Timestamp::UNIX_EPOCH, 2);
    match store.lock_run(&other) {
        Err(StoreError::Busy { job: Some(holder) }) => assert_eq!(holder, job()),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.running().unwrap(), Some(job()));
    drop(held);
    assert_eq!(store.running().unwrap(), None);
    let waiter = store.wait_for_run(&other).unwrap();
    assert_eq!(waiter.interrupted(), None, "the holder before ended in order");
    drop(waiter);
    fs::write(store.folder.path().join("state/run.lock"), job().as_str()).unwrap();
    assert_eq!(store.running().unwrap(), None);
    assert_eq!(store.lock_run(&other).unwrap().interrupted(), Some(&job()), "it was killed");
}

#[test]
fn the_sweep_removes_our_temporary_files_and_nothing_else() {
    let store = Box_::new();
    for foreign in [".neopro-backup-x", "x.partial", ".neopro-backup.log.partial2", "notes.txt"] {
        fs::write(store.file(foreign), b"").unwrap();
    }
    fs::create_dir(store.file(".neopro-backup-folder.partial")).unwrap();
    fs::write(store.file(".neopro-backup-Ab12.partial"), b"half an archive").unwrap();
    fs::write(store.folder.path().join("state/.neopro-backup-Cd34.partial"), b"").unwrap();
    let swept = store.sweep(&store.lock_run(&job()).unwrap(), &store.lock().unwrap()).unwrap();
    assert_eq!(swept.files, 2);
    assert_eq!(
        store.names(),
        [
            ".neopro-backup-folder.partial",
            ".neopro-backup-x",
            ".neopro-backup.log.partial2",
            "notes.txt",
            "x.partial"
        ]
    );
}

#[test]
fn the_status_is_replaced_whole_and_readable_by_all() {
    let store = Box_::new();
    assert_eq!(store.status(), None);
    let status = RunStatus {
        timestamp: "2024-12-18T03:00:00+01:00".into(),
        date: "2024-12-18".into(),
        success: true,
        archive: Some(name("backup-20241218-030000.tar.gz")),
        size: Some("1.2 MB".into()),
        backups_count: 7,
        retention_days: 7,
        error: None,
        code: None,
        warnings: vec![],
        job: None,
        duration_ms: 12,
    };
    for _ in 0..2 {
        store.write_status(&status).unwrap();
    }
    let json = store.status().unwrap();
    assert_eq!(json["timestamp"], "2024-12-18T03:00:00+01:00");
    assert_eq!(json["archive"], "backup-20241218-030000.tar.gz");
    assert!(json.get("error").is_none());
    let mode = fs::metadata(store.file("last-backup-status.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    fs::write(store.file("last-backup-status.json"), b"half").unwrap();
    assert_eq!(store.status(), None);
}

#[test]
fn the_log_keeps_its_newest_lines_and_one_line_an_event() {
    let store = Box_::new();
    let now = at("2024-12-18T02:00:00Z");
    store.log(&now, Level::Warning, "two\nlines").unwrap();
    assert_eq!(store.log_tail(1000), "2024-12-18T03:00:00+01:00 WARNING two lines\n");
    let long = "x".repeat(1000);
    for _ in 0..600 {
        store.log(&now, Level::Info, &long).unwrap();
    }
    store.log(&now, Level::Error, "the last").unwrap();
    let size = fs::metadata(store.file("backup.log")).unwrap().len();
    assert!((200_000..600_000).contains(&size), "{size}");
    let tail = store.log_tail(2000);
    assert!(tail.ends_with("ERROR the last\n") && tail.starts_with("2024-12-18"), "{tail}");
    let part = store.log_part(Level::Warning, 10).unwrap();
    let texts: Vec<_> = part.entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!((texts, part.complete), (vec!["the last"], true), "the first warning was let go");
}

#[test]
fn a_log_that_another_program_let_grow_is_not_told_as_complete() {
    let store = Box_::new();
    let line = format!("2024-12-18T03:00:00+01:00 ERROR {}\n", "x".repeat(1000));
    store.foreign("backup.log", line.repeat(1000).as_bytes(), "2024-12-18T02:00:00Z");
    let part = store.log_part(Level::Error, 2000).unwrap();
    assert!((400..1000).contains(&part.entries.len()) && !part.complete, "{}", part.entries.len());
    assert!(part.entries.iter().all(|entry| entry.text.len() == 1000), "no line is cut");
}

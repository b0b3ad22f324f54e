//! Retention applied to real files.

use super::*;

#[test]
fn the_field_test_two_empty_files_of_8_and_9_days_ago_go() {
    let store = Box_::new();
    store.foreign("backup-20241210-030000.tar.gz", b"", "2024-12-10T02:00:00Z");
    store.foreign("backup-20241209-030000.tar.gz", b"", "2024-12-09T02:00:00Z");
    let fresh = store.backup_at("2024-12-18T02:00:00Z");
    for name in store.unverified().unwrap() {
        store.verify(&name).unwrap();
    }
    let pruned =
        store.prune(&policy(), at("2024-12-18T02:00:05Z").timestamp(), &store.lock().unwrap()).unwrap();
    assert_eq!(pruned.deleted, 2);
    assert_eq!(store.names(), [fresh.as_str()]);
    assert_eq!(store.catalogue().unwrap().archives.len(), 1);
}

#[test]
fn a_plan_deletes_nothing_and_says_what_a_prune_then_does() {
    let store = Box_::new();
    for day in 10..=18 {
        store.backup_at(&format!("2024-12-{day}T02:00:00Z"));
        store.touch(&format!("backup-202412{day}-030000.tar.gz"), &format!("2024-12-{day}T02:00:00Z"));
    }
    for name in store.unverified().unwrap() {
        store.verify(&name).unwrap();
    }
    let now = at("2024-12-30T02:00:00Z").timestamp();
    let plan = store.plan_prune(&policy(), now).unwrap();
    assert_eq!(store.names().len(), 9);
    let pruned = store.prune(&policy(), now, &store.lock().unwrap()).unwrap();
    assert_eq!(pruned.verdicts, plan);
    assert_eq!((pruned.deleted, store.names().len()), (6, 3));
    assert!(pruned.freed_bytes > 0);
    let again = store.prune(&policy(), now, &store.lock().unwrap()).unwrap();
    assert_eq!(again.deleted, 0);
}

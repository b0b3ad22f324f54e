//! Which archives go, and that no others do.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

use crate::club::{Club, names_in, touch};
use crate::older::name_of;

#[test]
fn the_field_test_two_empty_files_of_8_and_9_days_ago_are_gone_after_a_run() {
    let club = Club::new();
    let (eight, nine) = (club.empty(8), club.empty(9));
    let name = club.run();
    assert_eq!(club.archives().into_keys().collect::<Vec<_>>(), std::slice::from_ref(&name));
    assert!(!club.backup(&eight).exists() && !club.backup(&nine).exists());
    assert_eq!(club.status()["backups_count"], 1);
    assert_eq!(club.listed(), [name]);
}

#[test]
fn an_archive_of_less_than_the_days_stays() {
    let club = Club::new();
    let (six, eight) = (club.empty(6), club.empty(8));
    club.run();
    assert!(club.backup(&six).exists() && !club.backup(&eight).exists());
    club.configure("[retention]\ndays = 5\n");
    club.run();
    assert!(!club.backup(&six).exists());
}

#[test]
fn the_three_newest_that_verify_stay_whatever_their_age() {
    let club = Club::new();
    let old: Vec<_> = (20..25).map(|days| club.legacy(days)).collect();
    let name = club.run();
    assert_eq!(club.listed(), [&name, &old[0], &old[1]].map(String::clone));
}

#[test]
fn corrupt_and_empty_archives_never_count_for_the_floor() {
    let club = Club::new();
    let good: Vec<_> = [30, 31, 32].map(|days| club.legacy(days)).into();
    for days in 10..15 {
        club.empty(days);
    }
    for days in 15..20 {
        let half = fs::read(club.backup(&good[0])).unwrap();
        club.put(days, &half[..half.len() / 2]);
    }
    let name = club.run();
    assert_eq!(club.listed(), [&name, &good[0], &good[1]].map(String::clone));
}

#[test]
fn a_run_that_fails_deletes_nothing() {
    let club = Club::new();
    let old: Vec<_> = [8, 9, 20].map(|days| club.empty(days)).into();
    fs::remove_file(club.at("webapp/configuration.json")).unwrap();
    for _ in 0..3 {
        club.say(&["run"]).failed(1);
    }
    assert!(old.iter().all(|name| club.backup(name).exists()));
}

#[test]
fn a_pinned_archive_stays_until_it_is_unpinned() {
    let club = Club::new();
    let pinned = club.legacy(40);
    for days in [20, 21, 22] {
        club.legacy(days);
    }
    club.done(&["pin", &pinned]);
    club.run();
    assert!(club.listed().contains(&pinned));
    let said = club.say(&["delete", &pinned]).failed(1);
    assert!(said.contains("Gardée"), "{said}");
    assert!(club.backup(&pinned).exists());
    club.done(&["unpin", &pinned]);
    club.run();
    assert!(!club.listed().contains(&pinned));
}

#[test]
fn foreign_files_are_left_alone_and_never_listed() {
    let club = Club::new();
    // Once: the next one may be another second's.
    let (old, older) = (name_of(30), name_of(31));
    let foreign =
        ["notes.txt".to_owned(), format!("{old}.bak"), "backup-2024.tar.gz".into(), ".hidden".into()];
    for name in &foreign {
        fs::write(club.backup(name), "").unwrap();
        touch(&club.backup(name), 1_000_000_000);
    }
    symlink("/etc/passwd", club.backup(&old)).unwrap();
    fs::create_dir(club.backup(&older)).unwrap();
    let name = club.run();
    assert_eq!(club.listed(), [name]);
    let names = names_in(&club.at("backups"));
    assert!(foreign.iter().chain([&old, &older]).all(|name| names.contains(name)), "{names:?}");
}

#[test]
fn prune_dry_run_prints_a_verdict_and_its_reason_a_line_and_deletes_nothing() {
    let club = Club::new();
    let pinned = club.legacy(40);
    club.done(&["pin", &pinned]);
    let name = club.run();
    let young = club.empty(2);
    let empty = club.empty(8);
    let good: Vec<_> = [20, 21, 22].map(|days| club.legacy(days)).into();
    let before = club.archives();
    let said = club.done(&["prune", "--dry-run"]);
    assert_eq!(club.archives(), before);
    let expected = [
        (&name, "gardée : parmi les 3 plus récentes vérifiées"),
        (&young, "gardée : moins de 7 jours"),
        (&empty, "à supprimer : plus de 7 jours"),
        (&good[0], "gardée : parmi les 3 plus récentes vérifiées"),
        (&good[1], "gardée : parmi les 3 plus récentes vérifiées"),
        (&good[2], "à supprimer : plus de 7 jours"),
        (&pinned, "gardée : épinglée"),
    ];
    let lines: String = expected.map(|(name, reason)| format!("{name}  {reason}\n")).concat();
    assert_eq!(said, lines, "what nobody has read yet is judged by its worth, too");

    let json = club.json(&["prune", "--dry-run"]);
    let going: BTreeSet<_> = json
        .as_array()
        .unwrap()
        .iter()
        .filter(|verdict| verdict["keep"] == false)
        .collect::<Vec<_>>()
        .iter()
        .map(|verdict| verdict["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(club.done(&["prune"]), lines, "and prune does what it said");
    let gone = before.into_keys().filter(|name| !club.backup(name).exists());
    assert_eq!(gone.collect::<BTreeSet<_>>(), going);
}

#[test]
fn daily_weekly_and_monthly_ones_are_kept_where_asked() {
    let club = Club::new();
    club.configure("[retention]\ndays = 1\nkeep_daily = 6\n");
    let old: Vec<_> = (2..12).map(|days| club.legacy(days)).collect();
    let name = club.run();
    assert_eq!(club.listed(), [vec![name], old[..5].to_vec()].concat());
}

//! A card that answers with errors: one clear sentence, exit status 1, nothing old is
//! lost, and the next run is as if nothing had been.

use std::collections::BTreeSet;
use std::fs;

use crate::club::{Club, Said};
use crate::kill::Victim;
use crate::tools::lacks;
use crate::unprivileged::lock_away;

/// Lets each of these calls fail once with this error, one run a call.
fn failing_at_every(calls: &[&str], error: &str) {
    if lacks(&["strace"]) {
        return;
    }
    let mut victim = Victim::new(Club::new());
    let mut failures = 0;
    for (call, count) in victim.club.count_calls(calls) {
        for nth in 1..=count {
            victim.again();
            let traced = victim.club.trace(&call, Some(&format!("{call}:error={error}:when={nth}")));
            let line = traced.injected().unwrap_or_default().to_owned();
            let what = format!("{error} at {call} {nth} of {count}: {line}");
            // Without its archive or its status a run has failed; what is only remembered,
            // or shown meanwhile, can be a warning.
            if line.contains("/backups/.neopro-backup-") || traced.said.status != Some(0) {
                failures += 1;
                let said = traced.said.failed(1);
                let sentence = if error == "ENOSPC" { "isque plein" } else { "Erreur du disque" };
                assert!(said.contains(sentence), "{what}: {said}");
                assert_eq!(victim.club.status()["success"], false, "{what}");
                assert!(victim.club.status()["error"].is_string(), "{what}");
            }
            victim.assert_sound(&what);
        }
    }
    assert!(failures >= 4, "only {failures} failures");
}

#[test]
fn a_sync_that_fails_is_final_and_clear() {
    failing_at_every(&["fsync", "fdatasync"], "EIO");
}

#[test]
fn a_rename_that_fails_is_clear() {
    failing_at_every(&["rename", "renameat", "renameat2"], "EIO");
}

#[test]
fn a_write_that_fails_is_clear() {
    failing_at_every(&["write"], "EIO");
}

#[test]
fn a_card_that_becomes_full_is_said_to_be_full() {
    failing_at_every(&["write", "fsync", "renameat", "renameat2"], "ENOSPC");
}

#[test]
fn an_archive_whose_sync_failed_is_not_published() {
    if lacks(&["strace"]) {
        return;
    }
    let mut victim = Victim::new(Club::new());
    for nth in 1..=20 {
        victim.again();
        let before = victim.club.archives();
        let traced = victim.club.trace("fsync", Some(&format!("fsync:error=EIO:when={nth}")));
        let first_of_backups = |line: &&String| line.contains("/backups/.neopro-backup-");
        if traced.lines.iter().find(first_of_backups).is_some_and(|line| line.contains("INJECTED")) {
            assert_eq!(victim.club.archives(), before);
            return;
        }
        // The next run must not have more to do than this one had.
        victim.club.run();
    }
    panic!("the archive was never synced");
}

#[test]
fn a_required_source_that_cannot_be_read_fails_the_run_and_an_optional_one_does_not() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    for (path, status) in [("webapp/configuration.json", 1), ("sync-agent/.env", 0)] {
        let source = club.at(path);
        let strace = ["strace", "-f", "-o", "/dev/null", "-P", source.to_str().unwrap()];
        let inject = ["-e", "trace=read", "-e", "inject=read:error=EIO"];
        let words = [&strace[..], &inject].concat();
        let said = Said::of(&mut club.command_by(&words, &["run"]));
        assert_eq!(said.status, Some(status), "{said:?}");
        let told = club.status().to_string();
        assert!(told.contains(path) && told.contains("Input/output error"), "{told}");
    }
}

/// The command, for which a call of one path's fails: each of them, or one.
fn failing_of(club: &Club, arguments: &[&str], path: &str, calls: &str, when: Option<usize>) -> Said {
    let path = club.at(path);
    let trace = format!("trace={calls}");
    let nth = when.map_or(String::new(), |nth| format!(":when={nth}"));
    let inject = format!("inject={calls}:error=EIO{nth}");
    let path = path.to_str().unwrap();
    let strace = ["strace", "-f", "-o", "/dev/null", "-P", path, "-e", &trace, "-e", &inject];
    Said::of(&mut club.command_by(&strace, arguments))
}

#[test]
fn pins_that_cannot_be_read_let_nothing_go() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let pinned = club.empty(9);
    club.done(&["pin", &pinned]);
    for command in ["run", "prune"] {
        let said = failing_of(&club, &[command], "state/pins", "openat", None);
        assert!(club.backup(&pinned).exists(), "{command}: {said:?}");
        assert!(said.err.contains("state/pins"), "{said:?}");
        assert_eq!(said.status, Some(i32::from(command == "prune")), "{said:?}");
    }
    let pin = format!("state/pins/{pinned}");
    let said = failing_of(&club, &["delete", &pinned], &pin, "statx", None);
    assert!(club.backup(&pinned).exists() && said.status == Some(1), "{said:?}");
}

#[test]
fn a_choice_of_the_panel_that_cannot_be_read_lets_nothing_go() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.run();
    fs::write(club.at("state/settings.json"), r#"{"retention":{"days":30}}"#).unwrap();
    let kept = club.empty(9);
    for command in ["run", "prune"] {
        let mut told = 0;
        // Each reading of it alone, and all of them.
        for when in (1..=8).map(Some).chain([None]) {
            let said = failing_of(&club, &[command], "state/settings.json", "openat", when);
            assert!(club.backup(&kept).exists(), "{command}, reading {when:?}: {said:?}");
            told += usize::from(said.err.contains("settings.json"));
        }
        assert!(told >= 2, "{command}: {told}");
    }
}

#[test]
fn a_catalogue_that_cannot_be_read_once_gives_no_number_twice() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.run();
    for nth in 1..=12 {
        failing_of(&club, &["run"], "state/catalogue.json", "openat", Some(nth));
        club.run();
        let list = club.json(&["list"]);
        let numbers: Vec<_> =
            list["backups"].as_array().unwrap().iter().map(|one| &one["sequence"]).collect();
        let different: BTreeSet<_> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), numbers.len(), "reading {nth}: {numbers:?}");
        assert_eq!(club.status()["archive"], list["backups"][0]["name"], "reading {nth}");
    }
}

#[test]
fn a_catalogue_that_can_never_be_read_again_is_made_anew() {
    let club = Club::new();
    club.say_unprivileged(&["run"]).done();
    club.say_unprivileged(&["run"]).done();
    lock_away(&club.at("state/catalogue.json"));
    club.say_unprivileged(&["run"]).done();
    let list = club.json(&["list"]);
    let numbers: Vec<_> =
        list["backups"].as_array().unwrap().iter().map(|one| one["sequence"].clone()).collect();
    assert_eq!(numbers, [3, 2, 1]);
}

#[test]
fn a_disk_that_does_not_answer_is_not_called_full() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let said = failing_of(&club, &["run"], "backups", "statfs", None).failed(1);
    assert!(said.contains("Erreur du disque") && !said.contains("isque plein"), "{said}");
}

#[test]
fn a_run_that_is_killed_after_its_last_word_is_not_told_as_interrupted() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.configure("[schedule]\nmanager = 'local'\n[restore]\nservices = []\n");
    let name = club.run();
    // The lock is named when it is taken and emptied when it is let go.
    let traced = club.trace("ftruncate", Some("ftruncate:signal=KILL:when=2"));
    assert_eq!(traced.said.status, None, "{:?}", traced.lines);
    let status = club.status();
    assert_eq!(status["success"], true);
    club.done(&["restore", &name, "--yes"]);
    assert_eq!(club.status(), status);
}

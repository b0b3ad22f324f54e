//! A card that answers with errors: one clear sentence, exit status 1, nothing old is
//! lost, and the next run is as if nothing had been.

use crate::club::Club;
use crate::kill::Victim;
use crate::tools::lacks;

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
        let said = crate::club::Said::of(&mut club.command_by(&words, &["run"]));
        assert_eq!(said.status, Some(status), "{said:?}");
        let told = club.status().to_string();
        assert!(told.contains(path) && told.contains("Input/output error"), "{told}");
    }
}

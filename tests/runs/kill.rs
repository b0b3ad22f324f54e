//! `kill -9` at any moment: no listed archive is broken, no old one is touched, and
//! the next run cleans up.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use crate::club::Club;
use crate::tools::lacks;
use crate::traced::CHANGING;

/// A club with two good archives, and before each run two that it will prune.
pub(crate) struct Victim {
    pub(crate) club: Club,
    good: BTreeMap<String, Vec<u8>>,
    expired: Vec<String>,
}

impl Victim {
    pub(crate) fn new(club: Club) -> Self {
        club.run();
        club.run();
        let good = club.archives();
        let mut victim = Self { club, good, expired: Vec::new() };
        victim.again();
        victim
    }

    /// The two good archives and two expired ones, nothing else.
    pub(crate) fn again(&mut self) {
        for name in self.club.archives().keys().filter(|name| !self.good.contains_key(*name)) {
            fs::remove_file(self.club.backup(name)).unwrap();
        }
        self.expired = vec![self.club.empty(8), self.club.empty(9)];
    }

    /// What must hold after whatever was done to a run; then a run that must succeed.
    pub(crate) fn assert_sound(&self, what: &str) {
        let club = &self.club;
        let archives = club.archives();
        for (name, content) in &self.good {
            assert!(archives.get(name) == Some(content), "{what}: {name} is not as it was");
        }
        assert!(club.status()["success"].is_boolean(), "{what}: a whole status, old or new");
        for verdict in club.json(&["verify", "--all"]).as_array().unwrap() {
            let name = verdict["name"].as_str().unwrap();
            let fine = verdict["verification"] == "verified" || self.expired.iter().any(|e| e == name);
            assert!(fine, "{what}: {verdict}");
        }
        let name = club.say(&["run"]).done();
        let status = club.status();
        assert_eq!(status["success"], true, "{what}: {name}");
        club.assert_swept(what);
        club.assert_all_verify(what);
        let listed = club.listed();
        assert!(self.good.keys().all(|good| listed.contains(good)), "{what}: {listed:?}");
        assert!(!self.expired.iter().any(|expired| listed.contains(expired)), "{what}: {listed:?}");
        assert_eq!(status["archive"], listed[0].as_str(), "{what}: the newest stands first");
    }
}

/// Kills a run at the beginning of each of these calls, one run a call.
fn killed_at_every(calls: &[&str], at_least: usize) {
    if lacks(&["strace"]) {
        return;
    }
    let mut victim = Victim::new(Club::new());
    let mut kills = 0;
    for (call, count) in victim.club.count_calls(calls) {
        for nth in 1..=count {
            victim.again();
            let what = format!("killed at {call} {nth} of {count}");
            let traced = victim.club.trace(&call, Some(&format!("{call}:signal=KILL:when={nth}")));
            // A run whose clock ticked otherwise may have made one call less.
            kills += usize::from(traced.said.status.is_none());
            victim.assert_sound(&what);
        }
    }
    assert!(kills >= at_least, "only {kills} kills");
}

#[test]
fn killed_at_every_write_the_next_run_cleans_up() {
    killed_at_every(&["write"], 12);
}

#[test]
fn killed_at_every_opening_the_next_run_cleans_up() {
    killed_at_every(&["openat"], 30);
}

#[test]
fn killed_at_every_other_change_the_next_run_cleans_up() {
    let others: Vec<_> = CHANGING.into_iter().filter(|call| !["write", "openat"].contains(call)).collect();
    killed_at_every(&others, 25);
}

#[test]
fn killed_at_any_time_among_five_thousand_videos_the_next_run_cleans_up() {
    const KILLS: u32 = 30;
    let mut victim = Victim::new(Club::with_videos(5000));
    let begun = Instant::now();
    victim.club.run();
    let length = begun.elapsed();
    for kill in 0..KILLS {
        victim.again();
        let mut command = victim.club.command(&["run"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The moment is what is tested; whether it hits the run is not.
        thread::sleep(length * kill / KILLS);
        child.kill().unwrap();
        child.wait().unwrap();
        victim.assert_sound(&format!("killed after {kill} parts of {KILLS}"));
    }
}

#[test]
fn what_a_killed_run_left_is_swept_and_nothing_else() {
    let club = Club::new();
    fs::create_dir(club.at("state")).unwrap();
    let kept = [".neopro-backup-notes", "other.partial", ".neopro-backup-ab.partial.txt"];
    for folder in ["backups", "state"] {
        for name in kept.iter().chain(&[".neopro-backup-Ab3dEf.partial"]) {
            fs::write(club.at(folder).join(name), "half an archive").unwrap();
        }
        fs::create_dir(club.at(folder).join(".neopro-backup-folder.partial")).unwrap();
    }
    club.run();
    for folder in ["backups", "state"] {
        let folder = club.at(folder);
        assert!(!folder.join(".neopro-backup-Ab3dEf.partial").exists());
        assert!(folder.join(".neopro-backup-folder.partial").is_dir());
        assert!(kept.iter().all(|name| folder.join(name).exists()));
    }
    assert!(club.log().contains(" 2 fichiers temporaires "), "{}", club.log());
}

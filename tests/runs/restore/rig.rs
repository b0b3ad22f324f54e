//! A restore that is done something to, again and again from the same beginning.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::Command;

use nix::fcntl::{Flock, FlockArg};

use super::State;
use crate::club::{Club, Said, names_in};
use crate::traced::{Traced, call_of};

/// What holds the club: all of it is put back for each round.
const PARTS: [&str; 6] = ["webapp", "sync-agent", "site.conf", "backups", "state", "run"];

/// A club in which this command changes the files from the old state to the new one.
pub(super) struct Rig {
    pub(super) club: Club,
    pub(super) command: Vec<String>,
    pub(super) old: State,
    pub(super) new: State,
}

/// A call of the command's, the first of its kind being number one.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) nth: usize,
    pub(super) line: String,
}

impl Rig {
    /// A restore that replaces two files and makes a third, after one that can be taken back.
    pub(super) fn of_restore() -> Self {
        let (club, name) = Self::club();
        Self::new(club, &["restore", &name, "--yes"])
    }

    /// Its undo, which removes that third file.
    pub(super) fn of_undo() -> Self {
        let (club, name) = Self::club();
        club.restore(&name).done();
        Self::new(club, &["restore", "--undo", "--yes"])
    }

    fn club() -> (Club, String) {
        let club = Club::restorable();
        // Small: what is large makes more calls of the same kind.
        fs::write(club.at(super::FILES[0]), "{\"name\": \"Évreux\"}\n").unwrap();
        let name = club.run();
        fs::write(club.at(super::FILES[2]), "SITE=0\n").unwrap();
        club.restore(&name).done();
        club.spoil();
        (club, name)
    }

    fn new(club: Club, command: &[&str]) -> Self {
        let command = command.iter().map(ToString::to_string).collect();
        let old = club.state();
        let mut rig = Self { club, command, new: old.clone(), old };
        rig.keep("kept");
        rig.say().done();
        rig.new = rig.club.state();
        assert_ne!(rig.old, rig.new);
        rig.again();
        rig
    }

    fn arguments(&self) -> Vec<&str> {
        self.command.iter().map(String::as_str).collect()
    }

    pub(super) fn say(&self) -> Said {
        self.club.say(&self.arguments())
    }

    /// All is as it was at the beginning.
    pub(super) fn again(&self) {
        self.back_to("kept");
        assert_eq!(self.club.state(), self.old);
    }

    /// Keeps all that there is in this folder.
    pub(super) fn keep(&self, folder: &str) {
        fs::create_dir(self.club.at(folder)).unwrap();
        copy(&self.club, "", folder);
    }

    /// All is as it was when it was kept there.
    pub(super) fn back_to(&self, folder: &str) {
        for part in PARTS {
            let path = self.club.at(part);
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        }
        copy(&self.club, folder, "");
    }

    /// The calls of these kinds from the first look at the club's places on: what is before
    /// is a backup, and has its own tests.
    pub(super) fn calls(&self, kinds: &[&str]) -> Vec<Call> {
        let traced = self.trace(&kinds.join(","), &[]);
        let calls = numbered(&traced, kinds);
        traced.said.done();
        self.again();
        let begin = calls.iter().position(|call| call.line.contains("/state/restore/.neopro-backup-"));
        let begin = begin.or_else(|| calls.iter().position(|call| is_beside(&call.line)));
        calls[begin.expect("the restore's first call")..].to_vec()
    }

    /// The command with something done to it.
    pub(super) fn trace(&self, calls: &str, inject: &[&str]) -> Traced {
        self.club.trace_of(&self.arguments(), calls, inject)
    }

    /// Goes back, as the next start does; the files are whole, old or new, and nothing is left.
    /// Says whether they are the new ones.
    pub(super) fn assert_all_or_none(&self, what: &str) -> bool {
        let club = &self.club;
        let said = club.say(&["restore", "--resume"]);
        assert_eq!(said.status, Some(0), "{what}: {said:?}");
        let now = club.state();
        assert!(now == self.old || now == self.new, "{what}: mixed: {now:?}");
        club.assert_nothing_left(what);
        self.assert_pins(what);
        let lock = File::options().read(true).write(true).open(club.at("state/run.lock")).unwrap();
        drop(Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| "held").expect(what));
        now == self.new
    }

    /// The same, and then a backup.
    pub(super) fn assert_sound(&self, what: &str) -> bool {
        let is_new = self.assert_all_or_none(what);
        let before = self.club.state();
        let said = self.club.say(&["run"]);
        assert_eq!(said.status, Some(0), "{what}: {said:?}");
        assert_eq!(self.club.state(), before, "{what}");
        self.club.assert_swept(what);
        self.club.assert_all_verify(what);
        is_new
    }

    /// The copy that leads back is pinned, and no other.
    fn assert_pins(&self, what: &str) {
        let pins: BTreeSet<_> = names_in(&self.club.at("state/pins")).into_iter().collect();
        let safety = self.club.last_restore()["undo"]["safety"].as_str().map(str::to_owned);
        assert_eq!(pins, safety.into_iter().collect(), "{what}: pins");
    }
}

/// The traced calls of these kinds, each with its number.
pub(super) fn numbered(traced: &Traced, kinds: &[&str]) -> Vec<Call> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let lines = traced.lines.iter();
    lines
        .filter_map(|line| {
            let name = call_of(line).filter(|name| kinds.contains(name))?;
            let count = counts.entry(name).or_default();
            *count += 1;
            Some(Call { name: name.to_owned(), nth: *count, line: line.clone() })
        })
        .collect()
}

/// Whether strace's line is of a name of ours beside a file of the club's.
pub(super) fn is_beside(line: &str) -> bool {
    ["-old.partial", "-new.partial"].iter().any(|end| line.contains(end))
}

/// Copies all parts from one folder into another.
fn copy(club: &Club, from: &str, to: &str) {
    let mut cp = Command::new("cp");
    let parts = PARTS.map(|part| club.at(from).join(part));
    Said::of(cp.arg("-a").args(parts).arg(club.at(to))).done();
}

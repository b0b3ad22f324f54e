//! A clock that cannot be believed: a backup is always made, nothing is deleted by it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::{Timestamp, ToSpan};
use nix::fcntl::{Flock, FlockArg};

use crate::club::{Club, Said, local, touch};
use crate::tools::{faketime, lacks};

/// Makes it a command whose wall clock is faked; the clock since boot and files' times are not.
fn fake(command: &mut Command) -> &mut Command {
    command.env("LD_PRELOAD", faketime().unwrap());
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1")
}

/// Sets the clock that a program looks at in this file, at once.
fn set_clock(file: &Path, faked: &str) {
    let new = file.with_extension("new");
    fs::write(&new, faked).unwrap();
    fs::rename(new, file).unwrap();
}

impl Club {
    /// A run under a wall clock that is wrong by so many days; the clock since boot is not.
    fn run_shifted(&self, days: i64) -> String {
        let then = local(Timestamp::now() + (24 * days).hours());
        self.run_under(&then.strftime("@%Y-%m-%d %H:%M:%S").to_string())
    }

    fn run_under(&self, faked: &str) -> String {
        let mut command = self.command(&["run"]);
        Said::of(fake(&mut command).env("FAKETIME", faked)).done();
        self.status()["archive"].as_str().unwrap().to_owned()
    }

    fn warnings(&self) -> String {
        self.status()["warnings"].to_string()
    }
}

#[test]
fn before_the_release_date_a_backup_is_made_nothing_is_deleted_and_it_is_said() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    let old = [club.empty(8), club.empty(30)];
    let name = club.run_under("@2016-11-03 18:17:02");
    assert_eq!(name, "backup-20161103-181702.tar.gz");
    assert!(club.warnings().contains("date impossible"), "{}", club.warnings());
    assert!(old.iter().all(|name| club.backup(name).exists()));
    assert_eq!(club.manifest(&name)["clock_trusted"], false);
    // On a device the file's own time is as wrong as its name. Made a moment ago all the
    // same: a right clock must not delete it, even below the floor.
    touch(&club.backup(&name), 1_478_193_422);
    let mut made = [vec![name], (0..4).map(|_| club.run()).collect()].concat();
    made.reverse();
    assert_eq!(club.listed(), made, "in the order of making, without the expired");
}

#[test]
fn a_jump_of_ten_years_and_back_loses_no_archive_and_pruning_resumes_at_the_second_right_run() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    let mut made = vec![club.run()];
    let expired = club.empty(9);
    made.push(club.run_shifted(3653));
    assert!(club.warnings().contains("saut"), "{}", club.warnings());
    assert!(club.backup(&expired).exists(), "not by a clock that jumped");
    made.push(club.run_shifted(3654));
    assert!(club.warnings().contains("saut"), "{}", club.warnings());
    made.push(club.run());
    assert!(club.warnings().contains("reculé"), "{}", club.warnings());
    assert!(club.backup(&expired).exists(), "not at the first right run");
    made.push(club.run());
    assert_eq!(club.warnings(), "[]");
    assert!(!club.backup(&expired).exists(), "at the second");
    made.reverse();
    assert_eq!(club.listed(), made, "in the order of making, and none is lost");
    assert!(club.say(&["check"]).out.starts_with("OK: "), "{:?}", club.say(&["check"]));
}

#[test]
fn years_of_nights_under_a_wrong_clock_cost_no_good_archive() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    let good: Vec<_> = (0..4).map(|_| club.run()).collect();
    for days in [400, -400, 800, -800, 4000, -3000] {
        club.run_shifted(days);
        assert!(good.iter().all(|name| club.backup(name).exists()), "{days}");
    }
    club.run();
    club.run();
    assert!(good.iter().all(|name| club.backup(name).exists()));
    assert_eq!(club.listed().len(), 12);
    club.assert_all_verify("after all the jumps");
}

#[test]
fn a_clock_that_is_moved_while_a_run_works_prunes_nothing() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    let expired = club.empty(9);
    // A clock that runs a million times too fast: a millisecond of the run is a quarter of an hour.
    club.run_under("+0 x1000000");
    assert!(club.warnings().contains("saut"), "{}", club.warnings());
    assert!(club.backup(&expired).exists());
}

#[test]
fn a_run_that_waited_for_another_is_dated_by_the_clock_that_was_judged() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let lock = File::options().write(true).open(club.at("state/run.lock")).unwrap();
    let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).unwrap();
    let clock = club.at("clock");
    set_clock(&clock, "@2016-11-03 18:17:02\n");
    let mut command = club.command(&["run", "--wait", "--json"]);
    fake(&mut command).env("FAKETIME_TIMESTAMP_FILE", &clock).env("FAKETIME_NO_CACHE", "1");
    let mut run = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().any(|line| line.unwrap().contains("\"prepare\"")));
    // It has looked at the clock, and waits.
    set_clock(&clock, "+0\n");
    drop(lock);
    lines.for_each(|line| drop(line.unwrap()));
    assert!(run.wait().unwrap().success());
    let name = club.status()["archive"].as_str().unwrap().to_owned();
    assert_eq!(club.manifest(&name)["clock_trusted"], true);
    assert!(!name.starts_with("backup-2016"), "{name} is trusted");
}

#[test]
fn a_lost_catalogue_costs_no_archive_its_place() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    let mut made: Vec<_> = (0..4).map(|_| club.run()).collect();
    for name in made.drain(..2) {
        club.done(&["delete", &name]);
    }
    fs::remove_file(club.at("state/catalogue.json")).unwrap();
    // The catalogue is begun anew by something that says nothing of the numbers so far.
    let empty = club.empty(9);
    club.say(&["verify", &empty]).failed(1);
    made.push(club.run_shifted(-400));
    made.reverse();
    let listed: Vec<_> = club.listed().into_iter().filter(|name| *name != empty).collect();
    assert_eq!(listed, made);
}

#[test]
fn prune_refuses_under_a_clock_that_went_back() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    club.run_shifted(40);
    let expired = club.empty(9);
    let said = club.say(&["prune"]).failed(1);
    assert!(said.contains("reculé"), "{said}");
    assert!(club.backup(&expired).exists());
}

#[test]
fn names_follow_the_zone_and_the_change_of_summer_time_costs_none() {
    if lacks(&["faketime"]) {
        return;
    }
    let club = Club::new();
    // 02:30 comes twice on this night; the program runs in both hours.
    let first = club.run_under("@2027-10-31 02:30:00");
    let second = club.run_under("@2027-10-31 02:30:00");
    assert_eq!(first[..20], *"backup-20271031-0230");
    assert_ne!(first, second);
    assert_eq!(club.listed(), [second, first]);
}

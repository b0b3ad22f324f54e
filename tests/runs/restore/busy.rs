//! One at a time: a restore beside a backup, and beside a restore.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::club::Club;
use crate::tools::lacks;

#[test]
fn while_another_job_holds_the_lock_a_restore_is_refused_and_so_is_going_back() {
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = (club.state(), club.archives(), club.log());
    for holder in ["backup-0193d8a2c4f0-5e1b9c3a", "restore-0193d8a2c4f0-5e1b9c3a"] {
        let lock = File::options().read(true).write(true).open(club.at("state/run.lock")).unwrap();
        let held = Flock::lock(lock, FlockArg::LockExclusive).unwrap();
        fs::write(club.at("state/run.lock"), holder).unwrap();
        let said = club.say(&["restore", &name, "--yes", "--json"]);
        assert!(said.out.contains("\"code\":\"run_in_progress\""), "{said:?}");
        assert!(said.failed(1).contains("est déjà en cours"));
        assert_eq!((club.state(), club.archives(), club.log()), before);
        drop(held);
    }
    club.restore(&name).done();
}

#[test]
fn a_backup_and_a_restore_are_refused_while_a_restore_stands_still() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = club.state();
    // It stands still in its midst, and is this process' own child: strace is its child.
    let stop = ["-e", "trace=linkat", "-e", "inject=linkat:signal=STOP:when=2"];
    let strace = [&["strace", "-D", "-f", "-o", "/dev/null"][..], &stop].concat();
    let mut command = club.command_by(&strace, &["restore", &name, "--yes", "--json"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line.contains("\"step\":\"apply\"")));
    let beside = || crate::club::names_in(&club.at("webapp")).concat().contains("-new.partial");
    while !beside() {
        thread::sleep(Duration::from_millis(1));
    }
    for other in [&["run"][..], &["restore", &name, "--yes"], &["restore", "--resume"]] {
        let said = club.say(other);
        assert!(said.failed(1).contains("est déjà en cours"), "{other:?}");
        assert_eq!(club.state(), before, "{other:?}");
    }
    let process = Pid::from_raw(child.id().cast_signed());
    let ended = loop {
        kill(process, Signal::SIGCONT).unwrap();
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(ended.success(), "nobody disturbed it");
    assert_ne!(club.state(), before);
    club.assert_nothing_left("after all");
}

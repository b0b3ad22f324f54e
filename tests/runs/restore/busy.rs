//! One at a time: a restore beside a backup, and beside a restore.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::FILES;
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

/// A restore that stands still before it keeps its file of this number.
struct Standing {
    child: Child,
}

impl Standing {
    fn before_file(club: &Club, name: &str, number: usize) -> Self {
        // It is this process' own child: strace is its child.
        let stop = format!("inject=linkat:signal=STOP:when={number}");
        let strace = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=linkat", "-e", &stop];
        let mut command = club.command_by(&strace, &["restore", name, "--yes", "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.by_ref().any(|line| line.contains("\"step\":\"apply\"")));
        // A restore does not end because nobody hears of it.
        drop(lines);
        while !club.at("state/restore/intent.json").exists() {
            thread::sleep(Duration::from_millis(1));
        }
        let standing = Self { child };
        // A moment's stop for strace itself is not told to a parent.
        let stopped = waitpid(standing.process(), Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert!(matches!(stopped, WaitStatus::Stopped(..)), "{stopped:?}");
        standing
    }

    fn process(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    fn go_on(mut self) -> ExitStatus {
        kill(self.process(), Signal::SIGCONT).unwrap();
        self.child.wait().unwrap()
    }
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
    let standing = Standing::before_file(&club, &name, 2);
    for other in [&["run"][..], &["restore", &name, "--yes"]] {
        let said = club.say(other);
        assert!(said.failed(1).contains("est déjà en cours"), "{other:?}");
        assert_eq!(club.state(), before, "{other:?}");
    }
    // Nothing was interrupted: it goes on by itself.
    club.done(&["restore", "--resume"]);
    assert_eq!(club.state(), before, "going back");
    assert!(standing.go_on().success(), "nobody disturbed it");
    assert_ne!(club.state(), before);
    club.assert_nothing_left("after all");
}

#[test]
fn a_file_that_is_written_meanwhile_stays_as_it_was_written() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    // After it was copied for safety, and before it is replaced.
    let standing = Standing::before_file(&club, &name, 1);
    fs::write(club.at(FILES[0]), "{\"name\": \"meanwhile\"}\n").unwrap();
    let written = club.state();
    assert_eq!(standing.go_on().code(), Some(1));
    assert!(club.log().contains("a changé pendant la restauration"), "{}", club.log());
    assert_eq!(club.state(), written);
    club.assert_nothing_left("written meanwhile");
    club.restore(&name).done();
}

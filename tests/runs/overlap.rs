//! Two at once: runs, and a run and a file of its name.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::club::{Club, Said, local};
use crate::tools::lacks;

type Lines = std::io::Lines<BufReader<ChildStdout>>;

fn start(command: &mut Command) -> (Child, Lines) {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = quiet.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

fn read_until(lines: &mut Lines, text: &str) {
    assert!(lines.by_ref().any(|line| line.unwrap().contains(text)), "no {text}");
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// A run that holds the lock and stands still.
fn stopped_run(club: &Club) -> (Child, Lines) {
    for _ in 0..20 {
        let (mut child, mut lines) = start(&mut club.command(&["run", "--json"]));
        read_until(&mut lines, "run.started");
        kill(pid(&child), Signal::SIGSTOP).unwrap();
        match waitpid(pid(&child), Some(WaitPidFlag::WUNTRACED)).unwrap() {
            WaitStatus::Stopped(..) => return (child, lines),
            // It was quicker.
            _ => drop(child.try_wait()),
        }
    }
    panic!("no run could be stopped");
}

fn go_on(child: &mut Child, lines: Lines) {
    kill(pid(child), Signal::SIGCONT).unwrap();
    lines.for_each(|line| drop(line.unwrap()));
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_second_run_is_told_that_one_is_going_on_and_changes_nothing() {
    let club = Club::with_videos(1000);
    club.run();
    let (mut first, lines) = stopped_run(&club);
    let before = (club.status(), club.archives(), club.log());
    let said = club.say(&["run"]).failed(1);
    assert!(said.contains("Une sauvegarde ou une restauration est déjà en cours."), "{said}");
    assert_eq!((club.status(), club.archives(), club.log()), before);
    go_on(&mut first, lines);
    club.assert_all_verify("after both");
}

#[test]
fn a_run_that_waits_succeeds_after_the_first() {
    let club = Club::with_videos(1000);
    let (mut first, lines) = stopped_run(&club);
    let (mut second, mut said) = start(&mut club.command(&["run", "--wait", "--json"]));
    // The kernel lists who waits for a lock.
    let waits =
        |locks: String| locks.lines().any(|l| l.contains("->") && l.contains(&format!(" {} ", second.id())));
    while !waits(fs::read_to_string("/proc/locks").unwrap()) {
        thread::sleep(Duration::from_millis(1));
    }
    let before = club.archives().len();
    go_on(&mut first, lines);
    read_until(&mut said, "\"success\":true");
    assert!(second.wait().unwrap().success());
    assert_eq!(club.archives().len(), before + 2);
    club.assert_all_verify("after both");
}

#[test]
fn a_file_that_takes_the_name_meanwhile_is_not_overwritten() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    let held = ["strace", "-f", "-o", "/dev/null", "-e", "trace=renameat2"];
    let inject = ["-e", "inject=renameat2:delay_enter=3000000:when=1"];
    let begun = local(Timestamp::now());
    let (mut child, mut lines) =
        start(&mut club.command_by(&[&held[..], &inject].concat(), &["run", "--json"]));
    read_until(&mut lines, "\"step\":\"publish\"");
    let foreign: Vec<_> = (0..5)
        .map(|second| (&begun + second.seconds()).strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string())
        .collect();
    for name in &foreign {
        fs::write(club.backup(name), "foreign").unwrap();
    }
    let rest: String = lines.map(Result::unwrap).collect();
    assert!(rest.contains("\"step\":\"write\""), "written again under another name: {rest}");
    assert!(child.wait().unwrap().success());
    for name in &foreign {
        assert_eq!(fs::read(club.backup(name)).unwrap(), b"foreign", "{name}");
    }
    let name = club.status()["archive"].as_str().unwrap().to_owned();
    assert!(!foreign.contains(&name));
    club.done(&["verify", &name]);
}

#[test]
fn many_runs_at_once_make_as_many_archives_as_they_say() {
    let club = Club::new();
    let runs: Vec<_> = (0..8).map(|_| start(&mut club.command(&["run", "--json"]))).collect();
    let made = runs.into_iter().filter(|_| true).map(|(mut child, lines)| {
        lines.for_each(|line| drop(line.unwrap()));
        child.wait().unwrap().success()
    });
    let made = made.collect::<Vec<_>>().into_iter().filter(|made| *made).count();
    assert!(made >= 1);
    assert_eq!(club.archives().len(), made);
    club.assert_all_verify("after all");
    club.assert_swept("after all");
    let waiting: Vec<_> = (0..4).map(|_| start(&mut club.command(&["run", "--wait", "--json"]))).collect();
    for (mut child, lines) in waiting {
        lines.for_each(|line| drop(line.unwrap()));
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(club.archives().len(), made + 4);
    assert_eq!(Said::of(&mut club.command(&["verify", "--all"])).status, Some(0));
}

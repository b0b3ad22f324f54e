//! A restore that is killed in its midst: the files of before are back, by themselves while
//! the panel is there, at its next start where it was killed too.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::create::process_with;
use crate::document::assert_error;
use crate::panel::Panel;
use crate::restore::{Files, spoil, state};
use crate::support::tools::lacks;
use crate::support::{Club, Connection, Daemon, request, until};

/// A panel whose restores stand still with one of three files replaced, and one of them.
struct HalfWay {
    panel: Panel,
    /// Waits for the restore's end.
    waiting: Connection,
    job: String,
    before: Files,
    after: Files,
}

impl HalfWay {
    fn new() -> Self {
        let club = Club::new();
        assert!(club.run(&["run"]).status.success());
        let after = state(&club);
        spoil(&club);
        let before = state(&club);
        let serve = club.command(&["serve", "--listen", "127.0.0.1:0"]);
        // In the daemon's own process, strace's child; it stays when the daemon goes.
        let folder = club.path("club");
        let mut strace = std::process::Command::new("strace");
        strace.args(["-D", "-f", "-o", "/dev/null", "-e", "trace=renameat", "-P"]).arg(&folder);
        strace.args(["-e", "inject=renameat:signal=STOP:when=2"]);
        strace.arg(serve.get_program()).args(serve.get_args());
        for (variable, value) in serve.get_envs() {
            match value {
                Some(value) => strace.env(variable, value),
                None => strace.env_remove(variable),
            };
        }
        let panel = Panel { daemon: Daemon::of(&mut strace), club };
        let name = panel.list()["backups"][0]["name"].as_str().unwrap().to_owned();
        let mut waiting = panel.connect();
        let path = format!("/api/backups/{name}/restore");
        waiting.send(&request(panel.daemon.address, "POST", &path, &[], b"{}"));
        let job = until("the restore", || {
            let holder = fs::read_to_string(panel.club.path("state/run.lock")).ok()?;
            holder.starts_with("restore-").then_some(holder)
        });
        let half = Self { panel, waiting, job, before, after };
        until("half of it", || {
            let now = state(&half.panel.club);
            (now != half.before && now != half.after).then_some(())
        });
        half
    }

    fn process(&self) -> Pid {
        process_with(&[&self.job]).expect("the job's process")
    }
}

/// Lets a process go on that stands still, or will.
fn go_on(process: Option<Pid>) {
    if let Some(process) = process {
        // It may have ended meanwhile.
        let _ = kill(process, Signal::SIGCONT);
    }
}

fn assert_nothing_left(club: &Club) {
    let names = fs::read_dir(club.path("club")).unwrap().map(|entry| entry.unwrap().file_name());
    let ours: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with(".neopro")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    assert!(!club.path("state/restore/intent.json").exists());
}

#[test]
fn a_restore_that_is_killed_goes_back_by_itself() {
    if lacks(&["strace"]) {
        return;
    }
    let mut half = HalfWay::new();
    kill(half.process(), Signal::SIGKILL).unwrap();
    // Who goes back is made to stand still at the same call.
    let configuration = half.panel.club.configuration();
    until("going back", || {
        go_on(process_with(&["--resume", configuration.to_str().unwrap()]));
        (!half.panel.club.path("state/restore/intent.json").exists()).then_some(())
    });
    assert_error(&half.waiting.reply(false).unwrap(), 500, "restore_interrupted");
    assert_eq!(state(&half.panel.club), half.before);
    assert_nothing_left(&half.panel.club);
    let told = half.panel.get("/api/restore").json();
    assert_eq!(told["last"]["state"], "interrupted");
    assert_eq!(told["last"]["job"], half.job.as_str());
    assert_eq!(half.panel.get(&format!("/api/jobs/{}", half.job)).json()["state"], "interrupted");
    assert_eq!(half.panel.post("/api/backups/create", "").status, 200, "nobody holds the lock");
}

#[test]
fn a_panel_that_is_killed_with_its_restore_goes_back_when_it_starts() {
    if lacks(&["strace"]) {
        return;
    }
    let half = HalfWay::new();
    let process = half.process();
    half.panel.daemon.signal(Signal::SIGKILL);
    kill(process, Signal::SIGKILL).unwrap();
    let HalfWay { panel, before, .. } = half;
    let Panel { daemon, club } = panel;
    drop(daemon);
    assert_ne!(state(&club), before, "as the plug left it");
    let panel = Panel::of(club);
    assert_eq!(state(&panel.club), before);
    assert_nothing_left(&panel.club);
    assert_eq!(panel.get("/api/restore").json()["last"]["state"], "interrupted");
    assert_eq!(panel.post("/api/backups/create", "").status, 200);
}

#[test]
fn a_restore_whose_panel_is_killed_is_done_to_its_end() {
    if lacks(&["strace"]) {
        return;
    }
    let half = HalfWay::new();
    let process = half.process();
    half.panel.daemon.signal(Signal::SIGKILL);
    let HalfWay { mut panel, after, .. } = half;
    panel.daemon.ended();
    until("its end", || {
        go_on(Some(process));
        (!panel.club.path("state/restore/intent.json").exists()).then_some(())
    });
    assert_eq!(state(&panel.club), after);
    assert_nothing_left(&panel.club);
}

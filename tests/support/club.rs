//! A small club, and a configuration with every path below one temporary folder.

use std::cell::{Ref, RefCell};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::fcntl::{Flock, FlockArg};
use tempfile::TempDir;

use super::planted;

/// Central Europe by its rules, so that no zone file is needed.
const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
/// What could tell the binary of the machine that the tests run on.
const FOREIGN_VARIABLES: [&str; 8] = [
    "LANG",
    "LC_ALL",
    "LC_MESSAGES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "JOURNAL_STREAM",
];

/// A club and everything that the program keeps for it.
pub(crate) struct Club {
    folder: TempDir,
    /// What must be found in no file that is written for it.
    secrets: RefCell<Vec<String>>,
}

impl Club {
    /// A club with its three files and two videos.
    pub(crate) fn new() -> Self {
        Self::with_http("")
    }

    /// The same with further lines in `[http]`.
    pub(crate) fn with_http(lines: &str) -> Self {
        Self::made("open-lan", lines)
    }

    /// The same where the panel asks who calls.
    pub(crate) fn guarded(lines: &str) -> Self {
        Self::made("password", lines)
    }

    fn made(auth: &str, lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let club = Self { folder, secrets: RefCell::new(planted::all()) };
        for part in ["club/videos/MATCHS", "backups"] {
            fs::create_dir_all(club.path(part)).unwrap();
        }
        for (file, content) in [
            ("club/configuration.json", "{\"name\":\"Club\"}\n"),
            ("club/.env", &format!("TOKEN={}\n", planted::OF_THE_CLUB)),
            ("club/site.conf", "SITE=1\n"),
            ("club/videos/MATCHS/but.mp4", "but"),
            ("club/videos/été.mp4", "soleil"),
        ] {
            fs::write(club.path(file), content).unwrap();
        }
        fs::write(club.configuration(), configuration(club.folder.path(), auth, lines)).unwrap();
        club
    }

    /// A path below the club's folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// A file of the backup directory.
    pub(crate) fn backup(&self, name: &str) -> PathBuf {
        self.path("backups").join(name)
    }

    /// The configuration file.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.path("config.toml")
    }

    /// The real binary with this club's configuration and zone.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neopro-backup"));
        command.arg("--config").arg(self.configuration()).args(arguments).env("TZ", ZONE);
        for variable in FOREIGN_VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Notes what must be found nowhere.
    pub(crate) fn keep_secret(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    /// What must be found nowhere.
    pub(crate) fn secrets(&self) -> Ref<'_, Vec<String>> {
        self.secrets.borrow()
    }

    /// Sets the panel's password, as whoever is on the machine does.
    pub(crate) fn set_password(&self, password: &str) {
        let output = self.run_with_input(&["passwd"], password);
        assert!(output.status.success(), "{output:?}");
    }

    /// Makes a token; gives its secret.
    pub(crate) fn token(&self, name: &str, scope: &str, more: &[&str]) -> String {
        let arguments = [&["token", "add", name, "--scope", scope], more].concat();
        let output = self.run(&arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command to its end with a line on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], line: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses before it reads has closed its side.
        let _ = writeln!(child.stdin.take().unwrap(), "{line}");
        child.wait_with_output().unwrap()
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Takes one of the store's locks (`store.lock`, `run.lock`), as another process would.
    pub(crate) fn hold(&self, lock: &str) -> Flock<File> {
        let path = self.path("state").join(lock);
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap();
        Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error).unwrap()
    }
}

impl Drop for Club {
    /// Looks for secrets in all that was written.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for file in planted::written(self.folder.path()) {
            // A pipe or what may not be read is some test's own.
            let content = fs::read(&file).unwrap_or_default();
            planted::assert_absent(&content, &self.secrets.borrow(), &file.to_string_lossy());
        }
    }
}

fn configuration(folder: &Path, auth: &str, http: &str) -> String {
    let folder = folder.display();
    format!(
        r#"[paths]
backups = "{folder}/backups"
state = "{folder}/state"
runtime = "{folder}/run"

[[files]]
member = "configuration.json"
path = "{folder}/club/configuration.json"
required = true
[[files]]
member = "sync-agent.env"
path = "{folder}/club/.env"
[[files]]
member = "site.conf"
path = "{folder}/club/site.conf"

[[inventories]]
member = "videos-inventory.txt"
path = "{folder}/club/videos"

[schedule]
manager = "local"

[http]
auth = "{auth}"
{http}
"#
    )
}

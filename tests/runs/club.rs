//! A club in a temporary folder, and the program at work on it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::Value;
use tempfile::TempDir;

use crate::planted;

/// The field's zone, written so that no machine needs a zone database for it.
pub(crate) const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_neopro-backup");

/// When the club's files were written last, in seconds since 1970.
pub(crate) const WRITTEN: u64 = 1_780_000_000;

/// What the three files hold.
pub(crate) const CONFIGURATION: &str = "{\"version\": \"2.0\", \"name\": \"Club d'Évreux\"}\n";
pub(crate) const SETTINGS: &str = "SITE_ID=evreux\nAPI_TOKEN=deadbeef\n";
pub(crate) const SITE: &str = "SITE_NAME=\"Gymnase d'Évreux\"\n";

/// A club with its three files; videos where a test adds them.
pub(crate) struct Club {
    folder: TempDir,
}

impl Drop for Club {
    /// Looks for the club's secret, and for passwords, in all that was written.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let secrets = [planted::all(), vec!["deadbeef".to_owned()]].concat();
        for folder in ["backups", "state", "run"] {
            for file in planted::written(&self.at(folder)) {
                // What is not an archive by its name may be made one by a test.
                let is_text = std::fs::read(&file).ok().filter(|content| !content.starts_with(b"\x1f\x8b"));
                planted::assert_absent(&is_text.unwrap_or_default(), &secrets, &file.to_string_lossy());
            }
        }
    }
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Club {
    pub(crate) fn new() -> Self {
        let club = Self { folder: TempDir::with_prefix("runs-").unwrap() };
        for folder in ["webapp", "sync-agent", "videos", "backups"] {
            fs::create_dir(club.at(folder)).unwrap();
        }
        for (path, content, mode) in [
            ("webapp/configuration.json", CONFIGURATION, 0o644),
            ("sync-agent/.env", SETTINGS, 0o600),
            ("site.conf", SITE, 0o640),
        ] {
            fs::write(club.at(path), content).unwrap();
            fs::set_permissions(club.at(path), fs::Permissions::from_mode(mode)).unwrap();
            touch(&club.at(path), WRITTEN);
        }
        club.configure("");
        club
    }

    /// With a video of every name that ever broke a script.
    pub(crate) fn with_hostile_videos() -> Self {
        let club = Self::new();
        for (index, name) in (0..).zip(hostile_names()) {
            for folder in ["", "MATCHS SENIOR", "- rf/# sponsors\n"] {
                let path = club.at("videos").join(folder).join(&name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                File::create_new(&path).unwrap().set_len(index * 1_000_003).unwrap();
                touch(&path, WRITTEN - index * 86_400);
            }
        }
        club
    }

    /// With so many sparse videos, a hundred in a directory.
    pub(crate) fn with_videos(count: usize) -> Self {
        let club = Self::new();
        for n in 0..count {
            let folder = club.at("videos").join(format!("Saison {:04}", n / 100));
            if n % 100 == 0 {
                fs::create_dir(&folder).unwrap();
            }
            let name = format!("2026-05-12 N1 Féminine vs Plan-de-Cuques - But {n} 🏐.mp4");
            File::create_new(folder.join(name)).unwrap().set_len(2 << 20).unwrap();
        }
        club
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A file in the backup directory.
    pub(crate) fn backup(&self, name: &str) -> PathBuf {
        self.at("backups").join(name)
    }

    /// The configuration with the contract's default lists, and these lines below.
    pub(crate) fn configure(&self, more: &str) {
        self.configure_with(&[&self.files(), &self.inventory(false), more]);
    }

    pub(crate) fn files(&self) -> String {
        let file = |member: &str, path: &str, more: &str| {
            format!("[[files]]\nmember = '{member}'\npath = '{}'\n{more}", self.at(path).display())
        };
        file("configuration.json", "webapp/configuration.json", "required = true\n")
            + &file("sync-agent.env", "sync-agent/.env", "")
            + &file("site.conf", "site.conf", "")
    }

    pub(crate) fn inventory(&self, include: bool) -> String {
        let videos = self.at("videos");
        let (member, videos) = ("videos-inventory.txt", videos.display());
        format!("[[inventories]]\nmember = '{member}'\npath = '{videos}'\ninclude = {include}\n")
    }

    /// The configuration with the club's paths and these sections.
    pub(crate) fn configure_with(&self, sections: &[&str]) {
        let place = |key: &str, name: &str| format!("{key} = '{}'\n", self.at(name).display());
        let paths = ["[paths]\n".to_owned(), place("backups", "backups"), place("state", "state")].concat();
        let text = paths + &place("runtime", "run") + &sections.concat();
        fs::write(self.at("config.toml"), text).unwrap();
    }

    /// The program's arguments, with the configuration among them.
    pub(crate) fn arguments(&self, arguments: &[&str]) -> Vec<OsString> {
        let config = [OsString::from("--config"), self.at("config.toml").into()];
        arguments.iter().map(OsString::from).chain(config).collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_by(&[], arguments)
    }

    /// The program started by another one, such as `strace -f`.
    pub(crate) fn command_by(&self, before: &[&str], arguments: &[&str]) -> Command {
        let words: Vec<_> = before.iter().map(OsStr::new).chain([OsStr::new(PROGRAM)]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(self.arguments(arguments));
        in_the_field(&mut command);
        command
    }

    pub(crate) fn say(&self, arguments: &[&str]) -> Said {
        Said::of(&mut self.command(arguments))
    }

    /// What the command prints; it must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        self.say(arguments).done()
    }

    /// What the command prints as JSON, whatever its exit status.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.say(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// One backup that must succeed; gives back its name.
    pub(crate) fn run(&self) -> String {
        self.done(&["run"]);
        self.status()["archive"].as_str().expect("an archive").to_owned()
    }

    /// `last-backup-status.json`.
    pub(crate) fn status(&self) -> Value {
        serde_json::from_slice(&fs::read(self.backup("last-backup-status.json")).unwrap()).unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.backup("backup.log")).unwrap_or_default()
    }

    /// The names that `list` gives, newest first.
    pub(crate) fn listed(&self) -> Vec<String> {
        let list = self.json(&["list"]);
        let names = list["backups"].as_array().unwrap().iter();
        names.map(|backup| backup["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The files of this pattern in the backup directory, with their contents.
    pub(crate) fn archives(&self) -> BTreeMap<String, Vec<u8>> {
        let names = names_in(&self.at("backups"));
        let archives = names.into_iter().filter(|name| name.ends_with(".tar.gz"));
        archives.map(|name| (name.clone(), fs::read(self.backup(&name)).unwrap())).collect()
    }

    /// Every archive that is listed is whole, by the program's own strict reader.
    pub(crate) fn assert_all_verify(&self, when: &str) {
        let verdicts = self.json(&["verify", "--all"]);
        for verdict in verdicts.as_array().unwrap() {
            let state = verdict["verification"].as_str().unwrap();
            assert!(["verified", "readable"].contains(&state), "{when}: {verdict}");
        }
    }

    /// No temporary file of ours lies anywhere.
    pub(crate) fn assert_swept(&self, when: &str) {
        for folder in ["backups", "state"] {
            let names = names_in(&self.at(folder));
            let left: Vec<_> = names.iter().filter(|name| name.ends_with(".partial")).collect();
            assert!(left.is_empty(), "{when}: {left:?} in {folder}");
        }
    }

    /// Everything below the club's folder: kind and mode, time of change, content.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, (u32, i64, Vec<u8>)> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let found = path.symlink_metadata().unwrap();
                let content = if found.is_file() { fs::read(&path).unwrap_or_default() } else { vec![] };
                if found.is_dir() {
                    folders.push(path.clone());
                }
                all.insert(path, (found.mode(), found.mtime(), content));
            }
        }
        all
    }

    /// Unpacks an archive with GNU tar; gives back its one folder.
    pub(crate) fn unpack(&self, name: &str, into: &str) -> PathBuf {
        let into = self.at(into);
        fs::create_dir(&into).unwrap();
        let mut tar = Command::new("tar");
        Said::of(tar.arg("-xpzf").arg(self.backup(name)).arg("-C").arg(&into)).done();
        let names = names_in(&into);
        assert_eq!(names, [name.strip_suffix(".tar.gz").unwrap()], "one folder, named like the archive");
        into.join(&names[0])
    }

    pub(crate) fn manifest(&self, name: &str) -> Value {
        let member = format!("{}/manifest.json", name.strip_suffix(".tar.gz").unwrap());
        let mut archive =
            tar::Archive::new(flate2::read::GzDecoder::new(File::open(self.backup(name)).unwrap()));
        let mut entries = archive.entries().unwrap().map(Result::unwrap);
        let manifest = entries.find(|entry| *entry.path_bytes() == *member.as_bytes());
        serde_json::from_reader(manifest.expect("a manifest")).unwrap()
    }
}

impl Said {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).output().map(Self::from).expect("the program starts")
    }

    /// What was printed by a command that must have succeeded.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.status, Some(0), "{self:?}");
        self.out
    }

    /// What a command that must have failed says on standard error.
    pub(crate) fn failed(self, status: i32) -> String {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self.err
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Zone and language of a box in a French club, and nothing of whoever runs the tests.
pub(crate) fn in_the_field(command: &mut Command) {
    for variable in ["LC_ALL", "LC_MESSAGES", "LD_PRELOAD", "RUST_LOG", "JOURNAL_STREAM", "NOTIFY_SOCKET"] {
        command.env_remove(variable);
    }
    command.env("TZ", ZONE).env("LANG", "fr_FR.UTF-8");
}

/// The time that the program calls local.
pub(crate) fn local(time: Timestamp) -> Zoned {
    time.to_zoned(TimeZone::posix(ZONE).unwrap())
}

pub(crate) fn touch(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    File::open(path).unwrap().set_times(fs::FileTimes::new().set_modified(time)).unwrap();
}

/// The names in a folder, sorted; empty where there is none.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// File names that a person, a camera or a USB stick can bring along.
pub(crate) fn hostile_names() -> Vec<OsString> {
    let mut names: Vec<Vec<u8>> = [
        "But.mp4",
        "Interview\ncoach (suite).mp4",
        "tabulation\tici.mp4",
        "retour\rchariot.mp4",
        "'guillemets' \"doubles\".mp4",
        "-rf.mp4",
        "--help",
        "🏐 Célébration 👨‍👩‍👧‍👦.mp4",
        "E\u{301}quipe premie\u{300}re.mp4",
        "Équipe première.mp4",
        "anti\\slash.mp4",
        "anti\\nslash.mp4",
        "\\x41.mp4",
        "# root: \\.mp4",
        "espace derrière ",
        " espace devant",
        "$(reboot) `id` & co;.mp4",
        "%2e%2e%2fetc.mp4",
        "...",
        "*",
        "\u{7f}\u{1}\u{85}\u{2028}.mp4",
    ]
    .map(|name| name.as_bytes().to_vec())
    .into();
    names.push("é".repeat(127).into_bytes());
    names.push(vec![b'x'; 255]);
    names.push(b"\xC9quipe latin-1.mp4".to_vec());
    names.push(b"\xff\xfe\xed\xa0\x80".to_vec());
    names.into_iter().map(OsString::from_vec).collect()
}

/// Every regular file below `root` in the contract's order: path, size, seconds of its time.
pub(crate) fn walk(root: &Path) -> Vec<(Vec<u8>, u64, i64)> {
    let mut found = Vec::new();
    walk_into(root, b"", &mut found);
    found
}

fn walk_into(folder: &Path, prefix: &[u8], found: &mut Vec<(Vec<u8>, u64, i64)>) {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    for name in names {
        let here = folder.join(&name);
        let path = [prefix, name.as_bytes()].concat();
        let metadata = here.symlink_metadata().unwrap();
        if metadata.is_dir() {
            walk_into(&here, &[&path[..], b"/"].concat(), found);
        } else if metadata.is_file() {
            found.push((path, metadata.len(), metadata.mtime()));
        }
    }
}

//! Restores as a black box: what comes back, what is refused, what a kill leaves.

mod busy;
mod faults;
mod hostile;
mod kills;
mod masked;
mod places;
mod proof;
mod rig;
mod round_trip;
mod undo;
mod videos;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, lchown};
use std::time::{Duration, UNIX_EPOCH};

use nix::unistd::Uid;
use serde_json::Value;

use crate::club::{Club, SITE, Said};
use crate::tree::{Node, node};

/// The club's files, in the configuration's order, and their names in an archive.
pub(crate) const FILES: [&str; 3] = ["webapp/configuration.json", "sync-agent/.env", "site.conf"];
const MEMBERS: [&str; 3] = ["configuration.json", "sync-agent.env", "site.conf"];

/// No services: their part has its own test.
const SECTIONS: &str = "[schedule]\nmanager = 'local'\n[restore]\nservices = []\n";

/// What a restore brings back of a file: everything but its inode.
#[derive(Clone, PartialEq, Eq)]
struct State([Option<Node>; 3]);

impl Club {
    /// A club with a configuration of about 100 KB, and nothing that manages services.
    fn restorable() -> Self {
        Self::new().made_restorable()
    }

    fn made_restorable(self) -> Self {
        self.configure(SECTIONS);
        fs::write(self.at(FILES[0]), configuration()).unwrap();
        fs::write(self.at(FILES[2]), format!("{SITE}PARAM=\"réglage\"\n")).unwrap();
        for (nanos, file) in (1..).zip(FILES) {
            self.date(file, Duration::new(1_780_000_000, 123_456_780 + nanos));
        }
        self
    }

    /// Sets when a file was modified.
    fn date(&self, file: &str, since_1970: Duration) {
        let file = fs::File::open(self.at(file)).unwrap();
        file.set_times(fs::FileTimes::new().set_modified(UNIX_EPOCH + since_1970)).unwrap();
    }

    fn state(&self) -> State {
        State(FILES.map(|file| node(&self.at(file)).map(|found| Node { inode: 0, ..found })))
    }

    /// Changes all that a file has: one by one, and one is gone.
    fn spoil(&self) {
        fs::write(self.at(FILES[0]), "{\"name\": \"vidé\"}\n").unwrap();
        fs::set_permissions(self.at(FILES[0]), Permissions::from_mode(0o604)).unwrap();
        fs::remove_file(self.at(FILES[1])).unwrap();
        let site = fs::read_to_string(self.at(FILES[2])).unwrap();
        fs::write(self.at(FILES[2]), site + "PARAM_36=\"ajouté\"\n").unwrap();
        fs::set_permissions(self.at(FILES[2]), Permissions::from_mode(0o600)).unwrap();
        if Uid::effective().is_root() {
            lchown(self.at(FILES[0]), Some(12_345), Some(23_456)).unwrap();
        }
        for (nanos, file) in (1..).zip([FILES[0], FILES[2]]) {
            self.date(file, Duration::new(1_790_000_000, 987_654_320 + nanos));
        }
    }

    fn restore(&self, name: &str) -> Said {
        self.say(&["restore", name, "--yes"])
    }

    /// `restore.json`.
    fn last_restore(&self) -> Value {
        serde_json::from_slice(&fs::read(self.at("state/restore.json")).unwrap()).unwrap()
    }

    /// Nothing of ours lies beside the files, and no note says that something is going on.
    fn assert_nothing_left(&self, when: &str) {
        for folder in ["webapp", "sync-agent", ""] {
            let names = crate::club::names_in(&self.at(folder));
            let ours: Vec<_> = names.iter().filter(|name| name.starts_with(".neopro-backup-")).collect();
            assert!(ours.is_empty(), "{when}: {ours:?} in {folder}");
        }
        assert!(!self.at("state/restore/intent.json").exists(), "{when}: the note is there");
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (file, node) in FILES.iter().zip(&self.0) {
            match node {
                Some(Node { mode, owner, modified, content, .. }) => {
                    let text = String::from_utf8_lossy(content);
                    writeln!(f, "{file}: {mode:o} {owner:?} {modified:?} {} {text:.40}", content.len())?;
                }
                None => writeln!(f, "{file}: none")?,
            }
        }
        Ok(())
    }
}

/// Settings of about 100 KB, with accents.
fn configuration() -> String {
    let videos = (0..900).map(|n| {
        format!("  {{\"name\": \"But n° {n} – Évreux-Forêt\", \"path\": \"vidéos/équipe première/{n}.mp4\"}}")
    });
    let videos: Vec<_> = videos.collect();
    format!(
        "{{\n\"name\": \"Club de Handball d'Évreux-Forêt\",\n\"videos\": [\n{}\n]}}\n",
        videos.join(",\n")
    )
}

/// What a command that must have failed says on standard error, if it names this rule.
fn refused(said: Said, rule: &str) -> String {
    let said = said.failed(1);
    let errors: Vec<_> = said.lines().filter(|line| line.contains(" ERROR ")).collect();
    assert!(errors.len() == 1 && errors[0].contains(rule), "{rule}: {said}");
    said
}

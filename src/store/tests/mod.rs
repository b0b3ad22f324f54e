//! The store on a real directory.

mod directory;

mod histories;
mod last_restore;
mod nights;
mod protocol;
mod pruning;
mod rules;
mod settings;

use std::fs;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tempfile::TempDir;

use super::*;
use crate::archive::{ArchiveWriter, MemberMeta, Proof};
use crate::config::{Paths, Retention};
use crate::model::{ArchiveName, JobId, JobKind, MANIFEST_FORMAT, ManifestHead, Verification};

/// A store in a folder of its own, in the time zone of the field.
struct Box_ {
    folder: TempDir,
    store: Store,
}

impl std::ops::Deref for Box_ {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

fn zone() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn at(text: &str) -> Zoned {
    text.parse::<Timestamp>().unwrap().to_zoned(zone())
}

fn name(text: &str) -> ArchiveName {
    text.parse().unwrap()
}

fn policy() -> Retention {
    Retention { days: 7, keep_last: 3, keep_daily: 0, keep_weekly: 0, keep_monthly: 0 }
}

fn job() -> JobId {
    JobId::new(JobKind::Backup, Timestamp::UNIX_EPOCH, 1)
}

impl Box_ {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("backups")).unwrap();
        let store = Store::open(&Self::paths(&folder), zone()).unwrap();
        Self { folder, store }
    }

    fn paths(folder: &TempDir) -> Paths {
        let at = |name| folder.path().join(name);
        Paths { backups: at("backups"), state: at("state"), runtime: at("run") }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("backups").join(name)
    }

    /// The names of everything in the backup directory, hidden files too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("backups")).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn draft_at(&self, begun: &Zoned) -> (Draft, crate::model::Digest) {
        let run = self.lock_run(&job()).unwrap();
        let draft = self.draft(&run, begun, 1000).unwrap();
        let mut writer =
            ArchiveWriter::new(draft.file(), draft.name(), Timestamp::UNIX_EPOCH, self.directory()).unwrap();
        let meta = MemberMeta {
            name: b"site.conf".to_vec(),
            path: None,
            size: 4,
            mode: 0o600,
            uid: 0,
            gid: 0,
            owner: None,
            group: None,
            mtime: Timestamp::UNIX_EPOCH,
        };
        writer.add(meta, &b"A=1\n"[..]).unwrap();
        let head = ManifestHead {
            format: MANIFEST_FORMAT,
            program: "test".into(),
            host: "pi".into(),
            sequence: self.take_sequence(&self.lock().unwrap()).unwrap(),
            created: begun.timestamp(),
            clock_trusted: true,
            warnings: vec![],
        };
        let (_, digest) = writer.finish(&head).unwrap();
        (draft, digest)
    }

    /// A whole backup by the protocol.
    fn backup_at(&self, begun: &str) -> ArchiveName {
        let (draft, digest) = self.draft_at(&at(begun));
        self.publish(draft.prove(digest, &mut Proof).unwrap(), None, &self.lock().unwrap()).unwrap()
    }

    /// Reads an archive and remembers what that has shown.
    fn verify(&self, name: &ArchiveName) -> Result<Verification, StoreError> {
        let examined = self.examine(name, &mut Proof)?;
        let verification = examined.verification().clone();
        self.note_examined(name, examined, None)?;
        Ok(verification)
    }

    /// A file that some other program put there, modified then.
    fn foreign(&self, name: &str, content: &[u8], modified: &str) {
        fs::write(self.file(name), content).unwrap();
        self.touch(name, modified);
    }

    fn touch(&self, name: &str, modified: &str) {
        let time = modified.parse::<Timestamp>().unwrap();
        let file = fs::File::options().write(true).open(self.file(name)).unwrap();
        file.set_modified(time.into()).unwrap();
    }

    fn listed(&self) -> Vec<String> {
        self.list().unwrap().into_iter().map(|archive| archive.name.to_string()).collect()
    }
}

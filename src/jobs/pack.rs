//! Streams what was gathered into a draft, then the files of the inventories that
//! are to be copied.

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::JobError;
use super::gather::{Gathered, Included};
use super::report::Report;
use crate::archive::{ArchiveWriter, MemberMeta};
use crate::model::{Digest, ManifestHead, Sentence, escape::escape};
use crate::sources::{self, Entry, Found};
use crate::store::{Draft, StoreError};

/// What one write to the card carries.
const WRITE_BUFFER: usize = 64 << 10;
/// Videos of which it is said one by one that something is wrong; the rest is counted.
const MOST_COMPLAINTS: u64 = 100;

type Writer<'d> = ArchiveWriter<BufWriter<&'d File>>;

/// Writes the whole archive; gives back the manifest's hash.
pub(super) fn pack(
    draft: &Draft,
    gathered: &mut Gathered<'_>,
    head: &mut ManifestHead,
    spool_dir: &Path,
    report: &mut Report<'_, '_>,
) -> Result<Digest, JobError> {
    let out = BufWriter::with_capacity(WRITE_BUFFER, draft.file());
    let write = || -> io::Result<Digest> {
        let mut writer = ArchiveWriter::new(out, draft.name(), gathered.newest, spool_dir)?;
        for (meta, content) in &mut gathered.members {
            let added = writer.add(meta.clone(), content.reader()?)?;
            // A temporary copy of our own, so this is the disk's failure and not the club's.
            added.failure.map_or(Ok(()), Err)?;
        }
        for included in &gathered.included {
            Copying::new(&mut writer, included, report).all()?;
        }
        head.warnings = report.warnings();
        let (out, digest) = writer.finish(head)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(digest)
    };
    write().map_err(|error| StoreError::of("write", spool_dir, error).into())
}

/// Copies every file below an inventory's root. What cannot be copied, or not whole,
/// is a warning.
struct Copying<'c, 'd, 'j, 'o> {
    writer: &'c mut Writer<'d>,
    included: &'c Included<'c>,
    report: &'c mut Report<'j, 'o>,
    files: u64,
    bytes: u64,
    complaints: u64,
}

impl<'c, 'd, 'j, 'o> Copying<'c, 'd, 'j, 'o> {
    fn new(writer: &'c mut Writer<'d>, included: &'c Included<'c>, report: &'c mut Report<'j, 'o>) -> Self {
        Self { writer, included, report, files: 0, bytes: 0, complaints: 0 }
    }

    fn all(mut self) -> io::Result<()> {
        sources::walk(&self.included.source.path, &mut |found| match found {
            Found::File(entry) => self.one(&entry),
            // Said when the inventory was taken.
            Found::Unlisted(_) => Ok(()),
        })?;
        if self.complaints > MOST_COMPLAINTS {
            let more = self.complaints - MOST_COMPLAINTS;
            self.report.warn(Sentence::new("run.more_not_copied").with("count", more));
        }
        Ok(())
    }

    /// # Errors
    /// Only the archive's own.
    fn one(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let folder = self.included.source.folder().unwrap_or_default();
        let name = [folder.as_bytes(), b"/", entry.path].concat();
        let opened = entry.open().and_then(|file| Ok((file.metadata()?, file)));
        let (before, file) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.complain("run.not_copied", entry, Some(&error));
                return Ok(());
            }
        };
        if !self.writer.has_room_for(&name, before.len()) {
            self.complain("run.no_room_for", entry, None);
            return Ok(());
        }
        let meta = MemberMeta {
            name,
            path: Some(self.path_of(entry)),
            size: before.len(),
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            owner: None,
            group: None,
            mtime: entry.mtime,
        };
        let total = Some((self.included.bytes, self.included.files));
        let told = Told { inner: &file, bytes: self.bytes, files: self.files, total, report: self.report };
        let added = self.writer.add(meta, told)?;
        self.files += 1;
        self.bytes += before.len();
        if let Some(error) = added.failure {
            self.complain("run.not_copied", entry, Some(&error));
        } else if added.missing > 0 {
            self.complain("run.shrank", entry, None);
        } else if !file.metadata().is_ok_and(|after| same(&before, &after)) {
            self.complain("run.changed", entry, None);
        }
        Ok(())
    }

    /// Where the file lies.
    fn path_of(&self, entry: &Entry<'_>) -> Vec<u8> {
        [self.included.source.path.as_os_str().as_encoded_bytes(), b"/", entry.path].concat()
    }

    fn complain(&mut self, key: &str, entry: &Entry<'_>, error: Option<&io::Error>) {
        self.complaints += 1;
        if self.complaints > MOST_COMPLAINTS {
            return;
        }
        let mut sentence = Sentence::new(key).with("path", escape(&self.path_of(entry)));
        if let Some(error) = error {
            sentence = sentence.with("reason", error);
        }
        self.report.warn(sentence);
    }
}

/// Whether nobody wrote to the file in between.
fn same(before: &Metadata, after: &Metadata) -> bool {
    let state = |found: &Metadata| {
        (found.len(), found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec())
    };
    state(before) == state(after)
}

/// A file that tells how much of it has been read.
struct Told<'t, 'j, 'o> {
    inner: &'t File,
    bytes: u64,
    files: u64,
    total: Option<(u64, u64)>,
    report: &'t mut Report<'j, 'o>,
}

impl Read for Told<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        self.report.journal.progress(self.bytes, self.files, self.total);
        Ok(count)
    }
}

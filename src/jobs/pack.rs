//! Streams what was gathered into a draft, then the files of the inventories that
//! are to be copied.

use std::io::{BufWriter, Read};
use std::path::Path;

use super::JobError;
use super::gather::{Gathered, Included};
use super::report::Report;
use crate::archive::{ArchiveWriter, MemberMeta};
use crate::model::{Digest, ManifestHead, Sentence, escape::escape};
use crate::sources::{self, Found};
use crate::store::{Draft, StoreError};

/// What one write to the card carries.
const WRITE_BUFFER: usize = 64 << 10;

type Writer<'d> = ArchiveWriter<BufWriter<&'d std::fs::File>>;

/// Writes the whole archive; gives back the manifest's hash.
pub(super) fn pack(
    draft: &Draft,
    gathered: &mut Gathered<'_>,
    head: &mut ManifestHead,
    spool_dir: &Path,
    report: &mut Report<'_, '_>,
) -> Result<Digest, JobError> {
    let failed = |error| JobError::of_write(error, spool_dir);
    let out = BufWriter::with_capacity(WRITE_BUFFER, draft.file());
    let mut writer = ArchiveWriter::new(out, draft.name(), gathered.newest, spool_dir).map_err(failed)?;
    for (meta, content) in &mut gathered.members {
        let content = content.reader().map_err(|error| StoreError::of("read", spool_dir, error))?;
        writer.add(meta.clone(), content).map_err(failed)?;
    }
    for included in &gathered.included {
        copy_files(&mut writer, included, spool_dir, report)?;
    }
    head.warnings = report.warnings();
    let (out, digest) = writer.finish(head).map_err(failed)?;
    out.into_inner().map_err(|error| StoreError::of("write", spool_dir, error.into_error()))?;
    Ok(digest)
}

/// Copies every file below an inventory's root. One that cannot be read is a warning.
fn copy_files(
    writer: &mut Writer<'_>,
    included: &Included<'_>,
    spool_dir: &Path,
    report: &mut Report<'_, '_>,
) -> Result<(), JobError> {
    let root = &included.source.path;
    let folder = included.source.folder().unwrap_or_default();
    let total = Some((included.bytes, included.files));
    let (mut files, mut bytes) = (0, 0);
    let mut failure = None;
    let walked = sources::walk(root, &mut |found| {
        // What cannot be listed was said when the inventory was taken.
        let Found::File(entry) = found else { return Ok(()) };
        let path = [root.as_os_str().as_encoded_bytes(), b"/", entry.path].concat();
        let file = match entry.open() {
            Ok(file) => file,
            Err(error) => {
                let skipped =
                    Sentence::new("run.not_copied").with("path", escape(&path)).with("reason", error);
                report.warn(skipped);
                return Ok(());
            }
        };
        let meta = MemberMeta {
            name: [folder.as_bytes(), b"/", entry.path].concat(),
            path: Some(path.clone()),
            size: entry.size,
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            owner: None,
            group: None,
            mtime: entry.mtime,
        };
        let told = Told { inner: file, bytes, files, total, report };
        match writer.add(meta, told) {
            Ok(added) if added.missing > 0 => {
                report.warn(Sentence::new("run.shrank").with("path", escape(&path)));
            }
            Ok(_) => {}
            Err(error) => {
                failure = Some(JobError::of_write(error, spool_dir));
                return Err(std::io::ErrorKind::Other.into());
            }
        }
        files += 1;
        bytes += entry.size;
        Ok(())
    });
    match failure {
        Some(error) => Err(error),
        None => walked.map_err(|error| StoreError::of("walk", root, error).into()),
    }
}

/// A file that tells how much of it has been read.
struct Told<'t, 'j, 'o> {
    inner: std::fs::File,
    bytes: u64,
    files: u64,
    total: Option<(u64, u64)>,
    report: &'t mut Report<'j, 'o>,
}

impl Read for Told<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        self.report.journal.progress(self.bytes, self.files, self.total);
        Ok(count)
    }
}

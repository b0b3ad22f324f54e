//! Videos that an archive holds copies of: those that are missing are put back, one that is
//! there is never touched. It comes last, as it may take long, and each video by itself.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::RestoreError;
use super::plan::read_to_end;
use crate::archive::{Limits, ReadError, TarMember, Visit};
use crate::config::{Config, InventorySource};
use crate::jobs::report::Report;
use crate::model::{ArchiveName, Sentence, Step, size_in_words};
use crate::store::Store;
use crate::targets::{Copy, TargetError, Tree};

/// Counts what is missing while the archive is read.
pub(super) struct Missing<'c> {
    trees: Vec<(&'c InventorySource, Option<Tree>)>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl<'c> Missing<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        let copied = config.inventories.iter().filter(|source| source.folder().is_some());
        let trees = copied.map(|source| (source, Tree::open(&source.path).ok())).collect();
        Self { trees, files: 0, bytes: 0 }
    }

    /// "12 missing videos (1.2 GB) would be put back"; none where there are none.
    pub(super) fn sentence(&self) -> Option<Sentence> {
        let sentence = Sentence::new("restore.videos_missing").with("count", self.files);
        (self.files > 0).then(|| sentence.with("size", size_in_words(self.bytes)))
    }

    /// Whether there is room for all that is missing.
    pub(super) fn check_room(&self) -> Result<(), TargetError> {
        let mut trees = self.trees.iter().filter_map(|(_, tree)| tree.as_ref()).filter(|_| self.files > 0);
        trees.try_for_each(|tree| tree.check_writable(self.bytes))
    }
}

impl Visit for Missing<'_> {
    fn member(&mut self, member: &TarMember, _: &mut dyn Read) -> Result<(), ReadError> {
        let placed = place(self.trees.iter().map(|(source, tree)| (*source, tree)), member);
        if let Some((Some(tree), below)) = placed
            && tree.lacks(below)
        {
            self.files += 1;
            self.bytes += member.size;
        }
        Ok(())
    }
}

/// The tree that a member belongs to, and its path below it.
fn place<'m, T>(
    mut trees: impl Iterator<Item = (&'m InventorySource, T)>,
    member: &'m TarMember,
) -> Option<(T, &'m Path)> {
    let slash = member.name.iter().position(|byte| *byte == b'/')?;
    let (folder, below) = (&member.name[..slash], &member.name[slash + 1..]);
    let (_, tree) = trees.find(|(source, _)| source.folder().is_some_and(|own| own.as_bytes() == folder))?;
    Some((tree, Path::new(OsStr::from_bytes(below))))
}

/// Puts back what is missing; says how many.
///
/// # Errors
/// What stands in the way; those before it are back.
pub(super) fn put_back(
    store: &Store,
    missing: &Missing<'_>,
    archive: &ArchiveName,
    report: &mut Report<'_, '_>,
) -> Result<u64, RestoreError> {
    report.journal.step(Step::Videos);
    let mut putting = Putting { missing, report, files: 0, bytes: 0, failure: None };
    let read = read_to_end(store, archive, Limits::foreign, &mut putting);
    match putting.failure {
        Some(failure) => Err(failure.into()),
        None => read.map(|_| putting.files),
    }
}

/// Removes what a kill has left half written.
pub(super) fn clear(config: &Config) -> Result<(), TargetError> {
    Missing::of(config).trees.iter().filter_map(|(_, tree)| tree.as_ref()).try_for_each(Tree::clear)
}

struct Putting<'p, 'c, 'j, 'o> {
    missing: &'p Missing<'c>,
    report: &'p mut Report<'j, 'o>,
    files: u64,
    bytes: u64,
    failure: Option<TargetError>,
}

impl Visit for Putting<'_, '_, '_, '_> {
    fn member(&mut self, member: &TarMember, content: &mut dyn Read) -> Result<(), ReadError> {
        let trees = self.missing.trees.iter().map(|(source, tree)| (*source, tree));
        let Some((Some(tree), below)) = place(trees, member) else { return Ok(()) };
        if !tree.lacks(below) {
            return Ok(());
        }
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(member.mtime);
        let copy = Copy { below, content: Box::new(content), mode: member.mode, modified };
        match tree.put(copy) {
            Ok(put) => {
                self.files += u64::from(put);
                self.bytes += member.size;
                let total = (self.missing.bytes, self.missing.files);
                self.report.journal.progress(self.bytes, self.files, Some(total));
                Ok(())
            }
            Err(error) => {
                self.failure = Some(error);
                Err(ReadError::Io(io::ErrorKind::Other.into()))
            }
        }
    }
}

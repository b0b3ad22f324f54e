//! An archive in the making: the write protocol, one type a stage, so that no
//! stage can be left out. draft → settled → proven → published.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;

use jiff::{Span, Zoned};
use nix::fcntl::{AT_FDCWD, PosixFadviseAdvice, RenameFlags, posix_fadvise, renameat2};
use tempfile::NamedTempFile;

use super::catalogue::Record;
use super::error::{At, StoreError};
use super::{RunLock, Store, StoreLock, atomic};
use crate::archive::{self, Damage, Limits, ReadBack, ReadError, Visit};
use crate::model::{ArchiveName, Digest, Rehearsal, Verification};

/// Secrets are in it: for the owner, and for the panel's group to serve.
pub(super) const ARCHIVE_MODE: u32 = 0o640;
/// What a run needs beside the archive, for the status, the log and the catalogue.
pub(super) const RESERVE_BYTES: u64 = 64 << 10;
/// Seconds that a name may move on when runs come quicker than one a second.
const NAME_ATTEMPTS: i64 = 3600;

/// A temporary file that an archive is written into; gone when dropped.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    name: ArchiveName,
}

/// An archive that was read back from the card and is what was written.
#[derive(Debug)]
pub struct Proven {
    pub(super) file: NamedTempFile,
    pub(super) name: ArchiveName,
    pub(super) back: ReadBack,
}

impl Store {
    /// Begins an archive of a run that started at `begun`; a name that is taken
    /// gives way to the next free second.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] where less than `need_bytes` are free: nothing old
    /// is ever deleted to make room.
    pub fn draft(&self, _held: &RunLock, begun: &Zoned, need_bytes: u64) -> Result<Draft, StoreError> {
        self.check_directory()?;
        self.check_space(need_bytes)?;
        let local = begun.datetime();
        let name = (0..NAME_ATTEMPTS)
            .filter_map(|seconds| local.checked_add(Span::new().seconds(seconds)).ok())
            .map(ArchiveName::at)
            .find(|name| self.path(name).symlink_metadata().is_err())
            .ok_or_else(|| StoreError::NameTaken { name: ArchiveName::at(local) })?;
        Ok(Draft { file: atomic::temporary(&self.backups, ARCHIVE_MODE)?, name })
    }

    /// Whether an archive of this size can be written, and what goes with it.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] with the numbers, [`StoreError::NoInodes`]; a disk that does not
    /// answer is not called full.
    pub fn check_space(&self, need_bytes: u64) -> Result<(), StoreError> {
        let need_bytes = need_bytes + RESERVE_BYTES;
        let path = self.backups.clone();
        let system = nix::sys::statvfs::statvfs(&path).at("look at", &path)?;
        let free_bytes = system.blocks_available() * system.fragment_size();
        if free_bytes < need_bytes {
            return Err(StoreError::DiskFull { path, need_bytes, free_bytes });
        }
        let full = system.files() > 0 && system.files_available() == 0;
        if full { Err(StoreError::NoInodes { path }) } else { Ok(()) }
    }

    /// Shows the archive to the world: renamed without replacing anything, the
    /// directory synced, its proof noted.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] where someone else made a file of this name meanwhile.
    pub fn publish(
        &self,
        proven: Proven,
        rehearsal: Option<Rehearsal>,
        held: &StoreLock,
    ) -> Result<ArchiveName, StoreError> {
        let Proven { file, name, back } = proven;
        let target = self.path(&name);
        let temporary = file.into_temp_path();
        match renameat2(AT_FDCWD, &*temporary, AT_FDCWD, &target, RenameFlags::RENAME_NOREPLACE) {
            // A file system that cannot promise it (FAT, some network ones): our own
            // lock keeps our own programs apart, which is all that is left.
            Err(nix::Error::EINVAL) if target.symlink_metadata().is_err() => {
                std::fs::rename(&temporary, &target).at("publish", &target)?;
            }
            Err(nix::Error::EEXIST | nix::Error::EINVAL) => return Err(StoreError::NameTaken { name }),
            other => other.at("publish", &target)?,
        }
        // The name leads to the archive now; dropping the guard must not delete it.
        temporary.keep().map_err(|error| error.error).at("publish", &target)?;
        atomic::sync_directory(&self.backups)?;
        let found = target.symlink_metadata().at("read", &target)?;
        let record = Record { rehearsal, ..record_of(&found, &back) };
        self.change_catalogue(held, |catalogue| catalogue.note(name.clone(), record))?;
        Ok(name)
    }
}

/// What the catalogue keeps of an archive that reads to its end.
pub(super) fn record_of(found: &std::fs::Metadata, back: &ReadBack) -> Record {
    let head = back.manifest.as_ref().map(|(head, _)| head);
    Record {
        bytes: found.len(),
        modified: super::list::modified(found),
        verification: if head.is_some() { Verification::Verified } else { Verification::Readable },
        sequence: head.map(|head| head.sequence),
        created: head.map(|head| head.created),
        clock_trusted: head.is_none_or(|head| head.clock_trusted),
        rehearsal: None,
    }
}

impl Draft {
    /// The name that the archive will have.
    pub fn name(&self) -> &ArchiveName {
        &self.name
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Syncs once (an error is final: the kernel may have dropped the pages), throws
    /// the pages out of the cache and reads the archive back from the card, showing each
    /// member to `visit`.
    ///
    /// # Errors
    /// [`StoreError::NotProven`] where what comes back is not what was written, by
    /// the manifest's hash. The draft is gone then.
    pub fn prove(self, written_manifest: Digest, visit: &mut dyn Visit) -> Result<Proven, StoreError> {
        let Self { file, name } = self;
        let proof = read_back(&file, Limits::STORED, visit)?.and_then(|back| match &back.manifest {
            Some((_, digest)) if *digest == written_manifest && back.folder == name.stem() => Ok(back),
            _ => Err(Damage::NotWhatWasWritten.into()),
        });
        match proof {
            Ok(back) => Ok(Proven { file, name, back }),
            Err(ReadError::Io(error)) => Err::<Proven, io::Error>(error).at("read back", file.path()),
            Err(ReadError::Damaged(damage)) => Err(StoreError::NotProven { name, damage }),
        }
    }
}

/// Syncs a file once, throws its pages out of the cache and reads it as an archive from the card.
pub(super) fn read_back(
    file: &NamedTempFile,
    limits: Limits,
    visit: &mut dyn Visit,
) -> Result<Result<ReadBack, ReadError>, StoreError> {
    file.as_file().sync_all().at("sync", file.path())?;
    // A hint only: where it is refused, the read-back still proves the content.
    let _ = posix_fadvise(file.as_file(), 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    let again = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(file.path())
        .at("read", file.path())?;
    Ok(archive::read(&again, limits, visit))
}

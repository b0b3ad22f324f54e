//! The two locks between processes. The kernel lets go of both when the holder dies.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::error::{At, StoreError};
use super::{Store, shared};
use crate::model::JobId;

/// For the service's user and its group.
const LOCK_MODE: u32 = 0o660;
/// The store's lock is held for milliseconds; a holder of ten seconds is stuck.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(5);

/// Held for a whole run: one backup at a time. The file names the holder, and is
/// emptied when the holder ends in order: a name in a free lock is a run that was killed.
#[derive(Debug)]
pub struct RunLock {
    file: Flock<File>,
    interrupted: Option<JobId>,
}

impl RunLock {
    /// The job that held the lock before and was killed.
    pub fn interrupted(&self) -> Option<&JobId> {
        self.interrupted.as_ref()
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // At worst the next holder takes this one for killed.
        let _ = self.file.set_len(0);
    }
}

/// Held for a moment by whoever changes the directory or the catalogue.
#[derive(Debug)]
pub struct StoreLock(#[allow(dead_code)] Flock<File>);

impl Store {
    /// Takes the run's lock, or says which job has it.
    ///
    /// # Errors
    /// [`StoreError::Busy`].
    pub fn lock_run(&self, job: &JobId) -> Result<RunLock, StoreError> {
        self.take_run_lock(job, FlockArg::LockExclusiveNonblock)
    }

    /// Takes the run's lock, waiting for the present run to end.
    pub fn wait_for_run(&self, job: &JobId) -> Result<RunLock, StoreError> {
        self.take_run_lock(job, FlockArg::LockExclusive)
    }

    /// The job that is at work now; none where no run is going on.
    pub fn running(&self) -> Result<Option<JobId>, StoreError> {
        let path = self.state.join("run.lock");
        let file = match super::atomic::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.at("read", &path)?,
        };
        // Without a name in it the lock is not even tried: a moment's trial could make
        // a run that starts right now believe that another is going on.
        let Some(holder) = holder(&file) else { return Ok(None) };
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Err((_, Errno::EWOULDBLOCK)) => Ok(Some(holder)),
            _ => Ok(None),
        }
    }

    fn take_run_lock(&self, job: &JobId, how: FlockArg) -> Result<RunLock, StoreError> {
        let path = self.state.join("run.lock");
        match Flock::lock(open(&path, LOCK_MODE)?, how) {
            Ok(mut file) => {
                let interrupted = holder(&file);
                let mut name_holder = || {
                    file.set_len(0)?;
                    file.rewind()?;
                    file.write_all(job.as_str().as_bytes())
                };
                name_holder().at("write", &path)?;
                Ok(RunLock { file, interrupted })
            }
            Err((file, Errno::EWOULDBLOCK)) => Err(StoreError::Busy { job: holder(&file) }),
            Err((_, error)) => Err(error).at("lock", &path),
        }
    }

    /// Takes the store's lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] after ten seconds.
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        patiently(&self.state.join("store.lock"), LOCK_MODE).map(StoreLock)
    }
}

/// Takes the lock that this file is, within ten seconds.
pub(super) fn patiently(path: &Path, mode: u32) -> Result<Flock<File>, StoreError> {
    let mut file = open(path, mode)?;
    let begun = Instant::now();
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((back, Errno::EWOULDBLOCK | Errno::EINTR)) if begun.elapsed() < PATIENCE => {
                file = back;
                std::thread::sleep(RETRY);
            }
            Err((_, Errno::EWOULDBLOCK)) => return Err(StoreError::Locked),
            Err((_, error)) => return Err(error).at("lock", path),
        }
    }
}

fn open(path: &Path, mode: u32) -> Result<File, StoreError> {
    let options = &mut OpenOptions::new();
    shared::open(path, options.read(true).write(true), mode).at("lock", path)
}

/// The job that wrote its name into the lock.
fn holder(file: &File) -> Option<JobId> {
    let mut text = [0; 64];
    let length = file.read_at(&mut text, 0).ok()?;
    str::from_utf8(&text[..length]).ok()?.parse().ok()
}

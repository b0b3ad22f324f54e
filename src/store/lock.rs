//! The two locks between processes. The kernel lets go of both when the holder dies.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::Store;
use super::error::{At, StoreError};
use crate::model::JobId;

/// For the service's user and its group: the panel and the backup are two users.
const LOCK_MODE: u32 = 0o660;
/// The store's lock is held for milliseconds; a holder of ten seconds is stuck.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(5);

/// Held for a whole run: one backup at a time.
#[derive(Debug)]
pub struct RunLock(#[allow(dead_code)] Flock<File>); // held, never read

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
    ///
    /// # Errors
    /// [`StoreError::Busy`] where one is that has not said its name.
    pub fn running(&self) -> Result<Option<JobId>, StoreError> {
        match Flock::lock(open(&self.state.join("run.lock"))?, FlockArg::LockSharedNonblock) {
            Err((file, Errno::EWOULDBLOCK)) => holder(file).map(Some).ok_or(StoreError::Busy { job: None }),
            _ => Ok(None),
        }
    }

    fn take_run_lock(&self, job: &JobId, how: FlockArg) -> Result<RunLock, StoreError> {
        let path = self.state.join("run.lock");
        match Flock::lock(open(&path)?, how) {
            Ok(mut lock) => {
                let mut name_holder = || {
                    lock.set_len(0)?;
                    lock.rewind()?;
                    lock.write_all(job.as_str().as_bytes())
                };
                name_holder().at("write", &path)?;
                Ok(RunLock(lock))
            }
            Err((file, Errno::EWOULDBLOCK)) => Err(StoreError::Busy { job: holder(file) }),
            Err((_, error)) => Err(error).at("lock", &path),
        }
    }

    /// Takes the store's lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] after ten seconds.
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        let path = self.state.join("store.lock");
        let mut file = open(&path)?;
        let begun = Instant::now();
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(StoreLock(lock)),
                Err((back, Errno::EWOULDBLOCK | Errno::EINTR)) if begun.elapsed() < PATIENCE => {
                    file = back;
                    std::thread::sleep(RETRY);
                }
                Err((_, Errno::EWOULDBLOCK)) => return Err(StoreError::Locked),
                Err((_, error)) => return Err(error).at("lock", &path),
            }
        }
    }
}

fn open(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(LOCK_MODE)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)
        .at("lock", path)
}

/// The job that wrote its name into the lock.
fn holder(file: File) -> Option<JobId> {
    let mut text = String::new();
    file.take(100).read_to_string(&mut text).ok()?;
    text.parse().ok()
}

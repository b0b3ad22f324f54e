//! All that the store can say of how the backups stand, asked once.

use jiff::{SignedDuration, Timestamp};
use nix::sys::statvfs::statvfs;

use super::Store;
use super::draft::RESERVE_BYTES;
use super::error::StoreError;
use crate::model::{ArchiveInfo, Automatic, Disk, JobId, LastRun, Night};
use crate::verdict::{self, Facts, Verdict};

/// How the backups stand, as far as the store knows.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Every archive, newest first.
    pub archives: Vec<ArchiveInfo>,
    /// How the last run ended.
    pub last_run: Option<LastRun>,
    /// How the runs of each day ended.
    pub nights: Vec<Night>,
    /// The room on the disk; none where nobody can say.
    pub disk: Option<Disk>,
    /// The job that is at work.
    pub running: Option<JobId>,
}

impl Store {
    /// Asks once; reads no archive.
    ///
    /// # Errors
    /// As [`Store::list`]; what else cannot be read is none.
    pub fn standing(&self) -> Result<Standing, StoreError> {
        let archives = self.list()?;
        Ok(Standing {
            last_run: self.last_run(),
            nights: self.nights(),
            disk: self.disk(&archives),
            running: self.running().ok().flatten(),
            archives,
        })
    }

    fn disk(&self, archives: &[ArchiveInfo]) -> Option<Disk> {
        let found = statvfs(self.directory()).ok()?;
        Some(Disk {
            total: found.blocks() * found.fragment_size(),
            free: found.blocks_available() * found.fragment_size(),
            backups: archives.iter().map(|archive| archive.bytes).sum(),
            reserve: RESERVE_BYTES,
            takes_files: found.files() == 0 || found.files_available() > 0,
        })
    }
}

impl Standing {
    /// The verdict at this moment, by what is known of the timer.
    pub fn verdict(
        &self,
        automatic: Option<&Automatic>,
        now: Timestamp,
        longest_age: SignedDuration,
    ) -> Verdict {
        verdict::judge(&Facts {
            archives: &self.archives,
            last_run: self.last_run.as_ref(),
            automatic,
            disk: self.disk.as_ref(),
            is_running: self.running.is_some() || automatic.is_some_and(|automatic| automatic.firing),
            now,
            longest_age,
        })
    }
}

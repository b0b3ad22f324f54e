//! The jobs of this boot as their events files tell them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use super::journal;
use crate::model::{Event, Fact, JobId, JobState, JobView};

/// The log of one job in an answer; a run writes about ten lines.
const LONGEST_LOG: usize = 500;
/// No line of ours is longer; more is somebody else's file.
const LONGEST_LINE: usize = 64 << 10;

/// Reads events files; writes nothing.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

impl History {
    /// The history below this runtime directory, which need not exist yet.
    pub fn new(runtime: &Path) -> Self {
        Self { folder: journal::folder(runtime) }
    }

    /// Makes the folder where it is not there.
    pub fn make_folder(&self) -> io::Result<()> {
        crate::store::make_folder(&self.folder)
    }

    /// The folder of the events files, for whoever watches it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ids of all jobs, newest first.
    pub fn ids(&self) -> Vec<JobId> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut ids: Vec<_> = entries
            .filter_map(|entry| {
                let id: JobId = entry.file_name().to_str()?.strip_suffix(".jsonl")?.parse().ok()?;
                Some((entry.metadata().ok()?.modified().ok()?, id))
            })
            .collect();
        ids.sort_by(|a, b| b.cmp(a));
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// A reader of one job's events.
    ///
    /// # Errors
    /// `NotFound` where there is no such job.
    pub fn tail(&self, id: &JobId) -> io::Result<Tail> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK);
        let file = options.open(self.folder.join(format!("{id}.jsonl")))?;
        Ok(Tail { file, position: 0 })
    }

    /// One job, summed up; none where it is not known.
    pub fn view(&self, id: &JobId) -> Option<JobView> {
        let mut tail = self.tail(id).ok()?;
        // Asked before reading: a job that ends in between is then read as ended.
        let alive = tail.writer_lives();
        let events = tail.next_events().ok()?;
        let first = events.first()?;
        let Fact::Started { kind } = first.fact else { return None };
        let state = if alive { JobState::Running } else { JobState::Interrupted };
        let mut view = JobView {
            id: id.clone(),
            kind,
            state,
            started: first.at,
            updated: events.last()?.at,
            step: None,
            outcome: None,
            log: Vec::new(),
        };
        for event in events {
            match event.fact {
                Fact::Step { step } => view.step = Some(step),
                Fact::Log { text, .. } if view.log.len() < LONGEST_LOG => view.log.push(text),
                Fact::Done { outcome } => {
                    view.state = if outcome.success { JobState::Succeeded } else { JobState::Failed };
                    view.outcome = Some(outcome);
                }
                Fact::Started { .. } | Fact::Progress { .. } | Fact::Log { .. } => {}
            }
        }
        Some(view)
    }
}

/// Bytes that are read at once; what more there is comes with the next call. The folder is
/// shared, and a file in it may have any length.
const MOST_AT_ONCE: u64 = 8 << 20;

/// Follows one events file.
#[derive(Debug)]
pub struct Tail {
    file: File,
    position: u64,
}

impl Tail {
    /// The events since the last call; a line that is not yet whole waits for its end.
    pub fn next_events(&mut self) -> io::Result<Vec<Event>> {
        self.file.seek(SeekFrom::Start(self.position))?;
        let mut bytes = Vec::new();
        (&mut self.file).take(MOST_AT_ONCE).read_to_end(&mut bytes)?;
        let whole = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if bytes.len() > LONGEST_LINE => return Err(io::ErrorKind::InvalidData.into()),
            None => 0,
        };
        self.position += whole as u64;
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        // A newer program's job may report facts that this one does not know.
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Whether the job that writes the file still lives: it holds the file's lock.
    pub fn writer_lives(&self) -> bool {
        match self.file.try_clone().map(|file| Flock::lock(file, FlockArg::LockSharedNonblock)) {
            // A clone shares the lock; it is let go here.
            Ok(Ok(lock)) => {
                drop(lock);
                false
            }
            Ok(Err(_)) => true,
            Err(_) => false,
        }
    }
}

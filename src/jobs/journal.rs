//! A job's events file: JSON lines that the panel and the command line follow.
//!
//! The job holds a lock on the file as long as it lives, so a file without a last
//! word and without a lock is a job that was killed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use nix::fcntl::{Flock, FlockArg};

use crate::model::{Event, Fact, JobId, JobKind, Level, Outcome, Sentence, Step};
use crate::store::make_folder;
use crate::text::Language;

/// Names and sizes, no secrets: the panel and the installer's shell may read it.
const MODE: u32 = 0o644;
/// A person sees no more than ten steps of a bar a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// A long stage is told in steps of this part of its length so far, so that the file,
/// which is in memory, stays at some thousand lines however long the stage is.
const PROGRESS_PART: u32 = 500;
/// Jobs whose events are kept; they are gone at the next boot anyway.
const KEPT_JOBS: usize = 50;

/// Where the events of all jobs lie.
pub(super) fn folder(runtime: &Path) -> PathBuf {
    runtime.join("jobs")
}

/// What a job says while it works.
pub struct Journal<'a> {
    id: JobId,
    language: Language,
    file: Option<Flock<File>>,
    seq: u64,
    step_begun: Instant,
    last_progress: Option<Instant>,
    observer: &'a mut dyn FnMut(&Event),
}

impl<'a> Journal<'a> {
    /// Begins the journal of a job. `observer` hears every event as well.
    ///
    /// A runtime directory that cannot be written costs the live view and never the
    /// backup: it is reported to the log, and the job goes on.
    pub fn begin(
        runtime: &Path,
        id: JobId,
        kind: JobKind,
        language: Language,
        observer: &'a mut dyn FnMut(&Event),
    ) -> Self {
        let first = Event { seq: 1, at: Timestamp::now(), fact: Fact::Started { kind } };
        let file = create(runtime, &id, &first)
            .inspect_err(|error| {
                tracing::warn!(runtime = %runtime.display(), %error, "no events file for this job");
            })
            .ok();
        observer(&first);
        Self { id, language, file, seq: 1, step_begun: Instant::now(), last_progress: None, observer }
    }

    /// The job's id.
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// The language of the job's log and status.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A stage begins.
    pub fn step(&mut self, step: Step) {
        self.step_begun = Instant::now();
        self.last_progress = None;
        self.note(Fact::Step { step });
    }

    /// How far the stage is, of how much where that is known; told ten times a second at most, and
    /// less often the longer it takes.
    pub fn progress(&mut self, bytes: u64, files: u64, total: Option<(u64, u64)>) {
        let interval = (self.step_begun.elapsed() / PROGRESS_PART).max(PROGRESS_INTERVAL);
        if self.last_progress.is_some_and(|last| last.elapsed() < interval) {
            return;
        }
        self.last_progress = Some(Instant::now());
        let (total_bytes, total_files) = (total.map(|total| total.0), total.map(|total| total.1));
        self.note(Fact::Progress { bytes, files, total_bytes, total_files });
    }

    /// A line of the log; gives back its text.
    pub fn log(&mut self, level: Level, sentence: Sentence) -> String {
        let text = self.language.say(&sentence);
        self.note(Fact::Log { level, sentence, text: text.clone() });
        text
    }

    /// The last word.
    pub fn done(mut self, outcome: Outcome) {
        self.note(Fact::Done { outcome });
    }

    fn note(&mut self, fact: Fact) {
        self.seq += 1;
        let event = Event { seq: self.seq, at: Timestamp::now(), fact };
        // The file first: whoever hears of the job must find it there.
        self.write(&event);
        (self.observer)(&event);
    }

    fn write(&mut self, event: &Event) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(&line_of(event)) {
            tracing::warn!(job = %self.id, %error, "events file given up");
            self.file = None;
        }
    }
}

fn line_of(event: &Event) -> Vec<u8> {
    let mut line = serde_json::to_vec(event).expect("an event is JSON");
    line.push(b'\n');
    line
}

/// Makes the file under a hidden name, locks it, writes the job's first word, then shows it:
/// whoever sees it sees it locked, and a job in it.
fn create(runtime: &Path, id: &JobId, first: &Event) -> io::Result<Flock<File>> {
    let folder = folder(runtime);
    make_folder(&folder)?;
    forget_old(&folder);
    let hidden = folder.join(format!(".{id}"));
    let mut options = OpenOptions::new();
    let file = options.append(true).create_new(true).mode(MODE).open(&hidden)?;
    let mut file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)?;
    file.write_all(&line_of(first))?;
    fs::rename(&hidden, folder.join(format!("{id}.jsonl")))?;
    Ok(file)
}

/// Deletes the oldest events files, and nothing else that may lie there.
fn forget_old(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let excess = files.len().saturating_sub(KEPT_JOBS - 1);
    for (_, path) in files.into_iter().take(excess) {
        let _ = fs::remove_file(path);
    }
}

/// `ID.jsonl`, or `.ID` of one that was killed while it was made.
fn is_ours(name: &str) -> bool {
    let id = name.strip_suffix(".jsonl").or_else(|| name.strip_prefix('.'));
    id.is_some_and(|id| id.parse::<JobId>().is_ok())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn whoever_sees_a_job_sees_its_first_word() {
        let runtime = tempfile::tempdir().unwrap();
        let history = crate::jobs::History::new(runtime.path());
        let ids: Vec<_> = (0..500).map(|_| crate::jobs::new_id(JobKind::Backup)).collect();
        let seen = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (place, id) in ids.iter().enumerate() {
                    // Each begins while somebody looks for nothing else.
                    while seen.load(Ordering::Acquire) < place {
                        std::thread::yield_now();
                    }
                    let silent = &mut |_: &Event| {};
                    Journal::begin(runtime.path(), id.clone(), JobKind::Backup, Language::French, silent);
                }
            });
            let mut empty = 0;
            for (place, id) in ids.iter().enumerate() {
                let mut tail = loop {
                    if let Ok(tail) = history.tail(id) {
                        break tail;
                    }
                };
                empty += usize::from(tail.next_events().unwrap().is_empty());
                seen.store(place + 1, Ordering::Release);
            }
            assert_eq!(empty, 0, "jobs that were seen without a word");
        });
    }

    #[test]
    fn only_events_files_are_forgotten() {
        let runtime = tempfile::tempdir().unwrap();
        let folder = folder(runtime.path());
        make_folder(&folder).unwrap();
        let foreign = folder.join("but.mp4");
        fs::write(&foreign, "").unwrap();
        for _ in 0..KEPT_JOBS + 5 {
            let id = crate::jobs::new_id(JobKind::Backup);
            fs::write(folder.join(format!("{id}.jsonl")), "").unwrap();
        }
        forget_old(&folder);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), KEPT_JOBS - 1 + 1);
        assert!(foreign.exists());
    }
}

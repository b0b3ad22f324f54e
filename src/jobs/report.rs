//! What a run says: to its journal, to `backup.log`, and at the end in the status file.

use jiff::{Timestamp, Zoned};

use super::{JobError, Journal};
use crate::config::Config;
use crate::model::{ArchiveName, Level, Outcome, RunStatus, Sentence, size_in_words, time};
use crate::store::Store;

/// Warnings that the status and the manifest repeat; the log has them all.
const MOST_WARNINGS: usize = 100;

/// A run's voice.
pub(super) struct Report<'j, 'o> {
    pub(super) journal: &'j mut Journal<'o>,
    store: Option<Store>,
    begun: Zoned,
    warnings: Vec<String>,
    unsaid: usize,
}

impl<'j, 'o> Report<'j, 'o> {
    pub(super) fn new(journal: &'j mut Journal<'o>, begun: Zoned) -> Self {
        Self { journal, store: None, begun, warnings: Vec::new(), unsaid: 0 }
    }

    /// When the run began.
    pub(super) fn begun(&self) -> &Zoned {
        &self.begun
    }

    /// The clock may have been set since.
    pub(super) fn begin_anew(&mut self, begun: Zoned) {
        self.begun = begun;
    }

    /// From here on there is a log to write to.
    pub(super) fn log_to(&mut self, store: &Store) {
        self.store = Some(store.clone());
    }

    pub(super) fn info(&mut self, sentence: Sentence) {
        self.say(Level::Info, sentence);
    }

    /// Something that the panel and monitoring should show as well.
    pub(super) fn warn(&mut self, sentence: Sentence) {
        let text = self.say(Level::Warning, sentence);
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(text);
        } else {
            self.unsaid += 1;
        }
    }

    /// Why the job failed.
    pub(super) fn error(&mut self, sentence: Sentence) {
        self.say(Level::Error, sentence);
    }

    /// Something that is as it was set, and that its owner should be reminded of: in
    /// the log each time, but nothing that the status would call wrong.
    pub(super) fn caution(&mut self, sentence: Sentence) {
        self.say(Level::Warning, sentence);
    }

    fn say(&mut self, level: Level, sentence: Sentence) -> String {
        let text = self.journal.log(level, sentence);
        match level {
            Level::Info => tracing::info!(job = %self.journal.id(), "{text}"),
            Level::Warning => tracing::warn!(job = %self.journal.id(), "{text}"),
            Level::Error => tracing::error!(job = %self.journal.id(), "{text}"),
        }
        if let Some(store) = &self.store {
            let now = Timestamp::now().to_zoned(store.zone().clone());
            if let Err(error) = store.log(&now, level, &text) {
                // The line is in the journal and in the events; the run goes on.
                tracing::warn!(%error, "backup.log not written");
            }
        }
        text
    }

    /// The warnings so far, the last entry counting those that were too many.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        if self.unsaid > 0 {
            let more = Sentence::new("run.more_warnings").with("count", self.unsaid);
            warnings.push(self.journal.language().say(&more));
        }
        warnings
    }

    /// Writes the status of a run that made this archive.
    pub(super) fn succeeded(
        &mut self,
        store: &Store,
        config: &Config,
        name: &ArchiveName,
        bytes: u64,
    ) -> Result<Outcome, JobError> {
        let mut status = self.status(store, config, store.list()?.len());
        status.success = true;
        status.archive = Some(name.clone());
        status.size = Some(size_in_words(bytes));
        store.write_status(&status)?;
        self.info(
            Sentence::new("run.succeeded")
                .with("archive", name)
                .with("size", size_in_words(bytes))
                .with("total", status.backups_count),
        );
        Ok(Outcome { success: true, archive: Some(name.clone()), bytes: Some(bytes), failure: None })
    }

    /// Says why the run failed, in the status too where there is a store to write it to.
    pub(super) fn failed(&mut self, config: &Config, error: &JobError) -> Outcome {
        let failure = error.failure();
        let text = self.say(Level::Error, failure.sentence.clone());
        if let Some(store) = self.store.clone() {
            let mut status = self.status(&store, config, store.list().map_or(0, |list| list.len()));
            status.error = Some(text);
            status.code = Some(failure.code.clone());
            if let Err(error) = store.write_status(&status) {
                tracing::warn!(%error, "status file not written");
            }
        }
        Outcome { success: false, archive: None, bytes: None, failure: Some(failure) }
    }

    fn status(&self, store: &Store, config: &Config, backups_count: usize) -> RunStatus {
        RunStatus {
            timestamp: time::rfc3339_local(&self.begun),
            date: self.begun.date().to_string(),
            success: false,
            archive: None,
            size: None,
            backups_count,
            retention_days: store.in_force(config).retention.days,
            error: None,
            code: None,
            warnings: self.warnings(),
            job: Some(self.journal.id().to_string()),
            duration_ms: elapsed_ms(self.begun.timestamp()),
        }
    }
}

/// Milliseconds since then by the wall clock; 0 where it went backwards.
fn elapsed_ms(since: Timestamp) -> u64 {
    u64::try_from(Timestamp::now().duration_since(since).as_millis()).unwrap_or(0)
}

//! What a killed run left: its half-written archive, which may be as large as all the
//! videos, and a status that still speaks of the run before.

use jiff::Timestamp;

use crate::config::Config;
use crate::model::{JobId, JobKind, RunStatus, Sentence, time};
use crate::store::{Store, StoreError, Swept};
use crate::text::Language;

/// Clears it, where no run is going on; says what it cleared.
pub fn tidy(store: &Store, config: &Config, language: Language) -> Result<Swept, StoreError> {
    store.make_state()?;
    match store.lock_run(&super::new_id(JobKind::Verify)) {
        Ok(run) => {
            // First: it may be what fills the card, on which the status must find room.
            let swept = store.lock().and_then(|held| store.sweep(&run, &held));
            // One that was killed after its last word has told how it went itself.
            let killed = run.interrupted().filter(|job| job.kind() == JobKind::Backup);
            if let Some(job) = killed.filter(|job| !store.has_told(job)) {
                store.write_status(&interrupted(store, config, language, job))?;
            }
            swept
        }
        // That run clears it itself.
        Err(StoreError::Busy { .. }) => Ok(Swept::default()),
        Err(error) => Err(error),
    }
}

/// The status of a run that could not write its own.
fn interrupted(store: &Store, config: &Config, language: Language, job: &JobId) -> RunStatus {
    let sentence = Sentence::new("error.run_interrupted");
    let begun = job.begun().unwrap_or_else(Timestamp::now).to_zoned(store.zone().clone());
    RunStatus {
        timestamp: time::rfc3339_local(&begun),
        date: begun.date().to_string(),
        success: false,
        archive: None,
        size: None,
        backups_count: store.list().map_or(0, |list| list.len()),
        retention_days: store.in_force(config).retention.days,
        error: Some(language.say(&sentence)),
        code: Some("run_interrupted".into()),
        warnings: Vec::new(),
        job: Some(job.to_string()),
        duration_ms: 0,
    }
}

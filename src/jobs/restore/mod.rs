//! Puts the club's files back: verify → stage → look → copy what is there for safety →
//! replace, all or none → start the services anew → see that they stay up; else go back.
//!
//! A plug that is pulled on the way leaves the files of before or of after: the next start
//! goes back to those of before ([`resume`]), unless all was done.

mod compare;
mod error;
mod look;
mod making;
mod plan;
mod requests;
mod safety;
mod services;
mod videos;

use jiff::{Timestamp, tz::TimeZone};

pub use compare::{compare, preview};
pub use error::RestoreError;
pub use requests::Requests;
pub use services::{Restarted, Services, Unmanaged};

use super::report::Report;
use super::{Journal, tidy};
use crate::config::Config;
use crate::model::{ArchiveName, Event, JobId, JobKind, Outcome, RestoreState, Sentence, Step};
use crate::store::{Store, StoreError};
use crate::targets::{Intents, Phase, Switch};
use crate::text::Language;
pub(super) use compare::form_of;
pub(super) use plan::staged as read_archive;
pub(super) use plan::{club_here, club_in, read_to_end};

use making::{Restoring, ended, note};

/// What is to be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An archive, whole or in part.
    Restore {
        /// Which.
        archive: ArchiveName,
        /// The members; all that the configuration names where none is given.
        members: Option<Vec<String>>,
        /// The name of the archive's club, where it is another one than this box's.
        confirm: Option<String>,
    },
    /// What the last restore replaced.
    Undo,
}

/// A restore that is to be made.
#[derive(Clone, Debug)]
pub struct RestoreOrder {
    /// Its id.
    pub id: JobId,
    /// The language of its log.
    pub language: Language,
    /// The zone of names and days.
    pub zone: TimeZone,
    /// What is to be put back.
    pub wish: Wish,
}

/// Makes one restore and says how it went; every failure is in the outcome.
pub fn restore(
    config: &Config,
    order: RestoreOrder,
    services: &mut dyn Services,
    observer: &mut dyn FnMut(&Event),
) -> Outcome {
    let RestoreOrder { id, language, zone, wish } = order;
    let mut journal = Journal::begin(&config.paths.runtime, id, JobKind::Restore, language, observer);
    let mut report = Report::new(&mut journal, Timestamp::now().to_zoned(zone.clone()));
    let outcome = match begin(config, zone, wish, services, &mut report) {
        Ok(archive) => Outcome { success: true, archive: Some(archive), bytes: None, failure: None },
        Err(error) => {
            let failure = error.failure();
            report.error(failure.sentence.clone());
            Outcome { success: false, archive: None, bytes: None, failure: Some(failure) }
        }
    };
    journal.done(outcome.clone());
    outcome
}

fn begin(
    config: &Config,
    zone: TimeZone,
    wish: Wish,
    services: &mut dyn Services,
    report: &mut Report<'_, '_>,
) -> Result<ArchiveName, RestoreError> {
    report.journal.step(Step::Prepare);
    let store = Store::open(&config.paths, zone)?;
    // What a killed backup left is told by its own status, before this one takes its lock.
    tidy(&store, config, report.journal.language())?;
    let lock = store.lock_run(report.journal.id())?;
    report.log_to(&store);
    go_back(config, &store, services, report)?;
    Restoring { config, store: &store, lock: &lock, services, report }.make(wish)
}

/// Goes back to the files of before where a restore was interrupted; says whether one was.
/// Needs no archive, so that a disk of backups that is away keeps nobody's files changed.
///
/// Waits for a backup that is going on; another restore goes back by itself.
pub fn resume(
    config: &Config,
    order: RestoreOrder,
    services: &mut dyn Services,
    observer: &mut dyn FnMut(&Event),
) -> Result<bool, RestoreError> {
    let RestoreOrder { id, language, zone, .. } = order;
    if Intents::of(&config.paths.state).read()?.is_none() {
        return Ok(false);
    }
    let store = Store::of(&config.paths, zone.clone());
    store.make_state()?;
    let _lock = match store.lock_run(&id) {
        Err(StoreError::Busy { job: Some(job) }) if job.kind() == JobKind::Restore => return Ok(false),
        Err(StoreError::Busy { .. }) => store.wait_for_run(&id)?,
        other => other?,
    };
    let mut journal = Journal::begin(&config.paths.runtime, id, JobKind::Restore, language, observer);
    let mut report = Report::new(&mut journal, Timestamp::now().to_zoned(zone));
    report.log_to(&store);
    let gone_back = go_back(config, &store, services, &mut report);
    let failure = gone_back.as_ref().err().map(RestoreError::failure);
    journal.done(Outcome { success: failure.is_none(), archive: None, bytes: None, failure });
    gone_back
}

/// Ends what an interrupted restore has begun.
fn go_back(
    config: &Config,
    store: &Store,
    services: &mut dyn Services,
    report: &mut Report<'_, '_>,
) -> Result<bool, RestoreError> {
    let stuck = |source| RestoreError::Stuck { source };
    let Some(switch) = Switch::resume(&Intents::of(&config.paths.state)).map_err(stuck)? else {
        return Ok(false);
    };
    let intent = switch.intent().clone();
    if intent.phase == Phase::Done {
        note(config, store, &intent, ended(&intent))?;
        videos::clear(config)?;
        switch.finish().map_err(stuck)?;
        report.info(Sentence::new("restore.done_before").with("name", &intent.archive));
        return Ok(true);
    }
    report.journal.step(Step::RollBack);
    switch.roll_back().map_err(stuck)?;
    report.warn(Sentence::new("restore.interrupted").with("name", &intent.archive));
    // The files are back, and nobody comes here again: the club's services before any note.
    if intent.phase > Phase::Apply {
        services::start_as_before(&config.restore, services, report);
    }
    if let Err(unnoted) = note(config, store, &intent, RestoreState::Interrupted) {
        report.warn(unnoted.sentence());
    }
    Ok(true)
}

//! One backup, from the lock to the acknowledgement.

use std::time::Duration;

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::await_clock::await_clock;
use super::gather::{self, Gathered};
use super::report::Report;
use super::{JobError, Journal, pack, reconcile, verify};
use crate::archive::Staging;
use crate::config::Config;
use crate::model::clock::{Reading, Trust};
use crate::model::{
    ArchiveName, Event, JobId, JobKind, MANIFEST_FORMAT, ManifestHead, Outcome, Rehearsal, Sentence, Step,
    Verification, size_in_words,
};
use crate::sources;
use crate::store::{RunLock, Store, StoreError};
use crate::text::Language;

/// Times that an archive is made anew because a file of its name appeared meanwhile.
const NAME_ATTEMPTS: usize = 3;

/// What is asked of a run.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id.
    pub id: JobId,
    /// The language of its log and of the status file.
    pub language: Language,
    /// The zone of names and days.
    pub zone: TimeZone,
    /// Whether to wait for a run that is going on, instead of giving up.
    pub wait: bool,
    /// How long to wait for a clock that is not synchronised yet; none not at all.
    pub clock: Option<Duration>,
}

/// Makes one backup and says how it went; every failure is in the outcome.
pub fn backup(config: &Config, order: Order, observer: &mut dyn FnMut(&Event)) -> Outcome {
    let Order { id, language, zone, wait, clock } = order;
    let runtime = &config.paths.runtime;
    let mut journal = Journal::begin(runtime, id.clone(), JobKind::Backup, language, observer);
    let now = || Timestamp::now().to_zoned(zone.clone());
    let mut report = Report::new(&mut journal, now());
    let opened = Store::open_to_read(&config.paths, zone.clone());
    if opened.is_err() {
        // A directory that is away takes no status; that it is away is told in memory.
        report.log_to(&Store::of(&config.paths, zone.clone()));
    }
    let outcome = opened
        .map_err(JobError::from)
        .and_then(|store| {
            report.journal.step(Step::Prepare);
            let take = || if wait { store.wait_for_run(&id) } else { store.lock_run(&id) };
            let lock = store.make_state().and_then(|()| take());
            // Log and status are the other run's while there is one; any other failure is told there.
            if !matches!(lock, Err(StoreError::Busy { .. })) {
                report.log_to(&store);
            }
            let lock = lock?;
            // Under the lock: whoever asks meanwhile is told, and so is the next start, where
            // the plug is pulled.
            let awaited =
                clock.is_some_and(|patience| await_clock(report.journal, patience, sources::sync_state));
            // What was read before a wait is not what the clock is judged by.
            if wait || awaited {
                report.begin_anew(now());
            }
            let begun = report.begun().clone();
            Run { config, store: &store, lock: &lock, begun: &begun, report: &mut report }.make()
        })
        .unwrap_or_else(|error| report.failed(config, &error));
    journal.done(outcome.clone());
    outcome
}

/// A run that holds the lock.
pub(super) struct Run<'r, 'j, 'o> {
    pub(super) config: &'r Config,
    pub(super) store: &'r Store,
    pub(super) lock: &'r RunLock,
    pub(super) begun: &'r Zoned,
    pub(super) report: &'r mut Report<'j, 'o>,
}

impl Run<'_, '_, '_> {
    fn make(mut self) -> Result<Outcome, JobError> {
        self.report.info(Sentence::new("run.started"));
        let (trust, reading) = self.prepare()?;
        // Temporary copies lie on the same card: without any room, it is said at once.
        self.store.check_space(0)?;
        let mut gathered = gather::gather(self.config, self.store.directory(), self.report)?;
        let (name, bytes) = self.archive(&mut gathered, trust)?;
        self.prune(trust, &reading);
        self.report.succeeded(self.store, self.config, &name, bytes)
    }

    /// Clears what a killed run left and judges the clock.
    fn prepare(&mut self) -> Result<(Trust, Reading), JobError> {
        let swept = self.store.sweep(self.lock, &self.store.lock()?)?;
        if swept.files > 0 {
            self.report.warn(Sentence::new("run.swept").with("count", swept.files));
        }
        let (trust, reading) = reconcile::judge_clock(self.store);
        self.store.remember_reading(&reading, &self.store.lock()?)?;
        Ok((trust, reading))
    }

    fn reconcile(&mut self) -> Result<(), StoreError> {
        reconcile(self.store, self.config, &mut |name, result| match result {
            Ok(Verification::Damaged { reason }) => {
                self.report.warn(
                    Sentence::new("run.found_damaged").with("name", name).with_sentence("reason", reason),
                );
            }
            Ok(_) => {}
            Err(error) => self.report.warn(error.sentence()),
        })
    }

    /// Writes, proves and publishes, again where the name was taken meanwhile. The catalogue is
    /// made again first where it was lost, as it numbers the archives; otherwise archives that
    /// nobody has read wait until this one is safe.
    pub(super) fn archive(
        &mut self,
        gathered: &mut Gathered<'_>,
        trust: Trust,
    ) -> Result<(ArchiveName, u64), JobError> {
        let knows_numbers = self.store.knows_numbers(&self.store.lock()?)?;
        if !knows_numbers {
            self.reconcile()?;
            self.store.settle_numbers(&self.store.lock()?)?;
        }
        let mut attempt = 1;
        loop {
            match self.archive_once(gathered, trust) {
                Err(JobError::Store(StoreError::NameTaken { .. })) if attempt < NAME_ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    fn archive_once(
        &mut self,
        gathered: &mut Gathered<'_>,
        trust: Trust,
    ) -> Result<(ArchiveName, u64), JobError> {
        self.report.journal.step(Step::Write);
        let draft = self.store.draft(self.lock, self.begun, gathered.need_bytes())?;
        let mut head = ManifestHead {
            format: MANIFEST_FORMAT,
            program: concat!("neopro-backup ", env!("CARGO_PKG_VERSION")).into(),
            host: sources::host_name(),
            sequence: self.store.take_sequence(&self.store.lock()?)?,
            created: self.begun.timestamp(),
            clock_trusted: trust.is_trusted(),
            warnings: Vec::new(),
        };
        let digest = pack::pack(&draft, gathered, &mut head, self.store.directory(), self.report)?;
        self.report.journal.step(Step::Verify);
        let wanted = |member: &str| verify::is_file(self.config, member);
        let mut staging = Staging::new(&wanted, self.store.directory());
        let proven = draft.prove(digest, &mut staging)?;
        let rehearsal = verify::rehearse(self.store, staging);
        if let Some(Rehearsal::Failed { reason }) = &rehearsal {
            self.report.warn(reason.clone());
        }
        self.report.journal.step(Step::Publish);
        let name = self.store.publish(proven, rehearsal, &self.store.lock()?)?;
        let bytes = self.store.find(&name)?.bytes;
        Ok((name, bytes))
    }

    /// Reads what nobody has read, then lets go of what retention no longer keeps. The archive is made and safe by
    /// now, so what fails here is a warning.
    fn prune(&mut self, trust: Trust, reading: &Reading) {
        self.report.journal.step(Step::Prune);
        if let Some(problem) = self.store.settings_problem() {
            self.report.warn(problem);
        }
        if let Err(error) = self.reconcile() {
            self.report.warn(error.sentence());
            return;
        }
        let (since, now) = reconcile::judge_clock_since(reading);
        let trust = if trust.is_trusted() { since } else { trust };
        if !trust.is_trusted() {
            self.report.warn(Sentence::new(&format!("run.clock_{}", trust.code())));
            return;
        }
        let pruned = self.store.lock().and_then(|held| {
            // Its copy is pinned all the same: it only stays longer.
            if let Err(error) = self.store.end_undo(now, &held) {
                self.report.warn(error.sentence());
            }
            // Under the lock that a change of the panel takes: who was told that it is made has
            // seen the last archive go by the rules before.
            self.store.prune(&self.store.retention_to_delete_by(self.config)?, now, &held)
        });
        match pruned {
            Ok(pruned) if pruned.deleted > 0 => self.report.info(
                Sentence::new("run.pruned")
                    .with("count", pruned.deleted)
                    .with("size", size_in_words(pruned.freed_bytes)),
            ),
            Ok(_) => {}
            Err(error) => self.report.warn(error.sentence()),
        }
    }
}

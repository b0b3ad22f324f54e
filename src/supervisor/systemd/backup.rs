//! Starts the backup's unit and follows it to its real end.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use zbus::OwnedObjectPath;

use super::bus::{self, JobRemovedStream, ServiceProxy, UnitProxy, refused};
use super::{BACKUP, Systemd};
use crate::jobs::{self, History};
use crate::model::{JobId, JobKind, Outcome};
use crate::store::{Store, StoreError};
use crate::supervisor::{Ending, Started, SupervisorError, Watch, clear_after};

/// systemd's word for a job that did what it was to do.
pub(super) const DONE: &str = "done";
/// When systemd cannot be heard any more, its job is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Between systemd's word that it starts the unit and the unit's own first word.
const FIRST_WORD: Duration = Duration::from_mins(1);
/// A file that appears while its folder is looked at is seen by the next look.
const NEXT_LOOK: Duration = Duration::from_millis(200);

impl Systemd {
    /// Starts a backup, and answers when its events file is there.
    pub(super) async fn start(&self) -> Result<Started, SupervisorError> {
        let _one = self.starting.lock().await;
        let manager = self.bus.manager().await?;
        let unit = bus::unit(&manager, BACKUP).await?;
        let running = self.running().await?;
        let state = unit.active_state().await.map_err(refused)?;
        if running.is_some() || !matches!(state.as_str(), "inactive" | "failed") {
            return Err(StoreError::Busy { job: running }.into());
        }
        let before = unit.invocation_id().await.map_err(refused)?;
        let mut removed = manager.receive_job_removed().await.map_err(refused)?;
        let job = manager.start_unit(BACKUP, "replace").await.map_err(refused)?;
        let begun = self.first_word(&unit, &before, &mut removed, &job).await?;

        let (over, is_over) = oneshot::channel();
        let (history, store, config) = (self.history.clone(), self.store.clone(), self.config.clone());
        let id = begun.job.clone();
        tokio::spawn(async move {
            if !begun.over {
                end_of(&mut removed, &job, &history, &begun.job).await;
            }
            // A stream that nobody reads would hold up all others of the connection.
            drop(removed);
            let ending = match history.view(&begun.job) {
                Some(view) => Ending { outcome: view.outcome, log: view.log },
                None => ending_by_status(&store),
            };
            if ending.outcome.is_none() {
                clear_after(store, config).await;
            }
            let _ = over.send(ending);
        });
        Ok(Started { job: id, ended: is_over.map(Result::unwrap_or_default).boxed() })
    }

    async fn running(&self) -> Result<Option<JobId>, StoreError> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || Store::running(&store)).await.expect("store calls do not panic")
    }

    /// Waits for the events file of the unit's job, whose id has in it the name that
    /// systemd gives to each start of a unit.
    async fn first_word(
        &self,
        unit: &UnitProxy<'_>,
        before: &[u8],
        removed: &mut JobRemovedStream,
        job: &OwnedObjectPath,
    ) -> Result<Begun, SupervisorError> {
        let mut watch = Watch::new(vec![self.history.folder().to_owned()]).ok();
        let (mut result, mut silent) = (None, false);
        let patience = tokio::time::sleep(FIRST_WORD);
        tokio::pin!(patience);
        loop {
            let now = unit.invocation_id().await.map_err(refused)?;
            let mut ids = self.history.ids().into_iter();
            if now != before
                && let Some(job) = ids.find(|id| id.chance() == chance_of(&now))
            {
                return Ok(Begun { job, over: result.is_some() });
            }
            match result {
                // No events file costs the live view, and never the backup.
                Some(result) if result == DONE => {
                    return Ok(Begun { job: jobs::new_id(JobKind::Backup), over: true });
                }
                Some(result) => return Err(failed(unit, result).await),
                None => {}
            }
            tokio::select! {
                ended = result_of(removed, job) => result = Some(ended.unwrap_or_default()),
                () = changes(&mut watch) => {}
                () = tokio::time::sleep(NEXT_LOOK) => {}
                () = &mut patience, if !silent => {
                    tracing::warn!(unit = BACKUP, "no events file of this run; waiting for its end");
                    silent = true;
                }
            }
        }
    }
}

/// A job whose events can be read.
struct Begun {
    job: JobId,
    /// Whether its unit has ended meanwhile.
    over: bool,
}

/// What the invocation of a unit gives to the id of its job: see [`crate::model::JobId`].
fn chance_of(invocation: &[u8]) -> String {
    let first = invocation.first_chunk().copied().unwrap_or_default();
    format!("{:08x}", u32::from_be_bytes(first))
}

/// Waits for a change in the jobs' folder; where it cannot be watched, for ever.
async fn changes(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => _ = watch.changes().await,
        None => std::future::pending().await,
    }
}

/// Waits for the end of systemd's job: `done`, `failed`, `timeout`, …; none where the
/// bus was closed.
pub(super) async fn result_of(removed: &mut JobRemovedStream, job: &OwnedObjectPath) -> Option<String> {
    while let Some(signal) = removed.next().await {
        if let Ok(args) = signal.args()
            && *args.job() == job.as_ref()
        {
            return Some(args.result().to_string());
        }
    }
    None
}

/// Waits until the unit has ended; where systemd can be heard no more, until its job has.
async fn end_of(removed: &mut JobRemovedStream, job: &OwnedObjectPath, history: &History, id: &JobId) {
    if let Some(result) = result_of(removed, job).await {
        if result != DONE {
            tracing::warn!(unit = BACKUP, result, "backup unit failed");
        }
        return;
    }
    while history.tail(id).is_ok_and(|tail| tail.writer_lives()) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// What the status file says of a run that succeeded and left no events.
fn ending_by_status(store: &Store) -> Ending {
    let status = store.status().unwrap_or_default();
    let archive = status["archive"].as_str().and_then(|name| name.parse().ok());
    let outcome = Outcome { success: true, archive, bytes: None, failure: None };
    Ending { outcome: (status["success"] == true).then_some(outcome), log: Vec::new() }
}

/// Why the unit ended before its program said a word: systemd knows.
async fn failed(unit: &UnitProxy<'_>, job_result: String) -> SupervisorError {
    let detail = async {
        let service = ServiceProxy::builder(unit.inner().connection()).path(unit.inner().path().to_owned());
        let service = service.build().await.ok()?;
        let (result, status) = (service.result().await.ok()?, service.exec_main_status().await.ok()?);
        Some(if result == "exit-code" { format!("{result} {status}") } else { result })
    };
    let result = detail.await.unwrap_or(job_result);
    SupervisorError::Failed { unit: BACKUP.to_owned(), result }
}

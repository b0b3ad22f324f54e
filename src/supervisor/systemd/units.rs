//! Starts a job's unit and follows it to its real end.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use zbus::OwnedObjectPath;

use super::bus::{self, JobRemovedStream, ManagerProxy, ServiceProxy, UnitProxy, refused};
use super::{BACKUP, Systemd};
use crate::jobs::{self, History, Requests};
use crate::model::{JobId, JobKind, Outcome, RestoreRequest};
use crate::store::{Store, StoreError};
use crate::supervisor::{Ending, Started, SupervisorError, Watch, clear_after, kind_of};

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
        // The unit's job has in its id the name that systemd gives to each start of a unit.
        let begun = move |history: &History, now: &[u8]| {
            let mut ids = history.ids().into_iter();
            if now == before { None } else { ids.find(|id| id.chance() == chance_of(now)) }
        };
        let silent = jobs::new_id(JobKind::Backup);
        let store = self.store.clone();
        let ended = move |history: &History, id: &JobId| match history.view(id) {
            Some(view) => Ending { outcome: view.outcome, log: view.log },
            None => ending_by_status(&store),
        };
        let after = clear_after(self.store.clone(), self.config.clone());
        self.start_unit(&manager, Unit { name: BACKUP, proxy: unit }, begun, silent, ended, after).await
    }

    /// Starts the unit that carries out this request. What it is to do is in a file: a unit's
    /// name has no room for it.
    pub(super) async fn restore(&self, request: RestoreRequest) -> Result<Started, SupervisorError> {
        let kind = kind_of(&request);
        let _one = self.starting.lock().await;
        if kind == JobKind::Restore
            && let Some(job) = self.running().await?
        {
            return Err(StoreError::Busy { job: Some(job) }.into());
        }
        let id = jobs::new_id(kind);
        let requests = Requests::of(&self.config.paths.runtime);
        let ask = {
            let (requests, id) = (requests.clone(), id.clone());
            move || requests.ask(&id, &request)
        };
        tokio::task::spawn_blocking(ask).await.expect("store calls do not panic")?;
        let started = self.start_instance(&id).await;
        if started.is_err() {
            requests.withdraw(&id);
        }
        started
    }

    async fn start_instance(&self, id: &JobId) -> Result<Started, SupervisorError> {
        let manager = self.bus.manager().await?;
        let name = format!("neopro-restore@{id}.service");
        let unit = bus::unit(&manager, &name).await?;
        let wanted = id.clone();
        let begun = move |history: &History, _: &[u8]| history.tail(&wanted).is_ok().then(|| wanted.clone());
        let ended = |history: &History, id: &JobId| {
            let view = history.view(id);
            view.map_or_else(Ending::default, |view| Ending { outcome: view.outcome, log: view.log })
        };
        // The unit itself goes back where its program was killed.
        let after = async {};
        self.start_unit(&manager, Unit { name: &name, proxy: unit }, begun, id.clone(), ended, after).await
    }

    /// Starts a unit, and answers when `begun` knows its job; `silent` is the id of one that
    /// leaves no events. `after` clears up where it was killed.
    async fn start_unit(
        &self,
        manager: &ManagerProxy<'_>,
        unit: Unit<'_>,
        begun: impl Fn(&History, &[u8]) -> Option<JobId>,
        silent: JobId,
        ended: impl FnOnce(&History, &JobId) -> Ending + Send + 'static,
        after: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Started, SupervisorError> {
        let mut removed = manager.receive_job_removed().await.map_err(refused)?;
        let job = manager.start_unit(unit.name, "replace").await.map_err(refused)?;
        let begun = self.first_word(&unit, &begun, silent, &mut removed, &job).await?;
        let (over, is_over) = oneshot::channel();
        let (history, id) = (self.history.clone(), begun.job.clone());
        tokio::spawn(async move {
            if !begun.over {
                end_of(&mut removed, &job, &history, &begun.job).await;
            }
            // A stream that nobody reads would hold up all others of the connection.
            drop(removed);
            let ending = ended(&history, &begun.job);
            if ending.outcome.is_none() {
                after.await;
            }
            let _ = over.send(ending);
        });
        Ok(Started { job: id, ended: is_over.map(Result::unwrap_or_default).boxed() })
    }

    async fn running(&self) -> Result<Option<JobId>, StoreError> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || Store::running(&store)).await.expect("store calls do not panic")
    }

    /// Waits for the events file of the unit's job.
    async fn first_word(
        &self,
        unit: &Unit<'_>,
        begun: &impl Fn(&History, &[u8]) -> Option<JobId>,
        silent: JobId,
        removed: &mut JobRemovedStream,
        job: &OwnedObjectPath,
    ) -> Result<Begun, SupervisorError> {
        let mut watch = Watch::new(vec![self.history.folder().to_owned()]).ok();
        let (mut result, mut told) = (None, false);
        let patience = tokio::time::sleep(FIRST_WORD);
        tokio::pin!(patience);
        loop {
            let now = unit.proxy.invocation_id().await.map_err(refused)?;
            if let Some(job) = begun(&self.history, &now) {
                return Ok(Begun { job, over: result.is_some() });
            }
            match result {
                // No events file costs the live view, and never the job.
                Some(result) if result == DONE => return Ok(Begun { job: silent, over: true }),
                Some(result) => return Err(failed(unit, result).await),
                None => {}
            }
            tokio::select! {
                ended = result_of(removed, job) => result = Some(ended.unwrap_or_default()),
                () = changes(&mut watch) => {}
                () = tokio::time::sleep(NEXT_LOOK) => {}
                () = &mut patience, if !told => {
                    tracing::warn!(unit = unit.name, "no events file of this job; waiting for its end");
                    told = true;
                }
            }
        }
    }
}

/// A unit that is to be started.
struct Unit<'u> {
    name: &'u str,
    proxy: UnitProxy<'static>,
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
            tracing::warn!(job = %id, result, "the job's unit failed");
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
async fn failed(unit: &Unit<'_>, job_result: String) -> SupervisorError {
    let detail = async {
        let unit = unit.proxy.inner();
        let service = ServiceProxy::builder(unit.connection()).path(unit.path().to_owned());
        let service = service.build().await.ok()?;
        let (result, status) = (service.result().await.ok()?, service.exec_main_status().await.ok()?);
        Some(if result == "exit-code" { format!("{result} {status}") } else { result })
    };
    let result = detail.await.unwrap_or(job_result);
    SupervisorError::Failed { unit: unit.name.to_owned(), result }
}

//! The supervisor of machines without systemd: jobs are child processes of this
//! binary, and the timer is our own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{Timestamp, Zoned, civil::Time};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;

use super::timer::Alarm;
use super::{Automatic, Change, Started, Supervisor, SupervisorError, Watch, timetable};
use crate::jobs;
use crate::model::JobKind;
use crate::store::{Changed, Schedule, Store, StoreError};

/// After an error that makes the timer's watch impossible (a disk that is away), it
/// is tried again this often.
const RETRY: Duration = Duration::from_mins(1);

/// Child processes and a timer of our own.
pub struct Local {
    store: Store,
    at: Time,
    program: PathBuf,
    config: Option<PathBuf>,
}

impl Local {
    /// A supervisor that runs `program` (this binary) with this configuration file.
    pub fn new(store: Store, at: Time, program: PathBuf, config: Option<&Path>) -> Self {
        Self { store, at, program, config: config.map(Path::to_owned) }
    }

    fn now(&self) -> Zoned {
        Timestamp::now().to_zoned(self.store.zone().clone())
    }

    async fn start(&self) -> Result<Started, SupervisorError> {
        if let Some(job) = self.blocking(Store::running).await? {
            return Err(StoreError::Busy { job: Some(job) }.into());
        }
        let job = jobs::new_id(JobKind::Backup);
        let mut command = Command::new(&self.program);
        if let Some(config) = &self.config {
            command.arg("--config").arg(config);
        }
        command.args(["run", "--json", "--job", job.as_str()]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|source| SupervisorError::Spawn { program: self.program.clone(), source })?;
        let events = child.stdout.take().expect("it was asked for");
        let (begun, has_begun) = oneshot::channel();
        let (over, is_over) = oneshot::channel();
        tokio::spawn(async move {
            attend_child(child, events, begun).await;
            let _ = over.send(());
        });
        // The first event means that the events file is there.
        has_begun.await.map_err(|_| SupervisorError::Stillborn)?;
        Ok(Started { job, ended: is_over.map(drop).boxed() })
    }

    /// Store calls touch the card, which can take seconds on a bad one.
    async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || call(&store)).await.expect("store calls do not panic")
    }

    async fn switch(&self, enable: bool) -> Result<Automatic, SupervisorError> {
        let schedule = self.blocking(move |store| super::switch_local(store, enable)).await?;
        Ok(super::automatic_of(schedule, self.at, &self.now()))
    }

    /// Runs what was missed, then sleeps until the next run is due or something changes.
    async fn keep_time(&self) -> Result<(), TimerError> {
        let alarm = Alarm::new()?;
        let mut watch = Watch::new(self.store.watched())?;
        loop {
            let now = self.now();
            let schedule = self.mark(now.timestamp(), |_| ()).await?;
            if schedule.enabled && timetable::missed(self.at, schedule.done_until, &now) {
                // Marked before it is started: a run that kills the machine is not
                // repeated at every boot.
                self.mark(now.timestamp(), move |schedule| schedule.done_until = now.timestamp()).await?;
                match self.start().await {
                    Ok(started) => tracing::info!(job = %started.job, "nightly backup started"),
                    Err(error) => tracing::error!(%error, "nightly backup not started"),
                }
                continue;
            }
            let due = schedule.enabled.then(|| timetable::next(self.at, &now)).flatten();
            let due = due.map_or(Timestamp::MAX, |due| due.timestamp());
            tokio::select! {
                rung = alarm.until(due) => rung?,
                switched = switched(&mut watch) => switched?,
            }
        }
    }

    async fn mark(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut Schedule) + Send + 'static,
    ) -> Result<Schedule, StoreError> {
        self.blocking(move |store| {
            // A mark in the future comes from a clock that has since gone back.
            let sane = |schedule: &mut Schedule| schedule.done_until = schedule.done_until.min(now);
            store.change_schedule(now, &store.lock()?, |schedule| {
                sane(schedule);
                change(schedule);
            })
        })
        .await
    }
}

/// Waits until somebody else turns the timer on or off.
async fn switched(watch: &mut Watch) -> std::io::Result<()> {
    let is_switch = |change: Change| match (change.directory, change.name) {
        (Some(place), Some(name)) => Store::changed(place, &name) == Some(Changed::Schedule),
        (Some(_), None) => false,
        // Something was missed: it may have been this.
        (None, _) => true,
    };
    while !watch.changes().await?.into_iter().any(is_switch) {}
    Ok(())
}

/// Why the timer cannot be watched at the moment.
#[derive(Debug, thiserror::Error)]
enum TimerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Kernel(#[from] std::io::Error),
}

/// Reads the child's events to their end, so that it never blocks on them, and
/// takes in its exit status.
async fn attend_child(mut child: Child, events: ChildStdout, begun: oneshot::Sender<()>) {
    let mut lines = BufReader::new(events).lines();
    let mut begun = Some(begun);
    while let Ok(Some(_)) = lines.next_line().await {
        if let Some(begun) = begun.take() {
            let _ = begun.send(());
        }
    }
    match child.wait().await {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::warn!(%status, "backup process failed"),
        Err(error) => tracing::error!(%error, "backup process lost"),
    }
}

impl Supervisor for Local {
    fn start_backup(&self) -> BoxFuture<'_, Result<Started, SupervisorError>> {
        self.start().boxed()
    }

    fn automatic(&self) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        async {
            let now = self.now();
            let then = now.timestamp();
            let schedule = self.blocking(move |store| Ok(store.schedule(then))).await?;
            Ok(super::automatic_of(schedule, self.at, &now))
        }
        .boxed()
    }

    fn set_automatic(&self, enable: bool) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        self.switch(enable).boxed()
    }

    fn attend(&self) -> BoxFuture<'_, ()> {
        async {
            while let Err(error) = self.keep_time().await {
                tracing::error!(%error, "the timer cannot be watched; trying again in a minute");
                tokio::time::sleep(RETRY).await;
            }
        }
        .boxed()
    }
}

//! The supervisor of machines without systemd: jobs are child processes of this
//! binary, and the timer is our own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{Timestamp, Zoned, civil::Time};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;

use super::timer::Alarm;
use super::{
    Automatic, Change, Ending, Started, Supervisor, SupervisorError, Watch, Wish, clear_after, kind_of,
    timetable,
};
use crate::config::{Config, PanelSettings, SettingError};
use crate::jobs::{self, Requests};
use crate::model::{Event, Fact, JobId, JobKind, RestoreRequest};
use crate::store::{Changed, Schedule, Store, StoreError};

/// After an error that makes the timer's watch impossible (a disk that is away), it
/// is tried again this often.
const RETRY: Duration = Duration::from_mins(1);

/// Lines of a run's log that an answer repeats; a run writes about ten.
const LONGEST_LOG: usize = 500;

/// Child processes and a timer of our own.
pub struct Local {
    store: Store,
    config: Config,
    program: PathBuf,
    file: Option<PathBuf>,
}

impl Local {
    /// A supervisor that runs `program` (this binary) with this configuration, which
    /// was read from `file`.
    pub fn new(store: Store, config: Config, program: PathBuf, file: Option<PathBuf>) -> Self {
        Self { store, config, program, file }
    }

    fn now(&self) -> Zoned {
        Timestamp::now().to_zoned(self.store.zone().clone())
    }

    /// Starts a backup for a person, who is told where one is going on.
    async fn start(&self) -> Result<Started, SupervisorError> {
        self.nothing_runs().await?;
        self.back_up(&[]).await
    }

    async fn nothing_runs(&self) -> Result<(), SupervisorError> {
        match self.blocking(Store::running).await? {
            Some(job) => Err(StoreError::Busy { job: Some(job) }.into()),
            None => Ok(()),
        }
    }

    async fn back_up(&self, wishes: &[&str]) -> Result<Started, SupervisorError> {
        let job = jobs::new_id(JobKind::Backup);
        let command = self.command(&[&["run", "--json", "--job", job.as_str()], wishes].concat());
        let (store, config) = (self.store.clone(), self.config.clone());
        self.spawn(job, command, clear_after(store, config)).await
    }

    async fn restore(&self, request: RestoreRequest) -> Result<Started, SupervisorError> {
        let kind = kind_of(&request);
        if kind == JobKind::Restore {
            self.nothing_runs().await?;
        }
        let job = jobs::new_id(kind);
        let (requests, id) = (Requests::of(&self.config.paths.runtime), job.clone());
        self.blocking(move |_| requests.ask(&id, &request)).await?;
        let command = self.command(&["restore", "--json", "--job", job.as_str()]);
        // One that was killed may have replaced some files and not others.
        let resume = self.command(&["restore", "--resume"]);
        self.spawn(job, command, go_back(resume)).await
    }

    /// This program with these arguments.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(file) = &self.file {
            command.arg("--config").arg(file);
        }
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Starts a job; `after` clears up where it was killed.
    async fn spawn(
        &self,
        job: JobId,
        mut command: Command,
        after: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Started, SupervisorError> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| SupervisorError::Spawn { program: self.program.clone(), source })?;
        let events = child.stdout.take().expect("it was asked for");
        let (begun, has_begun) = oneshot::channel();
        let (over, is_over) = oneshot::channel();
        tokio::spawn(async move {
            let ending = attend_child(child, events, begun).await;
            if ending.outcome.is_none() {
                after.await;
            }
            let _ = over.send(ending);
        });
        // The first event means that the events file is there.
        has_begun.await.map_err(|_| SupervisorError::Stillborn)?;
        Ok(Started { job, ended: is_over.map(Result::unwrap_or_default).boxed() })
    }

    /// Store calls touch the card, which can take seconds on a bad one.
    async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || call(&store)).await.expect("store calls do not panic")
    }

    async fn change(&self, wish: Wish) -> Result<Automatic, SupervisorError> {
        match wish {
            Wish::On | Wish::Off => {
                self.blocking(move |store| switched_to(store, wish == Wish::On)).await?;
            }
            Wish::At(at) => {
                let settings = self.chosen(at)?;
                let config = self.config.clone();
                self.blocking(move |store| set_hour(store, &config, settings)).await?;
            }
        }
        self.ask().await
    }

    /// This hour as a setting, where the configuration's file leaves it to the panel.
    fn chosen(&self, at: Time) -> Result<PanelSettings, SettingError> {
        let mut settings = PanelSettings::default();
        settings.set_at(at);
        settings.refuse_locked(&self.config)?;
        Ok(settings)
    }

    /// The timer as it is.
    async fn ask(&self) -> Result<Automatic, SupervisorError> {
        let now = self.now();
        let (config, then) = (self.config.clone(), now.timestamp());
        let read =
            move |store: &Store| Ok((store.schedule(then).enabled, store.in_force(&config).schedule.at));
        let (enabled, at) = self.blocking(read).await?;
        Ok(automatic_of(enabled, at, &now))
    }

    /// The timer as the wish would make it.
    async fn look_ahead(&self, wish: Wish) -> Result<Automatic, SupervisorError> {
        let Automatic { enabled, at, .. } = self.ask().await?;
        let at = at.expect("ours is one time a day");
        let (enabled, at) = match wish {
            Wish::On => (true, at),
            Wish::Off => (false, at),
            Wish::At(at) => {
                self.chosen(at)?;
                (enabled, at)
            }
        };
        Ok(automatic_of(enabled, at, &self.now()))
    }

    /// Runs what was missed, then sleeps until the next run is due or something changes.
    async fn keep_time(&self) -> Result<(), TimerError> {
        let alarm = Alarm::new()?;
        let mut watch = Watch::new(self.store.watched())?;
        loop {
            let now = self.now();
            let schedule = self.mark(now.timestamp(), |_| ()).await?;
            let config = self.config.clone();
            let at = self.blocking(move |store| Ok(store.in_force(&config).schedule.at)).await?;
            if schedule.enabled && timetable::missed(at, schedule.done_until, &now) {
                // Marked before it is started: a run that kills the machine is not
                // repeated at every boot. One that could not be started is.
                let before = schedule.done_until;
                self.mark(now.timestamp(), move |schedule| schedule.done_until = now.timestamp()).await?;
                match self.back_up(&["--wait"]).await {
                    Ok(started) => tracing::info!(job = %started.job, "nightly backup started"),
                    Err(error) => {
                        self.mark(before, move |schedule| schedule.done_until = before).await?;
                        return Err(error.into());
                    }
                }
                continue;
            }
            let due = schedule.enabled.then(|| timetable::next(at, &now)).flatten();
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

/// Turns the timer on or off. Turned on again, it does not make up for the nights that
/// it was off.
fn switched_to(store: &Store, enable: bool) -> Result<Schedule, StoreError> {
    let now = Timestamp::now();
    store.change_schedule(now, &store.lock()?, |schedule| {
        if enable && !schedule.enabled {
            schedule.done_until = now;
        }
        schedule.enabled = enable;
    })
}

/// Sets the hour. Nothing is made up for by it: an hour that is past today is tomorrow's.
fn set_hour(store: &Store, config: &Config, settings: PanelSettings) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let held = store.lock()?;
    let (before, local) = (store.in_force(config).schedule.at, now.to_zoned(store.zone().clone()));
    store.change_schedule(now, &held, |schedule| {
        // A night that was missed by the hour before is still to be made up for.
        if !timetable::missed(before, schedule.done_until, &local) {
            schedule.done_until = now;
        }
    })?;
    store.change_settings(&held, |kept| kept.take(settings))
}

/// What the timer's state means at this moment.
fn automatic_of(enabled: bool, at: Time, now: &Zoned) -> Automatic {
    let next = enabled.then(|| timetable::next(at, now)).flatten();
    Automatic { enabled, active: enabled, next, firing: false, at: Some(at), word: None }
}

/// Waits until somebody else turns the timer on or off, or sets its hour.
async fn switched(watch: &mut Watch) -> std::io::Result<()> {
    let is_switch = |change: Change| match (change.directory, change.name) {
        (Some(place), Some(name)) => {
            matches!(Store::changed(place, &name), Some(Changed::Schedule | Changed::Settings))
        }
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
    #[error("the nightly backup could not be started")]
    Start(#[from] SupervisorError),
}

/// Goes back to the files of before where a restore was killed.
async fn go_back(mut resume: Command) {
    match resume.stdout(Stdio::null()).status().await {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::error!(%status, "an interrupted restore was not taken back"),
        Err(error) => tracing::error!(%error, "an interrupted restore was not taken back"),
    }
}

/// Reads the child's events to their end, so that it never blocks on them, and
/// takes in its exit status.
async fn attend_child(mut child: Child, events: ChildStdout, begun: oneshot::Sender<()>) -> Ending {
    let mut lines = BufReader::new(events).lines();
    let mut begun = Some(begun);
    let mut ending = Ending::default();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(begun) = begun.take() {
            let _ = begun.send(());
        }
        match serde_json::from_str::<Event>(&line).map(|event| event.fact) {
            Ok(Fact::Log { text, .. }) if ending.log.len() < LONGEST_LOG => ending.log.push(text),
            Ok(Fact::Done { outcome }) => ending.outcome = Some(outcome),
            _ => {}
        }
    }
    match child.wait().await {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::warn!(%status, "job's process failed"),
        Err(error) => tracing::error!(%error, "job's process lost"),
    }
    ending
}

impl Supervisor for Local {
    fn start_backup(&self) -> BoxFuture<'_, Result<Started, SupervisorError>> {
        self.start().boxed()
    }

    fn start_restore(&self, request: RestoreRequest) -> BoxFuture<'_, Result<Started, SupervisorError>> {
        self.restore(request).boxed()
    }

    fn automatic(&self) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        self.ask().boxed()
    }

    fn set_automatic(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        self.change(wish).boxed()
    }

    fn foresee(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        self.look_ahead(wish).boxed()
    }

    fn manager(&self) -> &'static str {
        "local"
    }

    /// Who watches the state directory hears of every change there.
    fn attend<'a>(&'a self, _changed: &'a (dyn Fn() + Send + Sync)) -> BoxFuture<'a, ()> {
        async {
            while let Err(error) = self.keep_time().await {
                tracing::error!(%error, "the timer cannot be watched; trying again in a minute");
                tokio::time::sleep(RETRY).await;
            }
        }
        .boxed()
    }
}

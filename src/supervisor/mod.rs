//! Who starts jobs and owns the nightly timer.
//!
//! The panel and the command line ask a [`Supervisor`] and believe what it says.
//! [`Local`] is the one for machines without systemd: child processes of this
//! binary, and a timer of our own. Uses: model, config, text, store, jobs.

mod descriptor;
mod local;
mod timer;
pub mod timetable;
mod watch;

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use jiff::{Timestamp, Zoned};

pub use local::Local;
pub use watch::{Change, Watch};

use crate::model::{JobId, Outcome, Sentence};
use crate::store::{Schedule, Store, StoreError};

/// A job that was started.
pub struct Started {
    /// Its id; its events can be read from now on.
    pub job: JobId,
    /// Ends when the job has.
    pub ended: BoxFuture<'static, Ending>,
}

/// How a job ended, as far as its supervisor heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Its own last word; none where it was killed.
    pub outcome: Option<Outcome>,
    /// Its log.
    pub log: Vec<String>,
}

/// What the timer is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automatic {
    /// Whether backups are made by themselves, after a reboot too.
    pub enabled: bool,
    /// Whether the timer is armed now.
    pub active: bool,
    /// When it next fires.
    pub next: Option<Zoned>,
}

/// Starts jobs, and owns the timer.
pub trait Supervisor: Send + Sync {
    /// Starts a backup.
    ///
    /// # Errors
    /// [`SupervisorError::Store`] with `Busy` where one is going on.
    fn start_backup(&self) -> BoxFuture<'_, Result<Started, SupervisorError>>;

    /// What the timer is set to now.
    fn automatic(&self) -> BoxFuture<'_, Result<Automatic, SupervisorError>>;

    /// Turns the timer on or off; answers when that is true.
    fn set_automatic(&self, enable: bool) -> BoxFuture<'_, Result<Automatic, SupervisorError>>;

    /// Does what has to be done for as long as the daemon lives: here the timer's watch.
    fn attend(&self) -> BoxFuture<'_, ()>;
}

/// Why the supervisor could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job's process could not be started.
    #[error("cannot start {program}")]
    Spawn {
        /// This program's own file.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The job's process ended without a word.
    #[error("the job ended before it began")]
    Stillborn,
}

impl SupervisorError {
    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Spawn { .. } | Self::Stillborn => "supervisor_unavailable",
        }
    }

    /// What happened, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Spawn { source, .. } => Sentence::new("error.spawn").with("reason", source),
            Self::Stillborn => Sentence::new("error.stillborn"),
        }
    }
}

/// What the local timer's state means at this moment.
pub fn automatic_of(schedule: Schedule, at: jiff::civil::Time, now: &Zoned) -> Automatic {
    let Schedule { enabled, .. } = schedule;
    let next = enabled.then(|| timetable::next(at, now)).flatten();
    Automatic { enabled, active: enabled, next }
}

/// Turns the local timer on or off. Turned on again, it does not make up for the
/// nights that it was off.
pub fn switch_local(store: &Store, enable: bool) -> Result<Schedule, StoreError> {
    let now = Timestamp::now();
    store.change_schedule(now, &store.lock()?, |schedule| {
        if enable && !schedule.enabled {
            schedule.done_until = now;
        }
        schedule.enabled = enable;
    })
}

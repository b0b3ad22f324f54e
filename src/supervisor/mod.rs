//! Who starts jobs and owns the nightly timer.
//!
//! The panel and the command line ask a [`Supervisor`] and believe what it says.
//! [`Systemd`] has systemd's units do the work; [`Local`] is the one for machines
//! without: child processes of this binary, and a timer of our own.
//! Uses: model, config, text, store, jobs.

mod descriptor;
mod error;
mod local;
mod systemd;
mod timer;
pub mod timetable;
mod watch;
mod wish;

use futures_util::future::BoxFuture;

pub use crate::model::Automatic;
pub use error::SupervisorError;
pub use local::Local;
pub use systemd::{Systemd, SystemdServices, is_manager as is_systemd_manager};
pub use watch::{Change, Watch};
pub use wish::{BadWish, Wish};

use crate::config::Config;
use crate::jobs;
use crate::model::{JobId, JobKind, Outcome, RestoreRequest};
use crate::store::Store;

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

/// Starts jobs, and owns the timer.
pub trait Supervisor: Send + Sync {
    /// Starts a backup.
    ///
    /// # Errors
    /// [`SupervisorError::Store`] with `Busy` where one is going on.
    fn start_backup(&self) -> BoxFuture<'_, Result<Started, SupervisorError>>;

    /// Starts a restore, its undoing, or the look at what one would change; the answer to
    /// the latter is in [`jobs::Requests`] once it has ended.
    ///
    /// # Errors
    /// [`SupervisorError::Store`] with `Busy` where a run is going on.
    fn start_restore(&self, request: RestoreRequest) -> BoxFuture<'_, Result<Started, SupervisorError>>;

    /// What the timer is set to now.
    fn automatic(&self) -> BoxFuture<'_, Result<Automatic, SupervisorError>>;

    /// Turns the timer on or off, or sets its hour; answers when that is true.
    fn set_automatic(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>>;

    /// What [`Supervisor::set_automatic`] would make of it; changes nothing.
    fn foresee(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>>;

    /// `systemd` or `local`: whose timer it is.
    fn manager(&self) -> &'static str;

    /// Does what has to be done for as long as the daemon lives, and calls `changed`
    /// where it hears that the timer was changed.
    fn attend<'a>(&'a self, changed: &'a (dyn Fn() + Send + Sync)) -> BoxFuture<'a, ()>;
}

/// What a job does that is asked for by such a request.
fn kind_of(request: &RestoreRequest) -> JobKind {
    match request {
        RestoreRequest::Preview { .. } => JobKind::Preview,
        RestoreRequest::Restore { .. } | RestoreRequest::Undo => JobKind::Restore,
    }
}

/// A run that was killed has left things lying about, and a status of the run before.
async fn clear_after(store: Store, config: Config) {
    let language = config.ui.language;
    let cleared = tokio::task::spawn_blocking(move || jobs::tidy(&store, &config, language)).await;
    match cleared {
        Ok(Ok(swept)) => tracing::warn!(files = swept.files, "an interrupted backup was cleared"),
        Ok(Err(error)) => tracing::error!(%error, "an interrupted backup was not cleared"),
        Err(error) => tracing::error!(%error, "an interrupted backup was not cleared"),
    }
}

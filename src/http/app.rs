//! What every handler can reach.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::error::ApiError;
use super::hosts::Hosts;
use super::hub::Hub;
use super::storm::Storm;
use crate::access::{Access, AccessError, Paced};
use crate::config::Config;
use crate::jobs::History;
use crate::model::Automatic;
use crate::model::Judged;
use crate::service::Stop;
use crate::store::{Store, StoreError};
use crate::supervisor::Supervisor;

/// The daemon's collaborators, handed in by whoever wires it.
pub struct App {
    /// What is in force.
    pub config: Config,
    /// The archives.
    pub store: Store,
    /// The jobs of this boot.
    pub history: History,
    /// Who starts jobs and owns the timer.
    pub supervisor: Arc<dyn Supervisor>,
    /// Where live events come from.
    pub hub: Arc<Hub>,
    /// When to end streams.
    pub stop: Stop,
    /// The machine's name.
    pub(super) host_name: String,
    /// The names that this device answers to.
    pub(super) hosts: Hosts,
    /// Reading an archive back can take minutes: one at a time, so that the threads for
    /// calls of the store are never all taken by it.
    pub(super) verifying: Semaphore,
    /// To look what a restore would change starts a job: one at a time.
    pub(super) looking: Semaphore,
    /// An archive that comes from somebody's computer takes the card's time: one at a time.
    pub(super) importing: Semaphore,
    /// Who may do what.
    pub(super) access: Access,
    /// Tells those who listen that somebody's right may have ended.
    pub(super) rights_changed: watch::Sender<()>,
    /// Streams of callers who have shown nothing; they never take the last quarter of the
    /// places, which is for those who ask and go.
    pub(super) strangers: Arc<Semaphore>,
    /// The hash of a password takes 12 MiB: one at a time.
    pub(super) hashing: Semaphore,
    /// How often backups are asked for.
    pub(super) creates: Mutex<Paced>,
    /// Refused attempts that have not been told.
    pub(super) storm: Mutex<Storm>,
}

impl App {
    /// The daemon of these parts, on the machine of this name.
    pub fn new(
        config: Config,
        access: Access,
        host_name: &str,
        store: Store,
        supervisor: Arc<dyn Supervisor>,
        hub: Arc<Hub>,
        stop: Stop,
    ) -> Self {
        let history = History::new(&config.paths.runtime);
        let hosts = Hosts::of(host_name, &config.http.hosts);
        let places = usize::from(config.http.max_connections);
        let strangers = Arc::new(Semaphore::new(places - places / 4));
        Self {
            config,
            store,
            history,
            supervisor,
            hub,
            stop,
            host_name: host_name.to_owned(),
            hosts,
            verifying: Semaphore::new(1),
            looking: Semaphore::new(1),
            importing: Semaphore::new(1),
            access,
            rights_changed: watch::Sender::new(()),
            strangers,
            hashing: Semaphore::new(1),
            creates: Mutex::default(),
            storm: Mutex::default(),
        }
    }

    /// Every archive, newest first, judged by what is in force.
    pub(super) fn judged(&self, now: Timestamp) -> Result<Vec<Judged>, StoreError> {
        self.store.judged(&self.store.in_force(&self.config).retention, now)
    }

    /// Makes a call of the store off the runtime: the card can take seconds to answer.
    pub(super) async fn store<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.off_runtime(move |app| call(&app.store)).await.map_err(ApiError::from)
    }

    /// Asks who may do what, off the runtime: it is read from the card.
    pub(super) async fn access<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&Access) -> Result<T, AccessError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.off_runtime(move |app| call(&app.access)).await.map_err(ApiError::from)
    }

    /// Changes who may do what; whoever lost a right by it hears nothing more.
    pub(super) async fn change_access<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&Access) -> Result<T, AccessError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let result = self.access(call).await;
        self.rights_changed.send_replace(());
        result
    }

    /// What the timer is set to; none where nobody says so in time.
    pub(super) async fn automatic(&self, patience: Duration) -> Option<Automatic> {
        match timeout(patience, self.supervisor.automatic()).await {
            Ok(Ok(automatic)) => Some(automatic),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the timer's state is not known");
                None
            }
            Err(_) => None,
        }
    }

    /// Does what takes longer than a moment where it keeps no other request waiting.
    pub(super) async fn off_runtime<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> T {
        let app = Arc::clone(self);
        match tokio::task::spawn_blocking(move || call(&app)).await {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

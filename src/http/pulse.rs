//! Whether the server lives, for the watchdog: the accept loop answers, a request gets
//! through to its answer, and the store's threads are not stuck. What is answered does
//! not matter here: a full card or a missing directory is degraded, not dead.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

use super::app::App;
use super::hub::Happening;
use crate::model::Automatic;
use crate::store::{Standing, StoreError};

/// A card that does not answer for so long is not slow but gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The timer is asked in passing: who does not answer at once is asked again in the next round.
const TIMER_PATIENCE: Duration = Duration::from_secs(2);

/// Asked of the accept loop.
pub(super) type Question = oneshot::Sender<()>;

/// Feels one server's pulse.
#[derive(Clone)]
pub struct Pulse {
    accept_loop: mpsc::Sender<Question>,
    router: Router,
    app: Arc<App>,
}

/// What did not answer within ten seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silent {
    /// New connections are not taken.
    #[error("the accept loop did not answer")]
    AcceptLoop,
    /// Requests are taken and not answered.
    #[error("a request was not answered")]
    Request,
    /// Calls of the store do not come back.
    #[error("the storage thread did not answer")]
    Storage,
}

/// What everything that answered said.
pub struct Felt {
    /// How the backups stand, or why the store cannot say.
    pub store: Result<Standing, StoreError>,
    /// What the timer is set to; none where nobody was asked, or said so in time.
    pub automatic: Option<Automatic>,
}

/// Hears of changes of the archives and of the timer.
pub struct News(broadcast::Receiver<Happening>);

impl News {
    /// Waits for the next change.
    pub async fn next(&mut self) {
        loop {
            match self.0.recv().await {
                Ok(happening) if !matches!(happening.kind, "archives" | "schedule") => {}
                // What was missed may have been one.
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                // The daemon ends.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Pulse {
    pub(super) fn new(accept_loop: mpsc::Sender<Question>, router: Router, app: Arc<App>) -> Self {
        Self { accept_loop, router, app }
    }

    /// What was said, where everything answered. The timer, which is asked where that is wanted,
    /// is not among what must.
    pub async fn feel(&self, ask_timer: bool) -> Result<Felt, Silent> {
        let timer = async { if ask_timer { self.app.automatic(TIMER_PATIENCE).await } else { None } };
        let (accepts, answers, store, automatic) = tokio::join!(
            timeout(PATIENCE, self.accepts()),
            timeout(PATIENCE, self.answers()),
            timeout(PATIENCE, self.app.off_runtime(|app| app.store.standing())),
            timer,
        );
        // In the order in which one silence brings about the next.
        let store = store.map_err(|_| Silent::Storage)?;
        if accepts != Ok(true) {
            return Err(Silent::AcceptLoop);
        }
        if answers != Ok(true) {
            return Err(Silent::Request);
        }
        Ok(Felt { store, automatic })
    }

    /// What happens to the archives and the timer from now on.
    pub fn news(&self) -> News {
        News(self.app.hub.join(None).coming)
    }

    async fn accepts(&self) -> bool {
        let (question, answer) = oneshot::channel();
        self.accept_loop.send(question).await.is_ok() && answer.await.is_ok()
    }

    async fn answers(&self) -> bool {
        // One that asks nothing of the store, which is felt by itself.
        let request = Request::get("/api/openapi.json").header(header::HOST, "localhost");
        let request = request.header(header::ACCEPT_ENCODING, "gzip").body(Body::empty());
        let request = request.expect("a path and names are a request");
        TowerToHyperService::new(self.router.clone()).call(request).await.is_ok()
    }
}

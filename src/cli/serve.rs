//! `serve`: wires the daemon's parts and lives until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tracing::Level;

use super::output::{Failed, Said};
use super::setting::Setting;
use crate::config::Manager;
use crate::http::{self, App, Hub, ServeError};
use crate::jobs::{self, History};
use crate::model::{ArchiveName, Sentence, Verification};
use crate::service::{self, Stop};
use crate::sources;
use crate::store::{Store, StoreError};
use crate::supervisor::{Local, Supervisor};

/// Threads for calls that touch the card. Four slow ones at once are a sick card.
const BLOCKING_THREADS: usize = 4;
/// Idle threads go soon: their stacks are memory that the club's program could use.
const IDLE_THREAD: Duration = Duration::from_secs(5);

/// `serve`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Listen here instead of where the configuration says
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

pub(super) fn serve(args: &Args, setting: Setting) -> Result<(), Failed> {
    service::start_logging(Level::INFO);
    let language = setting.language;
    let address = args.listen.unwrap_or(setting.config.http.listen);
    let listener =
        service::listener(address).map_err(|source| ServeError::Listen { address, source }).said(language)?;
    warn_of_open_door(&listener, &setting);
    serve_on(listener, setting, |_| ())
}

/// Until the panel asks for a password, who can reach it can do everything.
fn warn_of_open_door(listener: &TcpListener, setting: &Setting) {
    let Ok(address) = listener.local_addr() else { return };
    if !address.ip().is_loopback() {
        let warning = Sentence::new("serve.no_password").with("address", address);
        tracing::warn!("{}", setting.language.say(&warning));
    }
}

/// Serves on this socket; `ready` hears of the address when requests are answered.
pub(super) fn serve_on(
    listener: TcpListener,
    setting: Setting,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failed> {
    let language = setting.language;
    if setting.config.schedule.manager == Manager::Systemd {
        return Err(ServeError::NoSystemd).said(language);
    }
    let store = setting.store()?;
    // Before anything is served or due: it takes the run's lock for a moment.
    match jobs::tidy(&store, &setting.config, language) {
        Ok(swept) if swept.files > 0 => {
            tracing::warn!(files = swept.files, "an interrupted backup was cleared");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "temporary files not cleared"),
    }
    let runtime = runtime().map_err(ServeError::Runtime).said(language)?;
    let served = runtime.block_on(live(listener, setting, store, ready));
    // An archive that is being read back need not be read to its end.
    runtime.shutdown_background();
    served.map_err(ServeError::Runtime).said(language)
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(IDLE_THREAD)
        .build()
}

async fn live(
    listener: TcpListener,
    setting: Setting,
    store: Store,
    ready: impl FnOnce(SocketAddr),
) -> std::io::Result<()> {
    let stop = Stop::on_signals()?;
    let address = listener.local_addr()?;
    let config = setting.config;
    let program = std::env::current_exe()?;
    let local = Local::new(store.clone(), config.clone(), program, setting.file);
    let supervisor: Arc<dyn Supervisor> = Arc::new(local);
    let hub = Hub::new();
    let history = History::new(&config.paths.runtime);
    tokio::spawn(Arc::clone(&hub).attend(store.clone(), history, stop.clone()));
    let timer = Arc::clone(&supervisor);
    tokio::spawn(async move { timer.attend().await });
    take_stock(store.clone())?;
    tokio::spawn(keep_watchdog());

    let app = App::new(config, &sources::host_name(), store, supervisor, hub, stop.clone());
    tracing::info!(%address, "panel served");
    service::ready(&format!("http://{address}/"));
    ready(address);
    let mut stopping = stop;
    tokio::spawn(async move {
        stopping.asked().await;
        service::stopping();
    });
    http::serve(listener, Arc::new(app)).await
}

/// Reads the archives that nobody has read yet, one after the other, on a thread of
/// its own beside the requests: after a new installation there may be years of them.
fn take_stock(store: Store) -> std::io::Result<()> {
    let read = move || {
        let mut told = |name: &ArchiveName, result: Result<Verification, StoreError>| match result {
            Ok(verification) => {
                tracing::info!(archive = %name, result = verification.code(), "archive read back");
            }
            Err(error) => tracing::warn!(archive = %name, %error, "archive not read back"),
        };
        if let Err(error) = jobs::reconcile(&store, &mut told) {
            tracing::warn!(%error, "archives not read back");
        }
    };
    std::thread::Builder::new().name("take-stock".into()).spawn(read).map(drop)
}

/// Tells systemd's watchdog that the runtime turns.
async fn keep_watchdog() {
    let Some(interval) = service::watchdog_interval() else { return };
    loop {
        service::watchdog_ping();
        tokio::time::sleep(interval).await;
    }
}

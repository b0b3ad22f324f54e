//! `serve`: wires the daemon's parts and lives until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tracing::Level;

use super::output::{Failed, Said};
use super::runtime::runtime;
use super::setting::{self, Setting};
use super::vitals;
use crate::access::{Access, AccessError};
use crate::config::{Auth, Config};
use crate::http::{App, Hub, ServeError, Server, Tls};
use crate::jobs::{self, History};
use crate::model::{ArchiveName, Sentence, Verification};
use crate::service::{self, Stop};
use crate::sources;
use crate::store::{Store, StoreError};
use crate::supervisor::{Local, Supervisor, Systemd, is_systemd_manager};
use crate::text::Language;

/// Time for somebody to correct a configuration.
const CORRECTION: Duration = Duration::from_secs(10);

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
    let tls = Tls::of(&setting.config, &sources::host_name()).map_err(ServeError::Tls).said(language);
    let tls = tls.map_err(wait_for_a_person)?;
    serve_on(listener, setting, tls, |_| ())
}

/// A configuration that is wrong does not heal in the half second after which systemd
/// starts the panel again: the reasons are said at once, and the end comes later.
pub(super) fn wait_for_a_person(failed: Failed) -> Failed {
    if !service::is_told() {
        return failed;
    }
    failed.tell();
    service::status(failed.first());
    std::thread::sleep(CORRECTION);
    Failed::usage()
}

/// Without a password, who can reach the panel can do everything.
fn warn_of_open_door(listener: &TcpListener, setting: &Setting) {
    let Ok(address) = listener.local_addr() else { return };
    if let Some(warning) = open_door(address, setting) {
        tracing::warn!("{}", setting.language.say(&warning));
    }
}

/// What to say of an address that the whole network reaches, where nobody is asked for a
/// password.
pub(super) fn open_door(address: SocketAddr, setting: &Setting) -> Option<Sentence> {
    let is_open = setting.config.http.auth == Auth::OpenLan && !address.ip().is_loopback();
    is_open.then(|| Sentence::new("serve.open_lan").with("address", address))
}

/// Serves on this socket, encrypted or not; `ready` hears of the address when requests are answered.
pub(super) fn serve_on(
    listener: TcpListener,
    setting: Setting,
    tls: Option<Tls>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failed> {
    let language = setting.language;
    // What is wrong with the directories is for the panel to tell: who looks for his
    // backups must find more than a closed door.
    let (paths, zone) = (&setting.config.paths, setting::zone());
    let store = match Store::open(paths, zone.clone()) {
        Ok(store) => store,
        Err(error) => {
            tracing::error!("{}", language.say(&error.sentence()));
            Store::of(paths, zone)
        }
    };
    // Before anything is served or due: it takes the run's lock for a moment. What a killed
    // run left may be as large as all the videos, and a card slow to delete it.
    match service::while_starting(|| jobs::tidy(&store, &setting.config, language)) {
        Ok(swept) if swept.files > 0 => {
            tracing::warn!(files = swept.files, "an interrupted backup was cleared");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "temporary files not cleared"),
    }
    super::restoring::go_back_here(&setting);
    let runtime = runtime().map_err(ServeError::Runtime).said(language)?;
    let served = runtime.block_on(live(listener, setting, tls, store, ready));
    // An archive that is being read back need not be read to its end.
    runtime.shutdown_background();
    served.map_err(ServeError::Runtime).said(language)
}

async fn live(
    listener: TcpListener,
    setting: Setting,
    tls: Option<Tls>,
    store: Store,
    ready: impl FnOnce(SocketAddr),
) -> std::io::Result<()> {
    let stop = Stop::on_signals()?;
    let address = listener.local_addr()?;
    let language = setting.language;
    let supervisor = supervisor(&setting, &store)?;
    let mut config = setting.config;
    config.http.max_connections = connections(config.http.max_connections);
    let backups = config.paths.backups.clone();
    let hub = Hub::new();
    let history = History::new(&config.paths.runtime);
    tokio::spawn(Arc::clone(&hub).attend(store.clone(), history, stop.clone()));
    let (timer, told) = (Arc::clone(&supervisor), Arc::clone(&hub));
    tokio::spawn(async move { timer.attend(&|| told.tell_schedule()).await });
    take_stock(store.clone(), config.clone())?;

    let access = door(&config, language);
    let app = App::new(config, access, &sources::host_name(), store, supervisor, hub, stop.clone());
    let server = Server::new(app, tls);
    tracing::info!(%address, "panel served");
    let pulse = server.pulse();
    tokio::spawn(async move { vitals::tell(pulse, &backups, language).await });
    ready(address);
    let mut stopping = stop;
    tokio::spawn(async move {
        stopping.asked().await;
        service::stopping();
    });
    server.serve(listener).await
}

/// How many connections are served: as many as the configuration says, where there are
/// descriptors for them.
fn connections(wanted: u16) -> u16 {
    let most = service::affordable_connections(wanted);
    if most < wanted {
        tracing::warn!(wanted, most, "fewer connections than http.max_connections: too few descriptors");
    }
    most
}

/// The door, and where nobody can have a code of the first use yet, a new one in the log:
/// only who may read that has a hand on this machine.
fn door(config: &Config, language: Language) -> Access {
    let access = Access::of(&config.paths.state, config.http.auth);
    if let Err(error) = tell_code(&access, language) {
        tracing::error!("{}", language.say(&error.sentence()));
    }
    access
}

fn tell_code(access: &Access, language: Language) -> Result<(), AccessError> {
    access.make()?;
    access.sweep()?;
    if access.is_open() || access.is_claimed()? || access.has_code()? {
        return Ok(());
    }
    let code = Access::new_code()?;
    access.set_code(&code)?;
    let sentence = Sentence::new("serve.first_use").with("code", code);
    tracing::warn!("{}", language.say(&sentence));
    Ok(())
}

/// Reads the archives that nobody has read yet, one after the other, on a thread of
/// its own beside the requests: after a new installation there may be years of them.
fn take_stock(store: Store, config: Config) -> std::io::Result<()> {
    let read = move || {
        let mut told = |name: &ArchiveName, result: Result<Verification, StoreError>| match result {
            Ok(verification) => {
                tracing::info!(archive = %name, result = verification.code(), "archive read back");
            }
            Err(error) => tracing::warn!(archive = %name, %error, "archive not read back"),
        };
        if let Err(error) = jobs::reconcile(&store, &config, &mut told) {
            tracing::warn!(%error, "archives not read back");
        }
    };
    std::thread::Builder::new().name("take-stock".into()).spawn(read).map(drop)
}

/// Whoever starts this machine's backups.
pub(super) fn supervisor(setting: &Setting, store: &Store) -> std::io::Result<Arc<dyn Supervisor>> {
    let (store, config) = (store.clone(), setting.config.clone());
    if is_systemd_manager(config.schedule.manager) {
        return Ok(Arc::new(Systemd::new(store, config)));
    }
    let program = std::env::current_exe()?;
    Ok(Arc::new(Local::new(store, config, program, setting.file.clone())))
}

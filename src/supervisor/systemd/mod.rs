//! The supervisor of machines with systemd: jobs are its units, the timer is its own,
//! and what it says is the only truth, however it came about.
//!
//! Speaks D-Bus and starts no program. To enable a unit is a right over all units, so
//! whoever is not root asks a unit of root's to do it (`neopro-backup-auto@`).

mod bus;
mod change;
mod hour;
mod services;
mod timer;
mod units;

use std::path::Path;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{Automatic, Started, Supervisor, SupervisorError, Wish, timetable};
use crate::config::{Config, Manager};
use crate::jobs::History;
use crate::model::{Level, RestoreRequest, Sentence};
use crate::store::Store;

use bus::Bus;
pub use services::SystemdServices;

/// One backup.
const BACKUP: &str = "neopro-backup.service";
/// Every night.
const TIMER: &str = "neopro-backup.timer";
/// Where packages and people put units.
const UNIT_FOLDERS: [&str; 4] =
    ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];

/// Whether systemd is to be asked on this machine.
pub fn is_manager(manager: Manager) -> bool {
    is_manager_under(Path::new("/"), manager)
}

fn is_manager_under(root: &Path, manager: Manager) -> bool {
    match manager {
        Manager::Systemd => true,
        Manager::Local => false,
        // As sd_booted(3) asks. Without our timer there is nothing to ask it for.
        Manager::Auto => {
            root.join("run/systemd/system").is_dir()
                && UNIT_FOLDERS.iter().any(|folder| root.join(folder).join(TIMER).exists())
        }
    }
}

/// systemd, asked over D-Bus.
pub struct Systemd {
    store: Store,
    config: Config,
    history: History,
    bus: Bus,
    /// Held while a backup is started: of two requests of one moment, the second is
    /// told that one is going on.
    starting: Mutex<()>,
    /// Held while the timer is changed.
    changing: Mutex<()>,
}

impl Systemd {
    /// A supervisor of this store's jobs.
    pub fn new(store: Store, config: Config) -> Self {
        let history = History::new(&config.paths.runtime);
        Self {
            store,
            config,
            history,
            bus: Bus::default(),
            starting: Mutex::default(),
            changing: Mutex::default(),
        }
    }

    /// Tells people, in the log that the panel shows, what was done without being asked.
    async fn report(&self, sentence: Sentence) {
        let text = self.config.ui.language.say(&sentence);
        tracing::warn!("{text}");
        let store = self.store.clone();
        // The log is on the card, behind a lock that may be held for a while.
        let write = move || {
            let now = Timestamp::now().to_zoned(store.zone().clone());
            if let Err(error) = store.log(&now, Level::Warning, &text) {
                tracing::warn!(%error, "backup.log not written");
            }
        };
        tokio::task::spawn_blocking(write).await.expect("store calls do not panic");
    }
}

impl Supervisor for Systemd {
    fn start_backup(&self) -> BoxFuture<'_, Result<Started, SupervisorError>> {
        self.start().boxed()
    }

    fn start_restore(&self, request: RestoreRequest) -> BoxFuture<'_, Result<Started, SupervisorError>> {
        self.restore(request).boxed()
    }

    fn automatic(&self) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        async { timer::read(&self.bus.manager().await?, self.store.zone()).await }.boxed()
    }

    fn set_automatic(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        self.change(wish).boxed()
    }

    /// When a timer that is off would next fire, systemd does not say.
    fn foresee(&self, wish: Wish) -> BoxFuture<'_, Result<Automatic, SupervisorError>> {
        let zone = self.store.zone().clone();
        let foreseen = move |is: Automatic| match wish {
            Wish::On => Automatic { enabled: true, active: true, ..is },
            Wish::Off => Automatic { enabled: false, active: false, next: None, ..is },
            Wish::At(at) => {
                let next = is.active.then(|| timetable::next(at, &Timestamp::now().to_zoned(zone))).flatten();
                Automatic { next, at: Some(at), ..is }
            }
        };
        self.automatic().map(move |is| is.map(foreseen)).boxed()
    }

    fn manager(&self) -> &'static str {
        "systemd"
    }

    fn attend<'a>(&'a self, changed: &'a (dyn Fn() + Send + Sync)) -> BoxFuture<'a, ()> {
        self.follow(changed).boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn systemd_is_asked_where_it_runs_the_machine_and_has_our_timer() {
        let root = tempfile::tempdir().unwrap();
        let asked = |manager| is_manager_under(root.path(), manager);
        assert!(asked(Manager::Systemd) && !asked(Manager::Local) && !asked(Manager::Auto));
        let units = root.path().join("lib/systemd/system");
        fs::create_dir_all(&units).unwrap();
        fs::write(units.join(TIMER), "").unwrap();
        assert!(!asked(Manager::Auto), "installed, and another program runs the machine");
        fs::create_dir_all(root.path().join("run/systemd/system")).unwrap();
        assert!(asked(Manager::Auto) && !asked(Manager::Local));
    }
}

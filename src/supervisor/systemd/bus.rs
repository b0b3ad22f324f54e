//! systemd as D-Bus offers it: the calls, properties and signals that are used, and
//! one connection that is made when it is first needed and again when it breaks.

use std::time::Duration;

use tokio::sync::Mutex;
use zbus::connection::Builder;
use zbus::{Connection, ObjectPath, OwnedObjectPath};

use crate::supervisor::SupervisorError;

/// systemd answers in milliseconds; while it reloads its units, in seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// `org.freedesktop.systemd1.Manager`.
#[zbus::proxy(
    interface = "org.freedesktop.systemd1.Manager",
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1"
)]
pub(super) trait Manager {
    fn subscribe(&self) -> zbus::Result<()>;
    fn load_unit(&self, name: &str) -> zbus::Result<OwnedObjectPath>;
    fn start_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    fn stop_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    fn restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    fn reset_failed_unit(&self, name: &str) -> zbus::Result<()>;
    fn get_unit_file_state(&self, name: &str) -> zbus::Result<String>;
    fn enable_unit_files(
        &self,
        names: &[&str],
        runtime: bool,
        force: bool,
    ) -> zbus::Result<(bool, Vec<(String, String, String)>)>;
    fn disable_unit_files(
        &self,
        names: &[&str],
        runtime: bool,
    ) -> zbus::Result<Vec<(String, String, String)>>;
    fn reload(&self) -> zbus::Result<()>;

    #[zbus(signal)]
    fn job_removed(&self, id: u32, job: ObjectPath<'_>, unit: &str, result: &str) -> zbus::Result<()>;
    #[zbus(signal)]
    fn unit_files_changed(&self) -> zbus::Result<()>;
    #[zbus(signal)]
    fn reloading(&self, active: bool) -> zbus::Result<()>;
}

/// `org.freedesktop.systemd1.Unit`, asked anew each time.
#[zbus::proxy(interface = "org.freedesktop.systemd1.Unit", default_service = "org.freedesktop.systemd1")]
pub(super) trait Unit {
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_state(&self) -> zbus::Result<String>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn sub_state(&self) -> zbus::Result<String>;
    /// The files that complete the unit, in the order in which they count.
    #[zbus(property(emits_changed_signal = "false"))]
    fn drop_in_paths(&self) -> zbus::Result<Vec<String>>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn load_state(&self) -> zbus::Result<String>;
    #[zbus(property(emits_changed_signal = "false"), name = "InvocationID")]
    fn invocation_id(&self) -> zbus::Result<Vec<u8>>;
}

/// `org.freedesktop.systemd1.Service`.
#[zbus::proxy(interface = "org.freedesktop.systemd1.Service", default_service = "org.freedesktop.systemd1")]
pub(super) trait Service {
    #[zbus(property(emits_changed_signal = "false"))]
    fn result(&self) -> zbus::Result<String>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn exec_main_status(&self) -> zbus::Result<i32>;
    #[zbus(property(emits_changed_signal = "false"), name = "NRestarts")]
    fn n_restarts(&self) -> zbus::Result<u32>;
}

/// `org.freedesktop.systemd1.Timer`.
#[zbus::proxy(interface = "org.freedesktop.systemd1.Timer", default_service = "org.freedesktop.systemd1")]
pub(super) trait Timer {
    /// Microseconds since 1970; 0 or the largest number where nothing is due.
    #[zbus(property(emits_changed_signal = "false"), name = "NextElapseUSecRealtime")]
    fn next_elapse(&self) -> zbus::Result<u64>;
    /// What it waits for by the wall clock: kind, calendar in systemd's own form, next time.
    #[zbus(property(emits_changed_signal = "false"))]
    fn timers_calendar(&self) -> zbus::Result<Vec<(String, String, u64)>>;
    /// What it waits for by the time that passes.
    #[zbus(property(emits_changed_signal = "false"))]
    fn timers_monotonic(&self) -> zbus::Result<Vec<(String, u64, u64)>>;
}

/// The connection.
#[derive(Default)]
pub(super) struct Bus(Mutex<Option<Connection>>);

impl Bus {
    /// systemd's manager, over a connection that works.
    pub(super) async fn manager(&self) -> Result<ManagerProxy<'static>, SupervisorError> {
        let mut kept = self.0.lock().await;
        if let Some(connection) = kept.as_ref() {
            let manager = ManagerProxy::new(connection).await.map_err(refused)?;
            // The bus may have been restarted since; a call costs less than a wrong answer.
            if is_subscribed(&manager.subscribe().await) {
                return Ok(manager);
            }
        }
        let connection = Builder::system().method_timeout(PATIENCE).build().await.map_err(away)?;
        let manager = ManagerProxy::new(&connection).await.map_err(refused)?;
        // Without it systemd tells nobody how a job ended.
        manager.subscribe().await.map_err(refused)?;
        *kept = Some(connection);
        Ok(manager)
    }
}

/// systemd answers a second subscription of one connection with an error of its own.
fn is_subscribed(answer: &zbus::Result<()>) -> bool {
    match answer {
        Ok(()) => true,
        Err(zbus::Error::MethodError(name, ..)) => {
            name.as_str() == "org.freedesktop.systemd1.AlreadySubscribed"
        }
        Err(_) => false,
    }
}

/// The unit's state.
pub(super) async fn unit(
    manager: &ManagerProxy<'_>,
    name: &str,
) -> Result<UnitProxy<'static>, SupervisorError> {
    let path = manager.load_unit(name).await.map_err(refused)?;
    UnitProxy::builder(manager.inner().connection()).path(path).build().await.map_err(refused)
}

/// Nobody answers on the bus.
#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it over
pub(super) fn away(error: zbus::Error) -> SupervisorError {
    SupervisorError::Away { reason: error.to_string() }
}

/// systemd, or the bus for it, said no; or nobody answered.
pub(super) fn refused(error: zbus::Error) -> SupervisorError {
    match &error {
        zbus::Error::MethodError(name, text, _) if name.starts_with("org.freedesktop.systemd1.") => {
            SupervisorError::Objected { reason: text.clone().unwrap_or_else(|| name.to_string()) }
        }
        zbus::Error::FDO(inner) => match inner.as_ref() {
            zbus::fdo::Error::AccessDenied(text)
            | zbus::fdo::Error::AuthFailed(text)
            | zbus::fdo::Error::InteractiveAuthorizationRequired(text) => {
                SupervisorError::Refused { reason: text.clone() }
            }
            zbus::fdo::Error::FileNotFound(text) => SupervisorError::Objected { reason: text.clone() },
            _ => away(error),
        },
        _ => away(error),
    }
}

//! Starts the club's services anew for a restore, and looks whether they stay up. For a job
//! that blocks: each call waits for systemd's answer.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::bus::{self, Bus, ServiceProxy, UnitProxy, refused};
use super::units::{DONE, result_of};
use crate::jobs::{Restarted, Services};
use crate::supervisor::SupervisorError;

/// systemd itself gives a service 90 seconds to start and to stop.
const PATIENCE: Duration = Duration::from_mins(5);
/// Between two looks at a service that should stay up.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// systemd's services.
pub struct SystemdServices {
    runtime: Runtime,
    bus: Bus,
}

/// A service as systemd has it at a moment.
struct State {
    active: String,
    /// How often systemd has started it again by itself.
    restarts: u32,
}

impl SystemdServices {
    /// Asked on this runtime.
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, bus: Bus::default() }
    }

    async fn start_anew(&self, unit: &str) -> Result<Restarted, SupervisorError> {
        let manager = self.bus.manager().await?;
        let state = bus::unit(&manager, unit).await?.load_state().await.map_err(refused)?;
        if state != "loaded" {
            return Ok(Restarted::Absent);
        }
        // One that has just failed again and again would not be started any more, also with
        // settings that it bears.
        let _ = manager.reset_failed_unit(unit).await;
        let mut removed = manager.receive_job_removed().await.map_err(refused)?;
        let job = manager.restart_unit(unit, "replace").await.map_err(refused)?;
        let result = tokio::time::timeout(PATIENCE, result_of(&mut removed, &job)).await;
        match result.ok().flatten() {
            Some(result) if result == DONE => Ok(Restarted::Done),
            result => {
                let result = result.unwrap_or_else(|| "timeout".to_owned());
                Err(SupervisorError::Failed { unit: unit.to_owned(), result })
            }
        }
    }

    async fn look(&self, unit: &UnitProxy<'_>) -> Result<State, SupervisorError> {
        let active = unit.active_state().await.map_err(refused)?;
        let service = ServiceProxy::builder(unit.inner().connection()).path(unit.inner().path().to_owned());
        let service = service.build().await.map_err(refused)?;
        Ok(State { active, restarts: service.n_restarts().await.map_err(refused)? })
    }

    async fn stay_up(&self, units: &[String], patience: Duration) -> Result<(), (String, String)> {
        let end = Instant::now() + patience;
        let of = |unit: &String| {
            let unit = unit.clone();
            move |error: SupervisorError| (unit.clone(), word(&error))
        };
        let manager = self.bus.manager().await.map_err(|error| of(&units[0])(error))?;
        let mut followed = Vec::new();
        for unit in units {
            let proxy = bus::unit(&manager, unit).await.map_err(of(unit))?;
            let state = self.look(&proxy).await.map_err(of(unit))?;
            followed.push((unit, proxy, state.restarts));
        }
        loop {
            for (unit, proxy, restarts) in &followed {
                let now = self.look(proxy).await.map_err(of(unit))?;
                if !matches!(now.active.as_str(), "active" | "reloading") || now.restarts != *restarts {
                    return Err(((*unit).clone(), now.active));
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN.min(left)).await;
        }
    }
}

impl Services for SystemdServices {
    fn restart(&mut self, unit: &str) -> Result<Restarted, String> {
        self.runtime.block_on(self.start_anew(unit)).map_err(|error| word(&error))
    }

    fn watch(&mut self, units: &[String], patience: Duration) -> Result<(), (String, String)> {
        self.runtime.block_on(self.stay_up(units, patience))
    }
}

/// systemd's own word where it said one.
fn word(error: &SupervisorError) -> String {
    match error {
        SupervisorError::Failed { result, .. } => result.clone(),
        other => other.to_string(),
    }
}

//! Turns the timer on and off, and watches who else does.

use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt};
use jiff::Timestamp;
use nix::unistd::Uid;
use zbus::fdo::PropertiesProxy;

use super::bus::{ManagerProxy, refused};
use super::timer::{self, is_stranded};
use super::units::{DONE, result_of};
use super::{Systemd, TIMER};
use crate::model::{Sentence, time};
use crate::supervisor::timer::Alarm;
use crate::supervisor::{Automatic, SupervisorError};

/// As `systemctl`: a job in the way is replaced.
const MODE: &str = "replace";
/// After the bus broke, it is tried again this often.
const RETRY: Duration = Duration::from_secs(30);
/// What arrives within a moment is one change.
const SETTLE: Duration = Duration::from_millis(100);

/// The unit that turns the timer on or off as root.
fn helper(enable: bool) -> &'static str {
    if enable { "neopro-backup-auto@on.service" } else { "neopro-backup-auto@off.service" }
}

impl Systemd {
    /// Turns the timer on or off; answers what systemd then says, and that is what was asked.
    pub(super) async fn switch(&self, enable: bool) -> Result<Automatic, SupervisorError> {
        let manager = self.bus.manager().await?;
        if Uid::effective().is_root() {
            self.switch_as_root(&manager, enable).await?;
        } else {
            carry_out(Verb::Start, &manager, helper(enable)).await?;
        }
        let automatic = timer::read(&manager, self.store.zone()).await?;
        if (automatic.enabled, automatic.active) == (enable, enable) {
            Ok(automatic)
        } else {
            let result = if automatic.enabled { "enabled" } else { "disabled" };
            Err(SupervisorError::Failed { unit: TIMER.to_owned(), result: result.to_owned() })
        }
    }

    /// As `systemctl enable --now` and `disable --now` do. A timer that is stranded in
    /// the future is armed anew by being turned on.
    async fn switch_as_root(&self, manager: &ManagerProxy<'_>, enable: bool) -> Result<(), SupervisorError> {
        if enable {
            manager.enable_unit_files(&[TIMER], false, false).await.map_err(refused)?;
            manager.reload().await.map_err(refused)?;
            carry_out(Verb::Start, manager, TIMER).await?;
            // The first restart still counts from when the timer was started under the wrong
            // clock: systemd notes the new start too late for it. The second counts from that.
            for _ in 0..2 {
                let automatic = timer::read(manager, self.store.zone()).await?;
                if !is_stranded(&automatic, Timestamp::now()) {
                    break;
                }
                carry_out(Verb::Restart, manager, TIMER).await?;
            }
        } else {
            for runtime in [false, true] {
                manager.disable_unit_files(&[TIMER], runtime).await.map_err(refused)?;
            }
            manager.reload().await.map_err(refused)?;
            carry_out(Verb::Stop, manager, TIMER).await?;
        }
        Ok(())
    }

    /// Says when something about the timer changes, and frees it where a clock that
    /// jumped has left it waiting for years.
    pub(super) async fn follow(&self, changed: &(dyn Fn() + Send + Sync)) {
        // A week's timer is far away by design: each time is questioned once.
        let mut questioned = None;
        loop {
            let Err(error) = self.follow_once(changed, &mut questioned).await else { continue };
            tracing::warn!(%error, "systemd cannot be followed; trying again in half a minute");
            tokio::time::sleep(RETRY).await;
            changed();
        }
    }

    async fn follow_once(
        &self,
        changed: &(dyn Fn() + Send + Sync),
        questioned: &mut Option<Timestamp>,
    ) -> Result<(), SupervisorError> {
        let manager = self.bus.manager().await?;
        let path = manager.load_unit(TIMER).await.map_err(refused)?;
        let connection = manager.inner().connection();
        let properties = PropertiesProxy::builder(connection)
            .destination("org.freedesktop.systemd1")
            .path(path)
            .build()
            .await
            .map_err(refused)?;
        let mut states = properties.receive_properties_changed().await.map_err(refused)?;
        let mut files = manager.receive_unit_files_changed().await.map_err(refused)?;
        let mut reloads = manager.receive_reloading().await.map_err(refused)?;
        let alarm = Alarm::new().map_err(|error| SupervisorError::Away { reason: error.to_string() })?;
        loop {
            self.free_if_stranded(&manager, questioned).await?;
            let happened = tokio::select! {
                state = states.next() => state.is_some(),
                file = files.next() => file.is_some(),
                reload = reloads.next() => reload.is_some(),
                // Rings when the clock is set.
                rung = alarm.until(Timestamp::MAX) => rung.is_ok(),
            };
            if !happened {
                return Err(SupervisorError::Away { reason: "the bus was closed".to_owned() });
            }
            tokio::time::sleep(SETTLE).await;
            drain(&mut states);
            drain(&mut files);
            drain(&mut reloads);
            changed();
        }
    }

    async fn free_if_stranded(
        &self,
        manager: &ManagerProxy<'_>,
        questioned: &mut Option<Timestamp>,
    ) -> Result<(), SupervisorError> {
        let Ok(automatic) = timer::read(manager, self.store.zone()).await else { return Ok(()) };
        let next = automatic.next.as_ref().map(jiff::Zoned::timestamp);
        // A timer that is not enabled is somebody's own: freeing it would enable it.
        if !automatic.enabled || !is_stranded(&automatic, Timestamp::now()) || next == *questioned {
            return Ok(());
        }
        carry_out(Verb::Start, manager, helper(true)).await?;
        *questioned = next;
        let after = timer::read(manager, self.store.zone()).await?;
        if after.next != automatic.next {
            let written =
                |at: &Option<jiff::Zoned>| at.as_ref().map(time::as_systemd_writes).unwrap_or_default();
            let sentence = Sentence::new("auto.rearmed");
            let (before, next) = (written(&automatic.next), written(&after.next));
            self.report(sentence.with("before", before).with("next", next)).await;
        }
        Ok(())
    }
}

/// Takes what is there already.
fn drain<T>(stream: &mut (impl Stream<Item = T> + Unpin)) {
    while let Some(Some(_)) = stream.next().now_or_never() {}
}

/// What systemd can be asked to do with a unit.
enum Verb {
    Start,
    Stop,
    Restart,
}

/// Asks for it and waits for what comes of it.
async fn carry_out(verb: Verb, manager: &ManagerProxy<'_>, unit: &str) -> Result<(), SupervisorError> {
    // Before the job is there: it may end before its name is known here.
    let mut ended = manager.receive_job_removed().await.map_err(refused)?;
    let job = match verb {
        Verb::Start => manager.start_unit(unit, MODE).await,
        Verb::Stop => manager.stop_unit(unit, MODE).await,
        Verb::Restart => manager.restart_unit(unit, MODE).await,
    };
    match result_of(&mut ended, &job.map_err(refused)?).await {
        Some(result) if result == DONE => Ok(()),
        Some(result) => Err(SupervisorError::Failed { unit: unit.to_owned(), result }),
        None => Err(SupervisorError::Away { reason: "the bus was closed".to_owned() }),
    }
}

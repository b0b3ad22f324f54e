//! Turns the timer on and off, sets its hour, and watches who else does.

use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt};
use jiff::{Timestamp, civil::Time};
use nix::unistd::Uid;
use zbus::fdo::PropertiesProxy;

use super::bus::{self, ManagerProxy, refused};
use super::hour::{self, Hour};
use super::timer::{self, is_stranded};
use super::units::{DONE, result_of};
use super::{Systemd, TIMER};
use crate::model::{Sentence, time};
use crate::supervisor::timer::Alarm;
use crate::supervisor::{Automatic, SupervisorError, Wish};

/// As `systemctl`: a job in the way is replaced.
const MODE: &str = "replace";
/// After the bus broke, it is tried again this often.
const RETRY: Duration = Duration::from_secs(30);
/// What arrives within a moment is one change.
const SETTLE: Duration = Duration::from_millis(100);

/// The unit that does it as root. Its name is the whole request.
fn helper(wish: Wish) -> String {
    format!("neopro-backup-auto@{wish}.service")
}

impl Systemd {
    /// Changes the timer; answers what systemd then says, and that is what was asked.
    pub(super) async fn change(&self, wish: Wish) -> Result<Automatic, SupervisorError> {
        // One after the other, or the first would be told what the second made of it.
        let _one = self.changing.lock().await;
        let manager = self.bus.manager().await?;
        let before = timer::read(&manager, self.store.zone()).await?;
        let carried_out = match wish {
            _ if !Uid::effective().is_root() => carry_out(Verb::Start, &manager, &helper(wish)).await,
            Wish::On | Wish::Off => self.switch_as_root(&manager, wish == Wish::On).await,
            Wish::At(at) => self.set_hour_as_root(&manager, at).await,
        };
        let mut automatic = timer::read(&manager, self.store.zone()).await?;
        if matches!(wish, Wish::At(_)) && before.enabled && before.active && !automatic.active {
            // Killed between the timer's stop and its start.
            self.restart(&manager).await?;
            automatic = timer::read(&manager, self.store.zone()).await?;
        }
        let is_so = match wish {
            Wish::On => automatic.enabled && automatic.active,
            Wish::Off => !automatic.enabled && !automatic.active,
            Wish::At(at) => automatic.at == Some(at),
        };
        match carried_out {
            Ok(()) if is_so => return Ok(automatic),
            Ok(()) | Err(SupervisorError::Failed { .. }) if !is_so && matches!(wish, Wish::At(_)) => {
                let drop_ins = bus::unit(&manager, TIMER).await?.drop_in_paths().await.map_err(refused)?;
                if let Some(path) = hour::later(&drop_ins) {
                    return Err(SupervisorError::Overridden { timer: TIMER, path });
                }
            }
            _ => {}
        }
        carried_out?;
        let state = if automatic.enabled { "enabled" } else { "disabled" };
        let hour = automatic.at.map(time::hour);
        let result = match wish {
            Wish::On | Wish::Off => state.to_owned(),
            Wish::At(_) => hour.unwrap_or_else(|| "OnCalendar".to_owned()),
        };
        Err(SupervisorError::Failed { unit: TIMER.to_owned(), result })
    }

    /// Starts a timer that was stopped and not started again.
    async fn restart(&self, manager: &ManagerProxy<'_>) -> Result<(), SupervisorError> {
        if Uid::effective().is_root() {
            carry_out(Verb::Start, manager, TIMER).await
        } else {
            carry_out(Verb::Start, manager, &helper(Wish::On)).await
        }
    }

    /// By a drop-in, as `systemctl edit` does; where systemd then says another hour, it is
    /// taken away again.
    async fn set_hour_as_root(&self, manager: &ManagerProxy<'_>, at: Time) -> Result<(), SupervisorError> {
        let hour = tokio::task::spawn_blocking(Hour::hold).await.expect("it does not panic")?;
        let is_active = timer::read(manager, self.store.zone()).await?.active;
        hour.set(at)?;
        let taken_up = take_up(manager, is_active).await;
        let is_so = timer::read(manager, self.store.zone()).await.is_ok_and(|now| now.at == Some(at));
        if taken_up.is_ok() && is_so {
            return Ok(());
        }
        hour.put_back()?;
        take_up(manager, is_active).await?;
        taken_up
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
        carry_out(Verb::Start, manager, &helper(Wish::On)).await?;
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

/// Has systemd read the timer's files again and count from now. While it reads them, a timer
/// that runs would fire for an hour that is past.
async fn take_up(manager: &ManagerProxy<'_>, is_active: bool) -> Result<(), SupervisorError> {
    if !is_active {
        return manager.reload().await.map_err(refused);
    }
    carry_out(Verb::Stop, manager, TIMER).await?;
    let reloaded = manager.reload().await.map_err(refused);
    if let Err(error) = hour::count_from_now() {
        tracing::warn!(%error, "the timer may make up for an hour that is past");
    }
    // Whatever came of it: a night without a backup is worse than the hour before.
    carry_out(Verb::Start, manager, TIMER).await?;
    reloaded
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

//! The club's services, started anew with the restored files, and looked at for a while.

use std::time::Duration;

use super::RestoreError;
use crate::config;
use crate::jobs::report::Report;
use crate::model::{Sentence, Step};

/// Whoever can start services anew; systemd, or nobody.
pub trait Services {
    /// Starts a service anew and waits until that is done.
    ///
    /// # Errors
    /// systemd's word where it did not start.
    fn restart(&mut self, unit: &str) -> Result<Restarted, String>;

    /// Waits for so long, or until one of the services is no more up.
    ///
    /// # Errors
    /// The service that is not, and systemd's word for it.
    fn watch(&mut self, units: &[String], patience: Duration) -> Result<(), (String, String)>;
}

/// What became of a wish to start a service anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restarted {
    /// It was.
    Done,
    /// This machine has no such service, or it is masked.
    Absent,
    /// Nobody manages services here.
    Unmanaged,
}

/// Where nobody manages services.
#[derive(Debug)]
pub struct Unmanaged;

impl Services for Unmanaged {
    fn restart(&mut self, _unit: &str) -> Result<Restarted, String> {
        Ok(Restarted::Unmanaged)
    }

    fn watch(&mut self, _units: &[String], _patience: Duration) -> Result<(), (String, String)> {
        Ok(())
    }
}

/// Starts the configured services anew, and looks whether they stay up.
///
/// # Errors
/// [`RestoreError::Service`].
pub(super) fn start_anew(
    wished: &config::Restore,
    services: &mut dyn Services,
    report: &mut Report<'_, '_>,
) -> Result<(), RestoreError> {
    let failed = |(unit, reason)| RestoreError::Service { unit, reason };
    report.journal.step(Step::Restart);
    let mut started = Vec::new();
    for unit in &wished.services {
        match services.restart(unit).map_err(|reason| failed((unit.clone(), reason)))? {
            Restarted::Done => {
                report.info(Sentence::new("restore.restarted").with("unit", unit));
                started.push(unit.clone());
            }
            Restarted::Absent => report.warn(Sentence::new("restore.no_service").with("unit", unit)),
            Restarted::Unmanaged => report.warn(Sentence::new("restore.unmanaged").with("unit", unit)),
        }
    }
    if !started.is_empty() && wished.check_seconds > 0 {
        report.journal.step(Step::Check);
        services.watch(&started, Duration::from_secs(wished.check_seconds.into())).map_err(failed)?;
    }
    Ok(())
}

/// The same with the files of before: what fails now has failed before.
pub(super) fn start_as_before(
    wished: &config::Restore,
    services: &mut dyn Services,
    report: &mut Report<'_, '_>,
) {
    for unit in &wished.services {
        if let Err(reason) = services.restart(unit) {
            let sentence = Sentence::new("restore.not_restarted").with("unit", unit).with("reason", reason);
            report.warn(sentence);
        }
    }
}

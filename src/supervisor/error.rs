//! What a supervisor can fail at, as facts.

use std::path::PathBuf;

use crate::config::SettingError;
use crate::model::{Sentence, escape::escape};
use crate::store::StoreError;

/// Why the supervisor could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job's process could not be started.
    #[error("cannot start {program}")]
    Spawn {
        /// This program's own file.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The job's process ended without a word.
    #[error("the job ended before it began")]
    Stillborn,
    /// systemd cannot be asked.
    #[error("systemd cannot be reached: {reason}")]
    Away {
        /// What the bus said.
        reason: String,
    },
    /// systemd may not do it for this user.
    #[error("systemd refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// systemd does not do it, for a reason of its own: the unit is masked, broken, not there.
    #[error("systemd objects: {reason}")]
    Objected {
        /// What it said.
        reason: String,
    },
    /// The setting cannot be changed here.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Somebody's drop-in comes after the panel's and sets another hour.
    #[error("{timer} has another hour by {path}")]
    Overridden {
        /// The timer.
        timer: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// systemd tried, and it did not work.
    #[error("{unit}: {result}")]
    Failed {
        /// The unit.
        unit: String,
        /// systemd's word for how it ended.
        result: String,
    },
}

impl SupervisorError {
    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Spawn { .. } | Self::Stillborn => "supervisor_unavailable",
            Self::Away { .. } => "systemd_unavailable",
            Self::Refused { .. } => "systemd_refused",
            Self::Objected { .. } => "systemd_objects",
            Self::Setting(error) => error.code(),
            Self::Overridden { .. } => "hour_overridden",
            Self::Failed { .. } => "systemd_failed",
        }
    }

    /// What happened, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Spawn { source, .. } => Sentence::new("error.spawn").with("reason", source),
            Self::Stillborn => Sentence::new("error.stillborn"),
            Self::Away { reason } => Sentence::new("error.systemd_unavailable").with("reason", reason),
            Self::Refused { reason } => Sentence::new("error.systemd_refused").with("reason", reason),
            Self::Objected { reason } => Sentence::new("error.systemd_objects").with("reason", reason),
            Self::Setting(error) => error.sentence(),
            Self::Overridden { timer, path } => Sentence::new("error.hour_overridden")
                .with("timer", timer)
                .with("path", escape(path.as_os_str().as_encoded_bytes())),
            Self::Failed { unit, result } => {
                Sentence::new("error.systemd_failed").with("unit", unit).with("result", result)
            }
        }
    }
}

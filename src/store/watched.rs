//! What a change in one of the store's directories means, for whoever watches them.

use std::path::PathBuf;

use super::{Store, catalogue, nights, pins, schedule, settings, status};
use crate::model::ArchiveName;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The list of archives, what is known of them, or the last run's outcome.
    Archives,
    /// Whether the local timer is on.
    Schedule,
    /// What was chosen in the panel: how long archives are kept, and when the timer is due.
    Settings,
}

impl Store {
    /// The directories to watch; the place of each is what [`Store::changed`] takes.
    pub fn watched(&self) -> Vec<PathBuf> {
        vec![self.backups.clone(), self.state.clone(), self.state.join(pins::FOLDER)]
    }

    /// What a change of the file `name` in the directory at this place means; none
    /// where it means nothing (locks, temporary files, the log).
    pub fn changed(directory: usize, name: &str) -> Option<Changed> {
        let is_archive = name.parse::<ArchiveName>().is_ok();
        match directory {
            0 if is_archive || name == status::NAME => Some(Changed::Archives),
            1 if name == catalogue::NAME || name == nights::NAME => Some(Changed::Archives),
            1 if name == schedule::NAME => Some(Changed::Schedule),
            1 if name == settings::NAME => Some(Changed::Settings),
            2 if is_archive => Some(Changed::Archives),
            _ => None,
        }
    }
}

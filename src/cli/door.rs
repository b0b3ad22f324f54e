//! What `passwd` and `token` share: the door, and who may change it from a shell.

use std::io;

use super::output::Failed;
use super::setting::Setting;
use crate::access::{Access, AccessError};
use crate::model::Sentence;
use crate::service;
use crate::store::StoreError;

/// The door of this configuration, to look at.
pub(super) fn door(setting: &Setting) -> Result<Access, Failed> {
    let door = Access::of(&setting.config.paths.state, setting.config.http.auth);
    service::check_owner(door.folder()).map_err(|error| not_ours(&door, setting, error))?;
    Ok(door)
}

/// From here on, this process is the panel's user, where it was root; what it does is in
/// the journal.
pub(super) fn to_change(door: &Access, setting: &Setting) -> Result<(), Failed> {
    service::log_to_journal();
    service::step_down(door.folder()).map_err(|error| not_ours(door, setting, error))
}

fn not_ours(door: &Access, setting: &Setting, error: io::Error) -> Failed {
    let sentence = Sentence::new("access.no_step_down").with("path", door.folder().display());
    Failed::of(setting.language, &sentence.with("reason", error))
}

/// Says what went wrong; to whoever is neither root nor the panel, how to be root.
pub(super) fn failed(setting: &Setting, error: &AccessError) -> Failed {
    let sentence = match error {
        AccessError::Store(StoreError::Denied { .. }) => Sentence::new("access.use_sudo"),
        other => other.sentence(),
    };
    Failed::of(setting.language, &sentence)
}

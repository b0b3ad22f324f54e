//! `settings.json` in the state directory: what was chosen in the panel. Whoever shares the
//! directory can write it, so it is read as hostile: bounded numbers and an hour, or nothing.

use std::io;
use std::path::PathBuf;

use super::error::StoreError;
use super::{Store, StoreLock, atomic};
use crate::config::{Config, PanelSettings, Retention};
use crate::model::{Sentence, escape::escape};

pub(super) const NAME: &str = "settings.json";
const MODE: u32 = 0o664;
/// Five numbers and an hour are 150 bytes.
const LARGEST_BYTES: u64 = 4 << 10;

impl Store {
    /// What is in force: the configuration's file, then the panel, then the defaults. Read
    /// anew each time, so that whoever lives for months takes up a change at once.
    #[must_use]
    pub fn in_force(&self, config: &Config) -> Config {
        config.with_panel(&self.panel_settings())
    }

    /// What was chosen in the panel. A file that cannot be believed is told in the log once
    /// and counts as none: then the configuration says what is kept.
    pub fn panel_settings(&self) -> PanelSettings {
        let read = self.read_settings();
        let mut told = self.told.lock().expect("no holder panics");
        if let Err(reason) = &read
            && told.as_ref() != Some(reason)
        {
            tracing::warn!(path = %self.settings_path().display(), reason, "the panel's settings are ignored");
        }
        *told = read.as_ref().err().cloned();
        read.unwrap_or_default()
    }

    /// How long backups are kept, for who deletes by it.
    ///
    /// # Errors
    /// Where the disk does not give what was chosen in the panel: it may keep more than what
    /// would be in force without it.
    pub fn retention_to_delete_by(&self, config: &Config) -> Result<Retention, StoreError> {
        Ok(config.with_panel(&self.panel_settings_to_change()?).retention)
    }

    /// What was chosen in the panel, where it can be believed.
    fn panel_settings_to_change(&self) -> Result<PanelSettings, StoreError> {
        let text = atomic::read_if_any(&self.settings_path(), LARGEST_BYTES + 1)?;
        Ok(text.map_or(Ok(PanelSettings::default()), |text| parse(&text)).unwrap_or_default())
    }

    /// Why what was chosen in the panel is ignored, and the one thing to do; none where it is not.
    pub fn settings_problem(&self) -> Option<Sentence> {
        let reason = self.read_settings().err()?;
        let path = escape(self.settings_path().as_os_str().as_encoded_bytes());
        Some(Sentence::new("run.settings_ignored").with("path", path).with("reason", reason))
    }

    /// Changes what was chosen in the panel: after a power cut it is the old or the new. What
    /// could not be believed is replaced; what the disk did not give is not.
    pub fn change_settings(
        &self,
        _held: &StoreLock,
        change: impl FnOnce(&mut PanelSettings),
    ) -> Result<(), StoreError> {
        let mut settings = self.panel_settings_to_change()?;
        change(&mut settings);
        atomic::replace(&self.settings_path(), &settings.to_text(), MODE)
    }

    fn read_settings(&self) -> Result<PanelSettings, String> {
        match atomic::read(&self.settings_path(), LARGEST_BYTES + 1) {
            Ok(text) => parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(PanelSettings::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn settings_path(&self) -> PathBuf {
        self.state.join(NAME)
    }
}

fn parse(text: &[u8]) -> Result<PanelSettings, String> {
    if text.len() as u64 > LARGEST_BYTES { Err("too large".to_owned()) } else { PanelSettings::parse(text) }
}

//! What every command needs: the configuration, the language, the store.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::output::{Failed, Said};
use crate::config::Config;
use crate::store::Store;
use crate::text::Language;

/// The configuration in force and the language to speak.
pub(super) struct Setting {
    pub(super) config: Config,
    /// The file that `--config` named, for the jobs that this process starts.
    pub(super) file: Option<PathBuf>,
    pub(super) language: Language,
}

impl Setting {
    pub(super) fn load(file: Option<&Path>) -> Result<Self, Failed> {
        let config = Config::load(file).map_err(|error| Failed::of_config(of_environment(), &error))?;
        let language = if config.language_is_set() { config.ui.language } else { of_environment() };
        Ok(Self { config, file: file.map(Path::to_owned), language })
    }

    pub(super) fn store(&self) -> Result<Store, Failed> {
        Store::open(&self.config.paths, zone()).said(self.language)
    }

    /// The store for a command that changes nothing.
    pub(super) fn store_to_read(&self) -> Result<Store, Failed> {
        Store::open_to_read(&self.config.paths, zone()).said(self.language)
    }
}

/// The machine's zone; UTC where it has none.
pub(super) fn zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// The language of the shell; French where it names neither.
pub(super) fn of_environment() -> Language {
    let named = |variable| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let locale = named("LC_ALL").or_else(|| named("LC_MESSAGES")).or_else(|| named("LANG"));
    locale.and_then(|locale| Language::of_code(&locale)).unwrap_or(Language::French)
}

//! What the panel may change of the settings: bounded numbers and an hour, and nothing else.
//! What the configuration's file sets wins, then this, then the default. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{Config, Retention, rules};
use crate::model::{Sentence, escape::escape, time};

/// The dotted key of the hour.
const AT: &str = "schedule.at";

/// Why a setting is not taken from the panel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is none of this name.
    #[error("{key:?} is no setting")]
    Unknown {
        /// The name.
        key: String,
    },
    /// It is no whole number, or lies beyond its bounds.
    #[error("{key} is not from {} to {}", bounds.start(), bounds.end())]
    Bounds {
        /// Its name.
        key: &'static str,
        /// What it may be.
        bounds: RangeInclusive<u16>,
    },
    /// It is no time of day.
    #[error("no time of day")]
    Time,
    /// The configuration's file sets it.
    #[error("{key} is set by {}, line {line}", file.display())]
    Locked {
        /// Its dotted key.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl SettingError {
    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "setting_unknown",
            Self::Bounds { .. } => "setting_bounds",
            Self::Time => "setting_time",
            Self::Locked { .. } => "setting_locked",
        }
    }

    /// What is wrong with which setting, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let say = Sentence::new(&format!("error.{}", self.code()));
        match self {
            Self::Unknown { key } => say.with("key", escape(key.as_bytes())),
            Self::Bounds { key, bounds } => {
                say.with("key", key).with("least", bounds.start()).with("most", bounds.end())
            }
            Self::Time => say,
            Self::Locked { key, file, line } => {
                let file = escape(file.as_os_str().as_encoded_bytes());
                say.with("key", key).with("file", file).with("line", line)
            }
        }
    }
}

/// The panel's settings: those that were never changed there are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelSettings {
    retention: BTreeMap<&'static str, u16>,
    at: Option<Time>,
}

/// As it is written to a file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    retention: BTreeMap<String, i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

impl PanelSettings {
    /// Reads what [`PanelSettings::to_text`] wrote, as a file that anybody may have written:
    /// one thing that is not as it has to be, and nothing of it is believed.
    ///
    /// # Errors
    /// What is wrong with it, in English.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        // An object: a list of the same values in their order is none of ours.
        let object = serde_json::from_slice(text).map(serde_json::Value::Object);
        let written =
            object.and_then(serde_json::from_value::<Written>).map_err(|error| error.to_string())?;
        let mut settings = Self::default();
        for (key, number) in &written.retention {
            settings.set_retention(key, Some(*number)).map_err(|error| error.to_string())?;
        }
        if let Some(at) = &written.at {
            settings.at = Some(time_of_day(at).map_err(|error| error.to_string())?);
        }
        Ok(settings)
    }

    /// The settings as JSON.
    pub fn to_text(&self) -> Vec<u8> {
        let retention = self.retention.iter().map(|(key, number)| ((*key).to_owned(), i64::from(*number)));
        let at = self.at.map(time::hour);
        let written = Written { retention: retention.collect(), at };
        serde_json::to_vec(&written).expect("names and numbers are JSON")
    }

    /// Sets a number of `[retention]` by its name there; none is something that is no whole number.
    pub fn set_retention(&mut self, key: &str, number: Option<i64>) -> Result<(), SettingError> {
        let known = Retention::BOUNDS.iter().find(|(known, _)| *known == key);
        let (key, bounds) = known.ok_or_else(|| SettingError::Unknown { key: key.to_owned() })?;
        let number = number.and_then(|number| u16::try_from(number).ok());
        let number = number.filter(|number| bounds.contains(number));
        let number = number.ok_or_else(|| SettingError::Bounds { key, bounds: bounds.clone() })?;
        self.retention.insert(key, number);
        Ok(())
    }

    /// Sets the hour of the nightly backup.
    pub fn set_at(&mut self, at: Time) {
        self.at = Some(at);
    }

    /// Takes over what `newer` sets.
    pub fn take(&mut self, newer: Self) {
        self.retention.extend(newer.retention);
        self.at = newer.at.or(self.at);
    }

    /// The numbers of `[retention]` that are set, as `days=14 keep_daily=30`.
    pub fn retention_in_words(&self) -> String {
        let words: Vec<_> = self.retention.iter().map(|(key, number)| format!("{key}={number}")).collect();
        words.join(" ")
    }

    /// This policy with what is set here, whatever the configuration's file says: only to see
    /// what would come of it.
    pub fn over(&self, policy: Retention) -> Retention {
        let mut policy = policy;
        for (key, number) in &self.retention {
            *policy.number_mut(key) = *number;
        }
        policy
    }

    /// Refuses what the configuration's file sets: there it would be without effect.
    pub fn refuse_locked(&self, config: &Config) -> Result<(), SettingError> {
        let numbers = self.retention.keys().map(|key| format!("retention.{key}"));
        for key in numbers.chain(self.at.map(|_| AT.to_owned())) {
            if let Some((file, line)) = config.set_at(&key) {
                return Err(SettingError::Locked { file: file.to_owned(), line, key });
            }
        }
        Ok(())
    }
}

impl Config {
    /// What is in force with these settings of the panel, whichever were in force before:
    /// file, then panel, then default.
    #[must_use]
    pub fn with_panel(&self, settings: &PanelSettings) -> Self {
        let mut config = self.clone();
        config.origins.forget_panel();
        let default = Retention::default();
        for (key, _) in Retention::BOUNDS {
            let dotted = format!("retention.{key}");
            if config.set_at(&dotted).is_some() {
                continue;
            }
            let chosen = settings.retention.get(key).copied();
            *config.retention.number_mut(key) = chosen.unwrap_or(default.number(key));
            if chosen.is_some() {
                config.origins.note_panel(dotted);
            }
        }
        if config.set_at(AT).is_none() {
            config.schedule.at = settings.at.unwrap_or(super::Schedule::DEFAULT_AT);
            if settings.at.is_some() {
                config.origins.note_panel(AT.to_owned());
            }
        }
        config
    }
}

/// `HH:MM`.
///
/// # Errors
/// [`SettingError::Time`] for anything else.
pub fn time_of_day(text: &str) -> Result<Time, SettingError> {
    rules::time_of_day(text).map_err(|_| SettingError::Time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::path::Path;

    use super::*;

    fn settings(text: &str) -> PanelSettings {
        PanelSettings::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_file_wins_then_the_panel_then_the_default() {
        let text = "[retention]\ndays = 9\nkeep_daily = 7\n";
        let config = Config::parse(text, Path::new("/x.toml")).unwrap();
        let panel = settings(r#"{"retention":{"days":30,"keep_weekly":4},"at":"18:30"}"#);
        let in_force = config.with_panel(&panel);
        let Retention { days, keep_last, keep_daily, keep_weekly, keep_monthly } = in_force.retention;
        assert_eq!((days, keep_last, keep_daily, keep_weekly, keep_monthly), (9, 3, 7, 4, 0));
        assert_eq!(in_force.schedule.at.to_string(), "18:30:00");
        let shown = in_force.show();
        for line in [
            "days = 9  # /x.toml:2\n",
            "keep_weekly = 4  # panel\n",
            "keep_last = 3  # default\n",
            "at = \"18:30\"  # panel\n",
        ] {
            assert!(shown.contains(line), "{shown}");
        }
        assert_eq!(in_force.to_json()["set"]["retention.keep_weekly"], "panel");
        // Taken back, nothing of it is left.
        assert_eq!(in_force.with_panel(&PanelSettings::default()).show(), config.show());
    }

    #[test]
    fn an_hour_that_the_file_sets_is_its_own() {
        let config = Config::parse("[schedule]\nat = \"04:00\"\n", Path::new("/x.toml")).unwrap();
        let panel = settings(r#"{"at":"18:30"}"#);
        assert_eq!(config.with_panel(&panel).schedule.at.to_string(), "04:00:00");
        let locked = panel.refuse_locked(&config).unwrap_err();
        assert_eq!(locked, SettingError::Locked { key: AT.to_owned(), file: "/x.toml".into(), line: 2 });
        assert_eq!(panel.refuse_locked(&Config::default()), Ok(()));
    }

    #[test]
    fn nothing_of_a_file_is_believed_that_is_wrong_anywhere() {
        for hostile in [
            "",
            "null",
            "[]",
            "{",
            r#"{"retention":{"days":0}}"#,
            r#"{"retention":{"days":3651}}"#,
            r#"{"retention":{"days":-1}}"#,
            r#"{"retention":{"days":1.5}}"#,
            r#"{"retention":{"days":65543}}"#,
            r#"{"retention":{"days":18446744073709551615}}"#,
            r#"{"retention":{"days":"30"}}"#,
            r#"{"retention":{"days":null}}"#,
            r#"{"retention":{"keep_last":2}}"#,
            r#"{"retention":{"keep_daily":3651}}"#,
            r#"{"retention":{"days":30,"keep_hourly":1}}"#,
            r#"{"retention":{"days":30},"paths":{"backups":"/etc"}}"#,
            r#"{"retention":{"days":30},"at":"24:00"}"#,
            r#"{"retention":{"days":30},"at":"03:00\n"}"#,
            r#"{"at":3}"#,
        ] {
            assert!(PanelSettings::parse(hostile.as_bytes()).is_err(), "{hostile}");
        }
        assert_eq!(settings("{}"), PanelSettings::default());
    }

    #[test]
    fn a_refusal_names_the_key_and_its_bounds() {
        let mut settings = PanelSettings::default();
        for number in [None, Some(-1), Some(0), Some(3_651), Some(i64::MAX)] {
            let refused = settings.set_retention("days", number).unwrap_err();
            assert_eq!(refused, SettingError::Bounds { key: "days", bounds: Retention::DAYS });
        }
        assert_eq!(settings.set_retention("Days", Some(7)).unwrap_err().code(), "setting_unknown");
        assert_eq!(settings, PanelSettings::default());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same_and_any_text_stays_within_bounds(
            numbers in proptest::collection::vec((0..5_usize, -2..5_000_i64), 0..6), text in "\\PC{0,60}"
        ) {
            let mut settings = PanelSettings::default();
            for (key, number) in numbers {
                let _ = settings.set_retention(Retention::BOUNDS[key].0, Some(number));
            }
            prop_assert_eq!(PanelSettings::parse(&settings.to_text()), Ok(settings.clone()));
            let _ = PanelSettings::parse(text.as_bytes());
            let retention = Config::default().with_panel(&settings).retention;
            for (key, bounds) in Retention::BOUNDS {
                prop_assert!(bounds.contains(&retention.number(key)));
            }
        }
    }
}

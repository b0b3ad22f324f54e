//! `[restore]` and `[masking]`: how the club's files are put back, and what of their
//! content is never shown.

use std::ops::RangeInclusive;

use super::section::Section;
use crate::model::Sentence;

/// Bytes of a unit's name (systemd's own limit).
const MAX_UNIT_BYTES: usize = 255;
/// Bytes of a part of a key's name.
const MAX_WORD_BYTES: usize = 64;

/// `[restore]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    /// systemd's services that are started anew after a restore: unit names that end in
    /// `.service`; one that the machine has not is passed over with a warning.
    pub services: Vec<String>,
    /// Seconds for which they must stay up, in [`Restore::CHECK_SECONDS`]; else the restore
    /// is taken back.
    pub check_seconds: u16,
    /// Days for which a restore can be undone, in [`Restore::UNDO_DAYS`].
    pub undo_days: u16,
}

impl Restore {
    /// The program that shows the videos.
    pub const DEFAULT_SERVICE: &str = "neopro-app.service";
    /// A program that cannot read its settings ends within seconds.
    pub const DEFAULT_CHECK_SECONDS: u16 = 10;
    /// Bounds of `check_seconds`; 0 does not look.
    pub const CHECK_SECONDS: RangeInclusive<u16> = 0..=600;
    /// A week, as archives are kept.
    pub const DEFAULT_UNDO_DAYS: u16 = 7;
    /// Bounds of `undo_days`.
    pub const UNDO_DAYS: RangeInclusive<u16> = 1..=365;

    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            services: section.list_or("services", default.services, unit),
            check_seconds: section.integer("check_seconds", default.check_seconds, Self::CHECK_SECONDS),
            undo_days: section.integer("undo_days", default.undo_days, Self::UNDO_DAYS),
        }
    }
}

impl Default for Restore {
    fn default() -> Self {
        Self {
            services: vec![Self::DEFAULT_SERVICE.to_owned()],
            check_seconds: Self::DEFAULT_CHECK_SECONDS,
            undo_days: Self::DEFAULT_UNDO_DAYS,
        }
    }
}

/// `[masking]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masking {
    /// Parts of key names, in lower case: the value of a key that contains one is never
    /// shown, wherever a content is shown or compared.
    pub keys: Vec<String>,
}

impl Masking {
    /// What settings of all kinds call a secret, in English and French.
    pub const DEFAULT_KEYS: [&str; 8] =
        ["password", "passwd", "pwd", "token", "secret", "key", "credential", "mot_de_passe"];

    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        Self { keys: section.list_or("keys", Self::default().keys, word) }
    }
}

impl Default for Masking {
    fn default() -> Self {
        Self { keys: Self::DEFAULT_KEYS.map(str::to_owned).to_vec() }
    }
}

/// A service's name; without a suffix it gets systemd's own.
fn unit(text: &str) -> Result<String, Sentence> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.@".contains(&byte);
    let name = if text.ends_with(".service") { text.to_owned() } else { format!("{text}.service") };
    let valid = !text.is_empty()
        && name.len() <= MAX_UNIT_BYTES
        && name.bytes().all(is_plain)
        && !name.starts_with(['.', '-', '@'])
        && !text.contains("@.");
    if valid { Ok(name) } else { Err(Sentence::new("config.unit_name")) }
}

/// A part of a key's name.
fn word(text: &str) -> Result<String, Sentence> {
    let valid = (1..=MAX_WORD_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    if valid { Ok(text.to_lowercase()) } else { Err(Sentence::new("config.mask_word")) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bad, good};

    #[test]
    fn services_are_units_of_systemd() {
        let config = good("restore.services = ['neopro-app', 'a@b.service', 'x_1:y']");
        assert_eq!(config.restore.services, ["neopro-app.service", "a@b.service", "x_1:y.service"]);
        assert!(good("restore.services = []").restore.services.is_empty());
        for name in ["", "a b", "a/b", "-x", "@x", "a@.service", "é", "a\n"] {
            let problems = bad(&format!("restore.services = ['''{name}''']"));
            assert_eq!(problems, ["1 restore.services[0] unit_name"], "{name}");
        }
    }

    #[test]
    fn masked_keys_replace_the_default_ones() {
        assert_eq!(good("masking.keys = ['Clé']").masking.keys, ["clé"]);
        assert!(good("").masking.keys.contains(&"token".to_owned()));
        assert!(good("masking.keys = []").masking.keys.is_empty());
        assert_eq!(bad("masking.keys = ['']"), ["1 masking.keys[0] mask_word"]);
    }
}

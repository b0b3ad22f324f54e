//! The name of an archive, the only way to speak of a file in the store.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

const PREFIX: &str = "backup-";
const SUFFIX: &str = ".tar.gz";
/// `backup-` + 8 digits + `-` + 6 digits + `.tar.gz`.
const LENGTH: usize = 29;

/// `backup-20241218-030000.tar.gz`: valid by construction, so it can never name another path.
///
/// The digits are a label, not a promise: `backup-99999999-999999.tar.gz` is a
/// valid name. Order comes from the sequence number in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArchiveName(String);

/// The text is not `backup-YYYYMMDD-HHMMSS.tar.gz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an archive is named backup-YYYYMMDD-HHMMSS.tar.gz")]
pub struct BadArchiveName;

impl ArchiveName {
    /// The name for a run that began at this local time.
    pub fn at(local: DateTime) -> Self {
        Self(format!("{PREFIX}{}{SUFFIX}", local.strftime("%Y%m%d-%H%M%S")))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its suffix: the folder inside the archive.
    pub fn stem(&self) -> &str {
        &self.0[..LENGTH - SUFFIX.len()]
    }

    /// The local time that the digits spell, where they spell one; of a leap second (`60`) the
    /// second before it.
    pub fn local(&self) -> Option<DateTime> {
        DateTime::strptime("backup-%Y%m%d-%H%M%S", self.stem()).ok()
    }
}

impl FromStr for ArchiveName {
    type Err = BadArchiveName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |range: std::ops::Range<usize>| text.as_bytes()[range].iter().all(u8::is_ascii_digit);
        let valid = text.len() == LENGTH
            && text.starts_with(PREFIX)
            && text.ends_with(SUFFIX)
            && digits(7..15)
            && text.as_bytes()[15] == b'-'
            && digits(16..22);
        if valid { Ok(Self(text.to_owned())) } else { Err(BadArchiveName) }
    }
}

impl TryFrom<String> for ArchiveName {
    type Error = BadArchiveName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ArchiveName> for String {
    fn from(name: ArchiveName) -> Self {
        name.0
    }
}

impl fmt::Display for ArchiveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_contract_s_name_is_accepted_and_read() {
        let name: ArchiveName = "backup-20241218-030000.tar.gz".parse().unwrap();
        assert_eq!(name.stem(), "backup-20241218-030000");
        assert_eq!(name.local().unwrap().to_string(), "2024-12-18T03:00:00");
        assert_eq!(ArchiveName::at(name.local().unwrap()), name);
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        let name: ArchiveName = "backup-20161231-235960.tar.gz".parse().unwrap();
        assert_eq!(name.local().unwrap().to_string(), "2016-12-31T23:59:59");
    }

    #[test]
    fn digits_that_spell_no_date_are_a_name_without_a_time() {
        let name: ArchiveName = "backup-99999999-999999.tar.gz".parse().unwrap();
        assert_eq!(name.local(), None);
    }

    #[test]
    fn other_names_are_refused() {
        for bad in [
            "",
            "backup-20241218-030000.tar",
            "backup-20241218-030000.tar.gz\n",
            "\nbackup-20241218-030000.tar.gz",
            "backup-20241218-03000.tar.gz",
            "backup-20241218_030000.tar.gz",
            "Backup-20241218-030000.tar.gz",
            "backup-2024121८-030000.tar.gz",
            "../backup-20241218-030000.tar.gz",
            "backup-20241218-030000.tar.gz/..",
            "backup-2024/218-030000.tar.gz",
        ] {
            assert!(bad.parse::<ArchiveName>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_parses_prints_as_it_was(text in "\\PC{0,40}") {
            if let Ok(name) = text.parse::<ArchiveName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }

        #[test]
        fn every_string_of_the_pattern_is_a_name(text in "backup-[0-9]{8}-[0-9]{6}\\.tar\\.gz") {
            prop_assert!(text.parse::<ArchiveName>().is_ok());
        }
    }
}

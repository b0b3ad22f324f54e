//! What can be asked of the nightly timer. Its written form is the instance name of a unit
//! that root runs, so it is read strictly. Pure.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;

use crate::config::time_of_day;

/// What the timer shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A backup every night.
    On,
    /// None.
    Off,
    /// At this hour, whether it is on or off.
    At(Time),
}

impl fmt::Display for Wish {
    /// `on`, `off` or `at-1830`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On => f.write_str("on"),
            Self::Off => f.write_str("off"),
            Self::At(at) => write!(f, "at-{}", at.strftime("%H%M")),
        }
    }
}

/// A text that is no wish.
#[derive(Debug, thiserror::Error)]
#[error("not on, off or at-HHMM")]
pub struct BadWish;

impl FromStr for Wish {
    type Err = BadWish;

    fn from_str(text: &str) -> Result<Self, BadWish> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => {
                let digits = text.strip_prefix("at-").ok_or(BadWish)?;
                let (hour, minute) = digits.split_at_checked(2).ok_or(BadWish)?;
                time_of_day(&format!("{hour}:{minute}")).map(Self::At).map_err(|_| BadWish)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_reads_the_same_and_nothing_else_is_a_wish() {
        for text in ["on", "off", "at-0000", "at-1830", "at-2359"] {
            assert_eq!(text.parse::<Wish>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "On",
            "at",
            "at-",
            "at-1",
            "at-183",
            "at-2460",
            "at-2400",
            "at-1860",
            "at-9999",
            "at-18300",
            "at-18:30",
            "at-1830;x",
            "at-1830\n",
            " at-1830",
            "at-+130",
            "at-1é0",
            "at-٠٣٠٠",
            "--",
            "on off",
        ] {
            assert!(bad.parse::<Wish>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_wish_is_never_more_than_eight_letters_digits_and_a_dash(text in "(at-)?\\PC{0,6}") {
            if let Ok(wish) = text.parse::<Wish>() {
                prop_assert_eq!(wish.to_string(), text.as_str());
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            }
        }
    }
}

//! Search by words in what is said of an archive, in both languages at once: who looks for
//! "mercredi" finds it, whatever language the panel speaks at the moment.

use std::fmt::Write;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::fold::fold;
use crate::model::{ArchiveInfo, Verification};
use crate::text::Language;

/// Characters of a search.
pub const MOST_CHARACTERS: usize = 100;

/// Words of which each must occur; none finds everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

/// The search is longer than [`MOST_CHARACTERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a search has at most {MOST_CHARACTERS} characters")]
pub struct TooLong;

impl FromStr for Words {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err(TooLong);
        }
        // Commas and dashes between words are no part of them; those within are.
        let words = fold(text);
        let words = words.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        Ok(Self(words.filter(|word| !word.is_empty()).map(str::to_owned).collect()))
    }
}

impl Words {
    /// Keeps the archives of which every word is said. Without words nothing is said at all.
    pub(super) fn retain<T: AsRef<ArchiveInfo>>(&self, archives: &mut Vec<&T>, zone: &TimeZone) {
        if self.0.is_empty() {
            return;
        }
        let tongues = [Language::French, Language::English].map(Tongue::of);
        let mut said = String::new();
        archives.retain(|archive| {
            said.clear();
            for tongue in &tongues {
                tongue.say((*archive).as_ref(), zone, &mut said);
            }
            self.0.iter().all(|word| begins_a_word(word, &said))
        });
    }
}

/// Whether the text has this word, or one that begins with it.
fn begins_a_word(word: &str, text: &str) -> bool {
    text.match_indices(word).any(|(place, _)| !text[..place].ends_with(char::is_alphanumeric))
}

/// The words of one language, folded once for a whole search.
struct Tongue {
    /// From Monday.
    weekdays: [String; 7],
    /// From January.
    months: [String; 12],
    verified: String,
    readable: String,
    damaged: String,
    unverified: String,
    pinned: String,
    /// Between day and hour, as the panel tells them.
    at: &'static str,
    /// What is said of the first day of a month.
    first: &'static str,
}

impl Tongue {
    fn of(language: Language) -> Self {
        let word = |key: &str| fold(&language.word(key));
        // The command line's word and the panel's.
        let words = |one: &str, other: &str| format!("{} {}", word(one), word(other));
        let (at, first) = match language {
            Language::French => ("a", "1er"),
            Language::English => ("at", "1st"),
        };
        Self {
            weekdays: std::array::from_fn(|day| word(&format!("when.weekday.{}", day + 1))),
            months: std::array::from_fn(|month| word(&format!("when.month.{}", month + 1))),
            verified: word("verification.verified"),
            readable: word("verification.readable"),
            damaged: words("verification.damaged", "panel.badge.damaged"),
            // The panel's "not verified yet" would be found by who looks for verified ones.
            unverified: word("verification.unverified"),
            pinned: words("list.pinned", "panel.badge.pinned"),
            at,
            first,
        }
    }

    /// Appends what is said of this archive, folded.
    fn say(&self, archive: &ArchiveInfo, zone: &TimeZone, said: &mut String) {
        let local = zone.to_datetime(archive.created);
        let (year, month, day) = (local.year(), local.month(), local.day());
        let (hour, minute) = (local.hour(), local.minute());
        let weekday = named(&self.weekdays, local.weekday().to_monday_one_offset());
        let month_name = named(&self.months, month);
        let (name, at) = (&archive.name, self.at);
        let first = if day == 1 { self.first } else { "" };
        let pinned = if archive.pinned { self.pinned.as_str() } else { "" };
        let state = match archive.verification {
            Verification::Verified => &self.verified,
            Verification::Readable => &self.readable,
            Verification::Damaged { .. } => &self.damaged,
            Verification::Unverified => &self.unverified,
        };
        write!(
            said,
            "{name} {year:04}-{month:02}-{day:02} {day:02}/{month:02}/{year:04} \
             {weekday} {day} {first} {month_name} {year} {at} {hour:02}:{minute:02} \
             {hour}h{minute:02} {hour:02}h{minute:02} {state} {pinned} "
        )
        .expect("a text takes what is written");
    }
}

/// The name of this number, counted from 1.
fn named(names: &[String], number: i8) -> &str {
    let place = usize::try_from(number - 1).expect("days and months are counted from 1");
    &names[place]
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Sentence;

    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn words(text: &str) -> Words {
        text.parse().unwrap()
    }

    /// The contract's own example: 03:00 on Wednesday the 18th of December 2024.
    fn example() -> ArchiveInfo {
        let created: Timestamp = "2024-12-18T02:00:00Z".parse().unwrap();
        let name = "backup-20241218-030000.tar.gz".parse().unwrap();
        ArchiveInfo { name, ..ArchiveInfo::made(created, Verification::Verified) }
    }

    fn finds(search: &str, archive: &ArchiveInfo) -> bool {
        let mut found = vec![archive];
        words(search).retain(&mut found, &zone());
        !found.is_empty()
    }

    #[test]
    fn an_archive_is_found_by_all_that_is_said_of_it() {
        let archive = example();
        for search in [
            "",
            "  ",
            "-, ·",
            "backup-20241218-030000.tar.gz",
            "backup-2024",
            "2024-12-18",
            "2024-12",
            "18/12/2024",
            "18/12",
            "03:00",
            "3h",
            "03h00",
            "mercredi 18 décembre 2024",
            "Mercredi 18 décembre à 03:00",
            "decembre",
            "DÉCEMBRE",
            "de\u{301}cembre",
            "déc",
            "mer",
            "Wednesday, December 18, 2024 at 03:00",
            "wed dec",
            "mercredi december",
            "vérifiée",
            "verified",
        ] {
            assert!(finds(search, &archive), "{search:?}");
        }
        for search in [
            "cembre",
            "ednesday",
            "2024-12-19",
            "02:00",
            "3h30",
            "jeudi",
            "november",
            "épinglée",
            "pinned",
            "gardée",
            "abîmée",
            "damaged",
            "1er",
            "mercredi 19",
            "0000",
            "%",
            "été",
            "x",
        ] {
            let punctuation = words(search) == Words::default();
            assert_eq!(finds(search, &archive), punctuation, "{search:?}");
        }
    }

    #[test]
    fn states_are_found_in_both_languages() {
        let reason = Sentence::new("damage.empty");
        let damaged = ArchiveInfo { verification: Verification::Damaged { reason }, ..example() };
        let unread = ArchiveInfo { verification: Verification::Unverified, ..example() };
        let kept = ArchiveInfo { pinned: true, ..example() };
        let cases = [
            (&damaged, ["abîmée", "abimee", "endommagée", "damaged"]),
            (&kept, ["épinglée", "gardée", "pinned", "kept"]),
            (&unread, ["pas relue", "relue", "not read", "back yet"]),
        ];
        for (archive, searches) in cases {
            for search in searches {
                assert!(finds(search, archive), "{search}");
                assert!(!finds(search, &example()), "{search}");
            }
        }
        for search in ["vérifiée", "verified"] {
            assert!(!finds(search, &unread) && !finds(search, &damaged), "{search}");
        }
    }

    #[test]
    fn every_day_and_month_has_its_names() {
        for (time, french, english) in [
            ("2024-01-01T12:00:00Z", "lundi 1er janvier", "monday 1st january"),
            ("2024-02-06T12:00:00Z", "mardi 6 février", "tuesday 6 february"),
            ("2024-03-13T12:00:00Z", "mercredi 13 mars", "wednesday 13 march"),
            ("2024-04-18T12:00:00Z", "jeudi 18 avril", "thursday 18 april"),
            ("2024-05-24T12:00:00Z", "vendredi 24 mai", "friday 24 may"),
            ("2024-06-29T12:00:00Z", "samedi 29 juin", "saturday 29 june"),
            ("2024-07-28T12:00:00Z", "dimanche 28 juillet", "sunday 28 july"),
            ("2024-08-01T12:00:00Z", "août", "august"),
            ("2024-09-01T12:00:00Z", "septembre", "september"),
            ("2024-10-01T12:00:00Z", "octobre", "october"),
            ("2024-11-01T12:00:00Z", "novembre", "november"),
            ("2024-12-01T12:00:00Z", "décembre", "december"),
        ] {
            let archive = ArchiveInfo::made(time.parse().unwrap(), Verification::Verified);
            assert!(finds(french, &archive) && finds(english, &archive), "{time}");
        }
    }

    #[test]
    fn a_search_has_a_hundred_characters_at_most() {
        assert!("é".repeat(MOST_CHARACTERS).parse::<Words>().is_ok());
        assert_eq!("é".repeat(MOST_CHARACTERS + 1).parse::<Words>(), Err(TooLong));
    }

    /// Archives of any moments, states and pins.
    fn archives() -> impl Strategy<Value = Vec<ArchiveInfo>> {
        let seconds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
        let one = (seconds, 0..4, any::<bool>()).prop_map(|(second, state, pinned)| {
            let verification = match state {
                0 => Verification::Verified,
                1 => Verification::Readable,
                2 => Verification::Damaged { reason: Sentence::new("damage.empty") },
                _ => Verification::Unverified,
            };
            let created = Timestamp::from_second(second).unwrap();
            ArchiveInfo { created, verification, pinned, ..example() }
        });
        proptest::collection::vec(one, 0..20)
    }

    fn found<'a>(search: &str, archives: &'a [ArchiveInfo]) -> Vec<&'a ArchiveInfo> {
        let mut found: Vec<_> = archives.iter().collect();
        words(search).retain(&mut found, &zone());
        found
    }

    /// Whether these are some of those, in their order.
    fn is_part(part: &[&ArchiveInfo], whole: &[&ArchiveInfo]) -> bool {
        let mut rest = whole.iter();
        part.iter().all(|one| rest.any(|other| std::ptr::eq(*one, *other)))
    }

    proptest! {
        #[test]
        fn no_search_panics_and_the_order_is_kept(search in ".{0,100}", archives in archives()) {
            let all: Vec<_> = archives.iter().collect();
            prop_assert!(is_part(&found(&search, &archives), &all));
        }

        #[test]
        fn one_word_more_never_finds_more(
            first in "(verif|2024|a|[0-9]{1,2}|[a-z]{1,2}|.{0,20})",
            second in "(mer|12|ab|[0-9:/-]{1,5}|.{0,20})",
            archives in archives(),
        ) {
            let fewer = found(&format!("{first} {second}"), &archives);
            prop_assert!(is_part(&fewer, &found(&first, &archives)));
            prop_assert!(is_part(&fewer, &found(&second, &archives)));
        }

        #[test]
        fn what_is_said_of_an_archive_finds_it(archives in archives(), place in any::<prop::sample::Index>()) {
            prop_assume!(!archives.is_empty());
            let archive = &archives[place.index(archives.len())];
            let mut said = String::new();
            Tongue::of(Language::French).say(archive, &zone(), &mut said);
            for word in said.split_whitespace() {
                prop_assert!(found(word, &archives).iter().any(|one| std::ptr::eq(*one, archive)), "{}", word);
            }
        }
    }
}

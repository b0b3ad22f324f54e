//! Why an archive stays or goes, as programs and people read it.

use jiff::{Timestamp, Zoned};
use serde::Serialize;

use super::{Sentence, time};

/// The judgement of one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The rule's name in JSON.
    pub reason: &'static str,
    /// The rule, and until when where that can be told.
    pub sentence: Sentence,
    /// From when age alone no longer keeps it; none where no date can be told.
    pub until: Option<Timestamp>,
}

/// The same in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptView {
    reason: &'static str,
    sentence: String,
    until: Option<String>,
}

impl KeptView {
    /// The judgement, its sentence said by `say`.
    pub fn of(kept: &Kept, say: impl Fn(&Sentence) -> String) -> Self {
        Self { reason: kept.reason, sentence: say(&kept.sentence), until: kept.until.map(time::rfc3339_utc) }
    }
}

/// "jeudi 3 décembre", with its year where that is not this one.
pub fn day_in_words(day: &Zoned, now: &Zoned) -> Sentence {
    let weekday = Sentence::new(&format!("when.weekday.{}", day.weekday().to_monday_one_offset()));
    let month = Sentence::new(&format!("when.month.{}", day.month()));
    let number = match day.day() {
        1 => Sentence::new("kept.first"),
        day => Sentence::new("kept.number").with("number", day),
    };
    Sentence::new(if day.year() == now.year() { "kept.day" } else { "kept.day_of_year" })
        .with_sentence("weekday", weekday)
        .with_sentence("number", number)
        .with_sentence("month", month)
        .with("year", day.year())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::text::Language;

    #[test]
    fn a_day_is_said_as_people_say_it() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC);
        let now = at("2026-11-28T12:00:00Z");
        let said = |text: &str| {
            [Language::French, Language::English].map(|language| language.say(&day_in_words(&at(text), &now)))
        };
        assert_eq!(said("2026-12-03T02:00:00Z"), ["jeudi 3 décembre", "Thursday 3 December"]);
        assert_eq!(said("2026-12-01T02:00:00Z"), ["mardi 1er décembre", "Tuesday 1 December"]);
        assert_eq!(said("2027-02-07T02:00:00Z"), ["dimanche 7 février 2027", "Sunday 7 February 2027"]);
    }
}

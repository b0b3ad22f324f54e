//! Days as people say them.

use jiff::civil::Date;

use super::Sentence;

/// "jeudi 3 décembre", with its year where that is not this one.
pub fn day_in_words(day: Date, today: Date) -> Sentence {
    let weekday = Sentence::new(&format!("when.weekday.{}", day.weekday().to_monday_one_offset()));
    let month = Sentence::new(&format!("when.month.{}", day.month()));
    let form = if day.year() == today.year() { "when.day" } else { "when.day_of_year" };
    let said = Sentence::new(form)
        .with_sentence("weekday", weekday)
        .with_sentence("month", month)
        .with("year", day.year());
    match day.day() {
        1 => said.with_sentence("number", Sentence::new("when.first")),
        number => said.with("number", number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn a_day_is_said_as_people_say_it() {
        let said = |day: &str| {
            let sentence = day_in_words(day.parse().unwrap(), "2026-11-28".parse().unwrap());
            [Language::French, Language::English].map(|language| language.say(&sentence))
        };
        assert_eq!(said("2026-12-03"), ["jeudi 3 décembre", "Thursday 3 December"]);
        assert_eq!(said("2026-12-01"), ["mardi 1er décembre", "Tuesday 1 December"]);
        assert_eq!(said("2027-02-07"), ["dimanche 7 février 2027", "Sunday 7 February 2027"]);
    }
}

//! Ages, days and hours as people say them.

use jiff::{SignedDuration, Zoned, civil::Date};

use crate::model::Sentence;

/// "il y a 6 h": in the largest unit of which one has passed; a time to come is now.
pub(super) fn age(passed: SignedDuration) -> Sentence {
    let (unit, count) = match passed.as_mins() {
        ..1 => return Sentence::new("when.now"),
        minutes @ 1..60 => ("minutes", minutes),
        minutes @ 60..1440 => ("hours", minutes / 60),
        minutes => ("days", minutes / 1440),
    };
    Sentence::new(&format!("when.{unit}")).with("count", count)
}

/// "jeudi 27 novembre".
pub(super) fn day(date: Date) -> Sentence {
    let weekday = date.weekday().to_monday_one_offset();
    let form = if date.day() == 1 { "when.first_day" } else { "when.day" };
    Sentence::new(form)
        .with_sentence("weekday", Sentence::new(&format!("when.weekday.{weekday}")))
        .with("day", date.day())
        .with_sentence("month", Sentence::new(&format!("when.month.{}", date.month())))
}

/// "03:00".
pub(super) fn hour(time: &Zoned) -> String {
    time.strftime("%H:%M").to_string()
}

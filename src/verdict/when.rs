//! Ages as people say them.

use jiff::SignedDuration;

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

//! The archives in one short sentence, for `systemctl status`. Pure: the time is an argument.

use jiff::{SignedDuration, Timestamp};

use super::{ArchiveInfo, Sentence};

/// "7 backups, the last 6 h ago, verified". `archives` are newest first.
pub fn summary(archives: &[ArchiveInfo], now: Timestamp) -> Sentence {
    let Some(newest) = archives.first() else { return Sentence::new("status.none") };
    Sentence::new("status.summary")
        .with("count", archives.len())
        .with_sentence("age", age(now.duration_since(newest.created)))
        .with_sentence("state", Sentence::new(&format!("status.{}", newest.verification.code())))
}

/// In the largest unit of which one has passed; a time to come is now.
fn age(passed: SignedDuration) -> Sentence {
    let (unit, value) = match passed.as_mins() {
        ..1 => return Sentence::new("status.now"),
        minutes @ 1..60 => ("minutes", minutes),
        minutes @ 60..1440 => ("hours", minutes / 60),
        minutes => ("days", minutes / 1440),
    };
    Sentence::new(&format!("status.{unit}")).with("value", value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verification;
    use crate::text::Language;

    fn now() -> Timestamp {
        "2026-12-18T12:00:00Z".parse().unwrap()
    }

    fn archive(age: SignedDuration, verification: Verification) -> ArchiveInfo {
        ArchiveInfo::made(now() - age, verification)
    }

    #[test]
    fn it_says_how_many_how_old_and_what_they_are_worth() {
        let say = |archives: &[ArchiveInfo]| Language::French.say(&summary(archives, now()));
        let hours = |hours| SignedDuration::from_hours(hours);
        assert_eq!(say(&[]), "aucune sauvegarde pour l'instant");
        let seven: Vec<_> = (0..7).map(|n| archive(hours(6 + 24 * n), Verification::Verified)).collect();
        assert_eq!(say(&seven), "7 sauvegardes, dernière il y a 6 h, vérifiée");
        let one = |age, verification| say(&[archive(age, verification)]);
        assert_eq!(one(hours(47), Verification::Readable), "1 sauvegarde, dernière il y a 1 j, lisible");
        assert_eq!(
            one(hours(-9), Verification::Unverified),
            "1 sauvegarde, dernière à l'instant, pas encore vérifiée"
        );
        let damaged = Verification::Damaged { reason: Sentence::new("damage.empty") };
        assert_eq!(
            one(SignedDuration::from_mins(59), damaged),
            "1 sauvegarde, dernière il y a 59 min, abîmée"
        );
    }
}

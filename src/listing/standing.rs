//! What an archive is among the others.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::model::{ArchiveInfo, ArchiveName, Verification};

/// What only all archives together can say of one.
pub(super) struct Standing<'a> {
    last_good: Option<&'a ArchiveName>,
    /// How many were made in each minute that has any.
    minutes: HashMap<i64, u32>,
    zone: &'a TimeZone,
}

impl<'a> Standing<'a> {
    pub(super) fn of<T: AsRef<ArchiveInfo>>(archives: &'a [T], zone: &'a TimeZone) -> Self {
        let mut minutes = HashMap::new();
        for archive in archives {
            *minutes.entry(minute(archive.as_ref(), zone)).or_default() += 1;
        }
        Self { last_good: last_good(archives), minutes, zone }
    }

    /// Whether it is the one that is worth more than any other.
    pub(super) fn is_last_good(&self, archive: &ArchiveInfo) -> bool {
        self.last_good == Some(&archive.name)
    }

    /// Whether another one was made in the same minute, by the clock on the wall.
    pub(super) fn has_twin(&self, archive: &ArchiveInfo) -> bool {
        self.minutes.get(&minute(archive, self.zone)).is_some_and(|count| *count > 1)
    }
}

/// Minutes since 1970 as the clock on the wall counts them: the hour that comes twice in
/// autumn is told the same both times.
fn minute(archive: &ArchiveInfo, zone: &TimeZone) -> i64 {
    let offset = zone.to_offset(archive.created).seconds();
    (archive.created.as_second() + i64::from(offset)).div_euclid(60)
}

/// The one that is worth more than any other, where there is one.
fn last_good<T: AsRef<ArchiveInfo>>(archives: &[T]) -> Option<&ArchiveName> {
    let all = || archives.iter().map(AsRef::as_ref);
    let most = all().map(worth).max().filter(|worth| *worth > 0)?;
    let mut best = all().filter(|archive| worth(archive) == most);
    match (best.next(), best.next()) {
        (Some(archive), None) => Some(&archive.name),
        _ => None,
    }
}

/// How much an archive is worth to someone who must restore.
fn worth(archive: &ArchiveInfo) -> u8 {
    match archive.verification {
        Verification::Damaged { .. } => 0,
        Verification::Unverified => 1,
        Verification::Readable => 2,
        Verification::Verified => 3,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::Sentence;

    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn damaged() -> Verification {
        Verification::Damaged { reason: Sentence::new("damage.empty") }
    }

    /// Archives of these states, a day apart.
    fn of(states: &[Verification]) -> Vec<ArchiveInfo> {
        let begin: Timestamp = "2024-12-01T02:00:00Z".parse().unwrap();
        let day = |n: usize| begin + jiff::SignedDuration::from_hours(24 * i64::try_from(n).unwrap());
        states.iter().enumerate().map(|(n, state)| ArchiveInfo::made(day(n), state.clone())).collect()
    }

    fn last_good_of(states: &[Verification]) -> Vec<bool> {
        let (archives, zone) = (of(states), zone());
        let standing = Standing::of(&archives, &zone);
        archives.iter().map(|archive| standing.is_last_good(archive)).collect()
    }

    #[test]
    fn the_last_good_one_is_worth_more_than_any_other() {
        use Verification::{Readable, Unverified, Verified};
        assert!(last_good_of(&[]).is_empty());
        for lonely in [Verified, Readable, Unverified] {
            assert_eq!(last_good_of(&[damaged(), lonely, damaged()]), [false, true, false]);
        }
        assert_eq!(last_good_of(&[Readable, Verified, Unverified]), [false, true, false]);
        assert_eq!(last_good_of(&[Verified, Verified]), [false, false], "the other one is as good");
        assert_eq!(last_good_of(&[Readable, Readable, Unverified]), [false; 3]);
        assert_eq!(last_good_of(&[damaged()]), [false], "nothing is lost with it");
    }

    fn twins_of(times: &[&str]) -> Vec<bool> {
        let made = |time: &&str| ArchiveInfo::made(time.parse().unwrap(), Verification::Verified);
        let (archives, zone): (Vec<_>, _) = (times.iter().map(made).collect(), zone());
        let standing = Standing::of(&archives, &zone);
        archives.iter().map(|archive| standing.has_twin(archive)).collect()
    }

    #[test]
    fn twins_are_of_the_same_minute_of_the_clock_on_the_wall() {
        let times = ["2024-12-18T02:00:00Z", "2024-12-18T02:00:59Z", "2024-12-18T02:01:00Z"];
        assert_eq!(twins_of(&times), [true, true, false]);
        assert_eq!(twins_of(&["2024-12-18T01:59:59Z", "2024-12-18T02:00:00Z"]), [false, false]);
        // The hour that comes twice.
        assert_eq!(twins_of(&["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"]), [true, true]);
        assert_eq!(twins_of(&["1969-12-31T23:59:30Z", "1970-01-01T00:00:30Z"]), [false, false]);
    }
}

//! Chooses which archives to delete. Pure: no clock, no disk. Uses: model, config.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::config::Retention;
use crate::model::{ArchiveInfo, ArchiveName, Kept, Sentence, Verification, day_in_words};

/// Why an archive stays or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A person pinned it.
    Pinned,
    /// A restore is taken back by it.
    WayBack,
    /// It is among the newest that verify.
    Floor,
    /// It is not old enough.
    Young,
    /// It is the newest that verifies of one of the last days that have one.
    Daily,
    /// The same by weeks.
    Weekly,
    /// The same by months.
    Monthly,
    /// It was never read to its end, so nobody knows its worth.
    Unknown,
    /// Nothing keeps it any longer.
    Expired,
}

/// The judgement of one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The archive.
    pub name: ArchiveName,
    /// Its size.
    pub bytes: u64,
    /// Why it stays or goes.
    pub reason: Reason,
    /// From when age alone no longer keeps a young one, where its time can be believed.
    pub until: Option<Timestamp>,
}

impl Verdict {
    /// Whether the archive stays.
    pub fn keeps(&self) -> bool {
        self.reason != Reason::Expired
    }

    /// "kept: among the three newest that verify".
    pub fn sentence(&self, policy: &Retention) -> Sentence {
        let (key, count) = match self.reason {
            Reason::Pinned | Reason::WayBack => ("retention.pinned", 0),
            Reason::Floor => ("retention.floor", policy.keep_last),
            Reason::Young => ("retention.young", policy.days),
            Reason::Daily => ("retention.daily", policy.keep_daily),
            Reason::Weekly => ("retention.weekly", policy.keep_weekly),
            Reason::Monthly => ("retention.monthly", policy.keep_monthly),
            Reason::Unknown => ("retention.unknown", 0),
            Reason::Expired => ("retention.expired", policy.days),
        };
        Sentence::new(key).with("count", count)
    }

    /// The same for the list, with the day until which it is kept.
    pub fn kept(&self, policy: &Retention, now: Timestamp, zone: &TimeZone) -> Kept {
        let (reason, count) = match self.reason {
            Reason::Pinned => ("pinned", 0),
            Reason::WayBack => ("way_back", 0),
            Reason::Floor => ("floor", policy.keep_last),
            Reason::Young => ("young", policy.days),
            Reason::Daily => ("daily", policy.keep_daily),
            Reason::Weekly => ("weekly", policy.keep_weekly),
            Reason::Monthly => ("monthly", policy.keep_monthly),
            Reason::Unknown => ("unknown", 0),
            Reason::Expired => ("expired", 0),
        };
        let local = |time: Timestamp| time.to_zoned(zone.clone()).date();
        let sentence = match self.until {
            Some(until) => {
                Sentence::new("kept.until").with_sentence("day", day_in_words(local(until), local(now)))
            }
            None => Sentence::new(&format!("kept.{reason}")).with("count", count),
        };
        Kept { stays: self.keeps(), reason, sentence, until: self.until }
    }
}

/// Judges every archive of the list, which is newest first; the verdicts keep its order.
///
/// Time and policy are arguments, so that a test can be any day of any year.
pub fn decide(
    newest_first: &[ArchiveInfo],
    policy: &Retention,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Verdict> {
    let times = believable_times(newest_first, now);
    let expiry = SignedDuration::from_hours(24 * i64::from(policy.days));
    let mut good_so_far = 0;
    let mut buckets = Buckets::new(policy);
    let judge = |(archive, believable): (&ArchiveInfo, Option<Timestamp>)| {
        let time = believable.unwrap_or(now);
        let good = archive.verification.is_good();
        let in_floor = good && good_so_far < policy.keep_last;
        good_so_far += u16::from(good && in_floor);
        // Every good archive takes its place in its day, week and month, or a kept
        // one would not count and an older one be kept in its stead.
        let calendar = if good { buckets.take(time, zone) } else { None };
        let reason = if archive.pinned {
            Reason::Pinned
        } else if in_floor {
            Reason::Floor
        } else if archive.verification == Verification::Unverified {
            Reason::Unknown
        } else if now.duration_since(time) <= expiry {
            Reason::Young
        } else {
            calendar.unwrap_or(Reason::Expired)
        };
        let believable = believable.filter(|_| reason == Reason::Young);
        let until = believable.and_then(|time| time.checked_add(expiry).ok());
        Verdict { name: archive.name.clone(), bytes: archive.bytes, reason, until }
    };
    newest_first.iter().zip(times).map(judge).collect()
}

/// When each archive came here, as far as that can be believed.
///
/// A time in the future, or one noted under a clock that was not trusted, cannot.
/// The archive then counts as being as young as the next newer one with a manifest whose time
/// can be, or as made now (none): it may stay too long, and never goes too early. A file
/// that was copied here later than it was made counts from the copy.
fn believable_times(newest_first: &[ArchiveInfo], now: Timestamp) -> Vec<Option<Timestamp>> {
    let mut newer = None;
    let believe = |archive: &ArchiveInfo| {
        let believed = archive.clock_trusted && archive.created <= now;
        let here = Some(archive.modified).filter(|modified| *modified <= now);
        let own = believed.then(|| Some(archive.created).max(here)).flatten();
        // What has no manifest is dated by its name, and nothing says what clock that was by:
        // good enough for itself, and not for others.
        if archive.sequence.is_some() {
            newer = own.or(newer);
        }
        own.or(newer)
    };
    newest_first.iter().map(believe).collect()
}

/// The last days, weeks and months that have a good archive.
struct Buckets {
    kinds: [Bucket; 3],
}

struct Bucket {
    reason: Reason,
    /// How many days, weeks or months are kept.
    count: usize,
    /// Those that have their archive, by year and number.
    taken: HashSet<(i16, i16)>,
}

impl Buckets {
    fn new(policy: &Retention) -> Self {
        let kind = |reason, count| Bucket { reason, count: usize::from(count), taken: HashSet::new() };
        Self {
            kinds: [
                kind(Reason::Daily, policy.keep_daily),
                kind(Reason::Weekly, policy.keep_weekly),
                kind(Reason::Monthly, policy.keep_monthly),
            ],
        }
    }

    /// Whether the archive is the first, that is the newest, of a day, week or month that counts.
    fn take(&mut self, time: Timestamp, zone: &TimeZone) -> Option<Reason> {
        let date = time.to_zoned(zone.clone()).date();
        let week = date.iso_week_date();
        let keys = [
            (date.year(), date.day_of_year()),
            (week.year(), i16::from(week.week())),
            (date.year(), i16::from(date.month())),
        ];
        let mut kept = None;
        for (Bucket { reason, count, taken }, key) in self.kinds.iter_mut().zip(keys) {
            if taken.len() < *count && taken.insert(key) {
                kept = kept.or(Some(*reason));
            }
        }
        kept
    }
}

//! The last nights, one by one: whether each has its backup.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde::Serialize;

use crate::model::clock::RELEASED;
use crate::model::{ArchiveInfo, ArchiveName, Night, Sentence, Verification, day_in_words, time};

/// What became of a night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NightState {
    /// A run made an archive that is verified, or was before it was deleted.
    Verified,
    /// There is an archive that nobody has compared with its manifest.
    Made,
    /// Its archive is damaged.
    Damaged,
    /// Its run failed.
    Failed,
    /// There was no run, on a day after the first that is known.
    Missed,
    /// It is today's, and its run is still to come.
    Coming,
    /// Nothing is known of it.
    None,
}

/// One night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightView {
    /// The local day.
    pub date: Date,
    /// What became of it.
    pub state: NightState,
    /// Its archive, where it is still there.
    pub archive: Option<ArchiveName>,
    /// When its run began, or is to begin.
    pub at: Option<Timestamp>,
    /// All of it in words.
    pub sentence: Sentence,
}

/// The last `count` nights up to today's, oldest first.
///
/// `noted` is how runs ended by their days, in any order; days that are not noted count by
/// the archives that were made on them. `next` is the run that is to come.
pub fn nights(
    archives: &[ArchiveInfo],
    noted: &[Night],
    next: Option<&Zoned>,
    now: &Zoned,
    count: u16,
) -> Vec<NightView> {
    let zone = now.time_zone();
    let today = now.date();
    let from = today.saturating_sub((i32::from(count) - 1).days());
    let noted_of: BTreeMap<Date, &Night> = noted.iter().map(|night| (night.date, night)).collect();
    let made_on = archives_by_day(archives, noted, from, zone);
    let known_since = first_known(archives, noted, now);
    let coming = next.filter(|next| next.with_time_zone(zone.clone()).date() == today);
    from.series(1.day())
        .take_while(|date| *date <= today)
        .map(|date| {
            let others = made_on.get(&date).map_or(&[][..], Vec::as_slice);
            let night = noted_of.get(&date).copied();
            if let Some(best) = best_of(archives, night, others) {
                return best.seen(date, zone);
            }
            if let Some(failed) = night {
                return failed_night(failed, zone);
            }
            match coming {
                Some(next) if date == today => coming_night(date, next),
                _ if date < today && known_since.is_some_and(|since| since < date) => {
                    plain(date, NightState::Missed, "verdict.night.missed")
                }
                _ => plain(date, NightState::None, "verdict.night.none"),
            }
        })
        .collect()
}

/// The archives of each day from then on; those that a noted run made belong to that run's day.
fn archives_by_day<'a>(
    archives: &'a [ArchiveInfo],
    noted: &[Night],
    from: Date,
    zone: &TimeZone,
) -> BTreeMap<Date, Vec<&'a ArchiveInfo>> {
    let of_runs: HashSet<&ArchiveName> = noted.iter().filter_map(|night| night.archive.as_ref()).collect();
    let begin = from.to_zoned(zone.clone()).map_or(Timestamp::MIN, |begin| begin.timestamp());
    let mut days = BTreeMap::<Date, Vec<_>>::new();
    for archive in archives.iter().filter(|archive| archive.created >= begin) {
        if !of_runs.contains(&archive.name) {
            days.entry(archive.created.to_zoned(zone.clone()).date()).or_default().push(archive);
        }
    }
    days
}

/// The first day of which anything is known: that of the first run that is noted; where none
/// is, the first of the unbroken row of days with archives that leads back from the newest. An
/// archive before a gap may be pinned, of a week that is kept, or from elsewhere, and tells
/// nothing of the nights after it. What a clock says that is not right is no beginning: a box
/// that starts in 2016 until it reaches the network has missed no night since.
fn first_known(archives: &[ArchiveInfo], noted: &[Night], now: &Zoned) -> Option<Date> {
    let released: Date = RELEASED.parse().expect("RELEASED is a date (held by a test)");
    let first_run = noted.iter().map(|night| night.date).filter(|date| *date >= released).min();
    first_run.or_else(|| {
        let trusted = archives.iter().filter(|archive| archive.clock_trusted);
        let made_on = |archive: &ArchiveInfo| archive.created.to_zoned(now.time_zone().clone()).date();
        let days: BTreeSet<Date> = trusted.map(made_on).filter(|date| *date <= now.date()).collect();
        let newest = days.last()?;
        newest.series(-1.day()).take_while(|date| days.contains(date)).last()
    })
}

/// The backup that a night has.
struct Backup {
    state: NightState,
    key: &'static str,
    archive: Option<ArchiveName>,
    at: Timestamp,
}

/// The best that a night has, by its run or by what else was made on its day; none where there
/// is nothing, or where the run failed and what else there is is damaged.
fn best_of(archives: &[ArchiveInfo], night: Option<&Night>, others: &[&ArchiveInfo]) -> Option<Backup> {
    let failed = night.is_some_and(|night| !night.success);
    let of_run = night.filter(|night| night.success).map(|night| {
        let name = night.archive.as_ref();
        match name.and_then(|name| archives.iter().find(|archive| archive.name == *name)) {
            Some(archive) => Backup { at: night.at, ..Backup::of(archive) },
            None => {
                Backup { state: NightState::Verified, key: "verdict.night.gone", archive: None, at: night.at }
            }
        }
    });
    let others = others.iter().map(|archive| Backup::of(archive));
    let others = others.filter(|backup| !failed || backup.state != NightState::Damaged);
    // The first of equals: the run's own, then the newest.
    of_run.into_iter().chain(others).min_by_key(|backup| backup.state)
}

impl Backup {
    fn of(archive: &ArchiveInfo) -> Self {
        let (state, key) = match archive.verification {
            Verification::Verified => (NightState::Verified, "verdict.night.verified"),
            Verification::Readable => (NightState::Made, "verdict.night.readable"),
            Verification::Unverified => (NightState::Made, "verdict.night.made"),
            Verification::Damaged { .. } => (NightState::Damaged, "verdict.night.damaged"),
        };
        Self { state, key, archive: Some(archive.name.clone()), at: archive.created }
    }

    fn seen(self, date: Date, zone: &TimeZone) -> NightView {
        let Self { state, key, archive, at } = self;
        let sentence = said(key, date).with("time", time::hour(at.to_zoned(zone.clone()).time()));
        NightView { date, state, archive, at: Some(at), sentence }
    }
}

fn failed_night(night: &Night, zone: &TimeZone) -> NightView {
    let time = time::hour(night.at.to_zoned(zone.clone()).time());
    let sentence = match &night.error {
        Some(error) => said("verdict.night.failed", night.date).with("reason", error),
        None => said("verdict.night.failed_plain", night.date),
    };
    NightView {
        date: night.date,
        state: NightState::Failed,
        archive: None,
        at: Some(night.at),
        sentence: sentence.with("time", time),
    }
}

fn coming_night(date: Date, next: &Zoned) -> NightView {
    let sentence = said("verdict.night.coming", date).with("time", time::hour(next.time()));
    NightView { date, state: NightState::Coming, archive: None, at: Some(next.timestamp()), sentence }
}

fn plain(date: Date, state: NightState, key: &str) -> NightView {
    NightView { date, state, archive: None, at: None, sentence: said(key, date) }
}

/// "Nuit du jeudi 27 novembre : …".
fn said(key: &str, date: Date) -> Sentence {
    Sentence::new(key).with_sentence("day", day_in_words(date, date))
}

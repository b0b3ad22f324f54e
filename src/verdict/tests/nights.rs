//! The nights, case by case.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::NightState::{Missed, None as Unknown, Verified};
use super::*;
use crate::model::Night;

const DAYS: u16 = 30;

fn at_three(date: Date) -> Zoned {
    date.at(3, 0, 0, 0).to_zoned(zone()).unwrap()
}

fn noted(date: Date, success: bool) -> Night {
    let at = at_three(date);
    let error = (!success).then(|| "Pourquoi.".to_owned());
    let archive = success.then(|| ArchiveName::at(at.datetime()));
    Night { date, at: at.timestamp(), success, archive, error }
}

/// The archive that the run of this day made.
fn archive(date: Date, verification: Verification) -> ArchiveInfo {
    let at = at_three(date);
    ArchiveInfo { name: ArchiveName::at(at.datetime()), ..ArchiveInfo::made(at.timestamp(), verification) }
}

fn seen(archives: &[ArchiveInfo], noted: &[Night], next: Option<&Zoned>, now: &str) -> Vec<NightView> {
    nights(archives, noted, next, &local(now), DAYS)
}

fn french(night: &NightView) -> String {
    Language::French.say(&night.sentence)
}

/// The night of yesterday, the last but one.
fn yesterday(archives: &[ArchiveInfo], noted: &[Night]) -> NightView {
    seen(archives, noted, None, "2030-11-28T09:00:00")[28].clone()
}

/// Days of which no release is ever younger: what is noted before one is not believed.
const YESTERDAY: Date = date(2030, 11, 27);

#[test]
fn each_state_of_a_night_has_its_sentence() {
    let made = |verification| vec![archive(YESTERDAY, verification)];
    let cases: [(Vec<ArchiveInfo>, Vec<Night>, NightState, &str); 9] = [
        (
            made(Verification::Verified),
            vec![noted(YESTERDAY, true)],
            NightState::Verified,
            "sauvegarde vérifiée à 03:00.",
        ),
        (
            vec![],
            vec![noted(YESTERDAY, true)],
            NightState::Verified,
            "sauvegarde vérifiée à 03:00, supprimée depuis.",
        ),
        (
            made(Verification::Readable),
            vec![noted(YESTERDAY, true)],
            NightState::Made,
            "sauvegarde faite à 03:00, lisible.",
        ),
        (
            made(Verification::Unverified),
            vec![],
            NightState::Made,
            "sauvegarde faite à 03:00, pas encore vérifiée.",
        ),
        (
            made(damaged()),
            vec![noted(YESTERDAY, true)],
            NightState::Damaged,
            "la sauvegarde de 03:00 est abîmée.",
        ),
        (made(damaged()), vec![], NightState::Damaged, "la sauvegarde de 03:00 est abîmée."),
        (
            vec![],
            vec![noted(YESTERDAY, false)],
            NightState::Failed,
            "la sauvegarde de 03:00 a échoué. Pourquoi.",
        ),
        (vec![], vec![noted(date(2030, 11, 26), true)], NightState::Missed, "pas de sauvegarde."),
        (vec![], vec![], NightState::None, "aucune sauvegarde connue."),
    ];
    for (archives, nights, state, said) in cases {
        let night = yesterday(&archives, &nights);
        assert_eq!((night.date, night.state), (YESTERDAY, state), "{said}");
        assert_eq!(french(&night), format!("Nuit du mercredi 27 novembre : {said}"));
        assert_eq!(night.archive, archives.first().map(|archive| archive.name.clone()), "{said}");
        let is_timed = !matches!(state, NightState::Missed | NightState::None);
        assert_eq!(night.at, is_timed.then(|| at_three(YESTERDAY).timestamp()), "{said}");
    }
    let first = seen(&[], &[noted(date(2030, 12, 1), false)], None, "2030-12-01T09:00:00").pop().unwrap();
    assert!(french(&first).starts_with("Nuit du dimanche 1er décembre : "), "{}", french(&first));
    assert!(Language::English.say(&first.sentence).starts_with("Night of Sunday 1 December: "));
}

#[test]
fn the_better_of_several_backups_of_a_day_counts() {
    let (by_hand, gone) = (noted(YESTERDAY, true), vec![]);
    let other = |verification| {
        let at = local("2030-11-27T18:00:00");
        ArchiveInfo {
            name: ArchiveName::at(at.datetime()),
            ..ArchiveInfo::made(at.timestamp(), verification)
        }
    };
    let state = |archives: &[ArchiveInfo], night: Night| yesterday(archives, &[night]).state;
    assert_eq!(state(&gone, by_hand.clone()), NightState::Verified);
    let damaged_run = archive(YESTERDAY, damaged());
    let rescued = yesterday(&[other(Verification::Verified), damaged_run.clone()], &[by_hand]);
    assert_eq!(
        (rescued.state, rescued.archive),
        (NightState::Verified, Some(other(Verification::Verified).name))
    );
    assert_eq!(state(&[other(Verification::Unverified)], noted(YESTERDAY, false)), NightState::Made);
    assert_eq!(state(&[other(damaged())], noted(YESTERDAY, false)), NightState::Failed, "and says why");
    assert_eq!(state(&[other(damaged()), damaged_run], noted(YESTERDAY, true)), NightState::Damaged);
}

#[test]
fn tonight_s_is_coming_until_its_run_is_over() {
    let today = date(2030, 11, 28);
    let next = at_three(today);
    let tonight = |archives: &[ArchiveInfo], runs: &[Night], next: &Zoned, now: &str| {
        seen(archives, runs, Some(next), now).pop().unwrap()
    };
    let coming = tonight(&[], &[noted(YESTERDAY, true)], &next, "2030-11-28T01:00:00");
    assert_eq!((coming.state, coming.at), (NightState::Coming, Some(next.timestamp())));
    assert!(french(&coming).ends_with(" : sauvegarde prévue à 03:00."), "{}", french(&coming));
    let tomorrow = at_three(date(2030, 11, 29));
    let over = tonight(&[], &[noted(YESTERDAY, true)], &tomorrow, "2030-11-28T09:00:00");
    assert_eq!(over.state, NightState::None, "today is not over");
    let made = tonight(&[archive(today, Verification::Verified)], &[], &next, "2030-11-28T01:00:00");
    assert_eq!(made.state, NightState::Verified);
    // The run of another zone's day is this zone's.
    let utc = next.with_time_zone(TimeZone::UTC);
    assert_eq!(tonight(&[], &[], &utc, "2030-11-28T01:00:00").state, NightState::Coming);
}

#[test]
fn nights_are_missed_from_the_first_that_is_known() {
    let states = |archives: &[ArchiveInfo], runs: &[Night]| -> Vec<_> {
        let nights = seen(archives, runs, None, "2030-12-05T09:00:00");
        nights.iter().rev().take(6).map(|night| night.state).collect()
    };
    let second = date(2030, 12, 2);
    let expected = [Unknown, Missed, Missed, Verified, Unknown, Unknown];
    assert_eq!(states(&[archive(second, Verification::Verified)], &[]), expected);
    assert_eq!(states(&[], &[noted(second, true)]), expected);
    // What a clock said that was not yet right is no beginning.
    let wrong = ArchiveInfo { clock_trusted: false, ..archive(date(2016, 11, 3), Verification::Verified) };
    assert_eq!(states(&[wrong], &[noted(date(2016, 11, 3), true), noted(second, true)]), expected);
    // An archive of long ago is none either: a pin, a month or another box may have kept it.
    let old = archive(date(2025, 1, 1), Verification::Verified);
    assert_eq!(states(&[old], &[noted(second, true)]), expected);
}

#[test]
fn what_was_kept_from_before_a_gap_makes_no_night_missed() {
    let days = [4, 3, 2].map(|day| archive(date(2030, 12, day), Verification::Verified));
    let pinned = ArchiveInfo { pinned: true, ..archive(date(2030, 11, 10), Verification::Verified) };
    let archives: Vec<_> = days.into_iter().chain([pinned]).collect();
    let nights = seen(&archives, &[], None, "2030-12-07T09:00:00");
    let missed: Vec<_> =
        nights.iter().filter(|night| night.state == Missed).map(|night| night.date).collect();
    assert_eq!(missed, [5, 6].map(|day| date(2030, 12, day)), "only after the row that ends with the newest");
    // What is noted goes before what archives tell.
    let nights = seen(&archives, &[noted(date(2030, 11, 30), false)], None, "2030-12-07T09:00:00");
    let missed: Vec<_> =
        nights.iter().filter(|night| night.state == Missed).map(|night| night.date).collect();
    assert_eq!(missed, [date(2030, 12, 1), date(2030, 12, 5), date(2030, 12, 6)]);
}

#[test]
fn days_are_thirty_local_days_across_both_changes_of_the_hour() {
    for (now, before, after) in [
        ("2027-04-10T09:00:00", "2027-03-28", "2027-03-29"),
        ("2027-11-05T09:00:00", "2027-10-31", "2027-11-01"),
    ] {
        let today = local(now).date();
        let all: Vec<_> = today.saturating_sub(29.days()).series(1.day()).take(30).collect();
        let archives: Vec<_> = all.iter().rev().map(|day| archive(*day, Verification::Verified)).collect();
        let nights = seen(&archives, &[], None, now);
        assert_eq!(nights.iter().map(|night| night.date).collect::<Vec<_>>(), all);
        assert!(nights.iter().all(|night| night.state == NightState::Verified), "{now}");
        assert!(all.contains(&before.parse().unwrap()) && all.contains(&after.parse().unwrap()));
    }
}

#[test]
fn a_run_belongs_to_its_day_whatever_the_clock_made_of_its_archive() {
    // Noted on the 27th; the archive's own time is the 20th, in another zone or of another clock.
    let run = noted(YESTERDAY, true);
    let moved = ArchiveInfo {
        created: at_three(date(2030, 11, 20)).timestamp(),
        ..archive(YESTERDAY, Verification::Verified)
    };
    let nights = seen(&[moved], &[run], None, "2030-11-28T09:00:00");
    let with_one: Vec<_> = nights.iter().filter(|night| night.archive.is_some()).collect();
    assert_eq!(with_one.iter().map(|night| night.date).collect::<Vec<_>>(), [YESTERDAY], "once");
    assert_eq!(with_one[0].at, Some(at_three(YESTERDAY).timestamp()));
}

#[test]
fn a_clock_that_jumped_to_the_future_and_back_leaves_the_nights_as_they_are() {
    let years_ahead = [noted(date(2036, 1, 1), true), noted(YESTERDAY, true)];
    let ahead = archive(date(2036, 1, 1), Verification::Verified);
    let nights =
        seen(&[ahead, archive(YESTERDAY, Verification::Verified)], &years_ahead, None, "2030-11-28T09:00:00");
    assert_eq!(nights[28].state, NightState::Verified);
    assert!(nights[..28].iter().all(|night| night.state == NightState::None));
    assert_eq!(nights[29].date, date(2030, 11, 28));
}

proptest! {
    #[test]
    fn thirty_days_in_order_whatever_is_noted(
        mut days in prop::collection::vec((-400i32..400, any::<bool>(), any::<bool>(), 0..4u8), 0..80),
        start in 0i32..3000,
    ) {
        let now = date(2030, 1, 1).saturating_add(start.days()).at(9, 0, 0, 0).to_zoned(zone()).unwrap();
        let today = now.date();
        days.sort_unstable();
        days.dedup_by_key(|(offset, ..)| *offset);
        let day = |offset: i32| today.saturating_add(offset.days());
        let mut known: Vec<_> = days.iter().filter(|(_, is_noted, ..)| *is_noted)
            .map(|(offset, _, success, _)| noted(day(*offset), *success)).collect();
        let archives: Vec<_> = days.iter().filter(|(.., what)| *what > 0).map(|(offset, .., what)| {
            let verification = [damaged(), Verification::Unverified, Verification::Verified][usize::from(*what) - 1].clone();
            archive(day(*offset), verification)
        }).collect();
        let in_order = nights(&archives, &known, None, &now, DAYS);
        prop_assert_eq!(in_order.len(), usize::from(DAYS));
        prop_assert_eq!(in_order[29].date, today);
        prop_assert!(in_order.windows(2).all(|pair| pair[0].date.tomorrow().unwrap() == pair[1].date));
        for night in &in_order {
            let has_good = archives.iter().any(|archive| {
                archive.created.to_zoned(zone()).date() == night.date && archive.verification.is_good()
            });
            if has_good {
                prop_assert_eq!(night.state, NightState::Verified);
            }
            prop_assert_eq!(night.archive.is_some(), night.archive.as_ref().is_some_and(|name| archives.iter().any(|archive| archive.name == *name)));
        }
        known.reverse();
        prop_assert_eq!(nights(&archives, &known, None, &now, DAYS), in_order);
    }
}

//! Retention as a pure function: examples of each rule, then random histories.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::retention::{Reason, decide};
use crate::config::Retention;
use crate::model::{ArchiveInfo, ArchiveName, Sentence, Verification};

const NOW: &str = "2026-12-18T02:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn good(sequence: u64, created: Timestamp) -> ArchiveInfo {
    ArchiveInfo {
        name: ArchiveName::at(created.to_zoned(TimeZone::UTC).datetime()),
        bytes: 1,
        modified: created,
        created,
        sequence: Some(sequence),
        clock_trusted: true,
        verification: Verification::Verified,
        rehearsal: None,
        pinned: false,
    }
}

/// One good archive a night, newest first, made so many nights ago.
fn nights(ages: &[i64]) -> Vec<ArchiveInfo> {
    let count = ages.len() as u64;
    ages.iter()
        .zip(0..count)
        .map(|(age, back)| good(count - back, now() - SignedDuration::from_hours(24 * age)))
        .collect()
}

fn damaged(archive: ArchiveInfo) -> ArchiveInfo {
    ArchiveInfo { verification: Verification::Damaged { reason: Sentence::new("x") }, ..archive }
}

fn reasons(archives: &[ArchiveInfo], policy: &Retention) -> Vec<Reason> {
    decide(archives, policy, now(), &TimeZone::UTC).into_iter().map(|verdict| verdict.reason).collect()
}

use Reason::{Daily, Expired, Floor, Monthly, Pinned, Unknown, WayBack, Weekly, Young};

#[test]
fn age_lets_go_what_is_older_than_the_days_to_the_second() {
    assert_eq!(
        reasons(&nights(&[0, 1, 2, 3, 6, 7, 8, 9]), &super::policy()),
        [Floor, Floor, Floor, Young, Young, Young, Expired, Expired]
    );
    let mut archives = nights(&[0, 1, 2, 7]);
    archives[3].created -= SignedDuration::from_secs(1);
    archives[3].modified = archives[3].created;
    assert_eq!(reasons(&archives, &super::policy())[3], Expired);
}

#[test]
fn the_three_newest_that_verify_stay_whatever_their_age() {
    assert_eq!(reasons(&nights(&[100, 200, 300, 400]), &super::policy()), [Floor, Floor, Floor, Expired]);
    let archives: Vec<_> = nights(&[0, 50, 60, 70, 80, 90])
        .into_iter()
        .enumerate()
        .map(|(i, a)| if i < 2 { damaged(a) } else { a })
        .collect();
    assert_eq!(reasons(&archives, &super::policy()), [Young, Expired, Floor, Floor, Floor, Expired]);
}

#[test]
fn an_archive_without_a_manifest_counts_for_the_floor_and_a_damaged_one_does_not() {
    let mut archives = nights(&[50, 51, 52, 53]);
    archives[0].verification = Verification::Readable;
    archives[1] = damaged(archives[1].clone());
    assert_eq!(reasons(&archives, &super::policy()), [Floor, Expired, Floor, Floor]);
}

#[test]
fn pinned_archives_stay_and_fill_their_place_in_the_floor() {
    let mut archives = nights(&[50, 51, 52, 53, 54]);
    archives[0].pinned = true;
    archives[4].pinned = true;
    assert_eq!(reasons(&archives, &super::policy()), [Pinned, Floor, Floor, Expired, Pinned]);
}

#[test]
fn what_was_never_read_is_never_deleted() {
    let mut archives = nights(&[50]);
    archives[0].verification = Verification::Unverified;
    assert_eq!(reasons(&archives, &super::policy()), [Unknown]);
}

#[test]
fn days_weeks_and_months_keep_their_newest_good_one() {
    let policy = Retention { days: 1, keep_daily: 5, keep_weekly: 3, keep_monthly: 2, ..super::policy() };
    // A Friday: the ISO weeks begin 4, 11, 18, … days back.
    assert_eq!(
        reasons(&nights(&[0, 2, 3, 4, 5, 6, 7, 12, 20, 40, 70]), &policy),
        [Floor, Floor, Floor, Daily, Daily, Expired, Expired, Weekly, Monthly, Expired, Expired]
    );
}

#[test]
fn a_time_of_the_future_is_not_believed_and_does_not_keep_for_ever() {
    let mut archives = nights(&[0, 1, 2, 20, 30]);
    archives[3].created = now() + SignedDuration::from_hours(24 * 3650);
    archives[3].modified = archives[3].created;
    // As young as the next newer one that can be believed: two nights.
    assert_eq!(reasons(&archives, &super::policy())[3..], [Young, Expired]);
    let later = now() + SignedDuration::from_hours(24 * 10);
    let verdicts = decide(&archives, &super::policy(), later, &TimeZone::UTC);
    assert_eq!(verdicts[3].reason, Expired, "once its neighbour is old it goes with it");
}

#[test]
fn an_archive_made_under_a_clock_that_was_not_trusted_does_not_look_old() {
    let mut archives = nights(&[0, 1, 2, 3, 30]);
    archives[3].created = Timestamp::UNIX_EPOCH;
    archives[3].modified = Timestamp::UNIX_EPOCH;
    archives[3].clock_trusted = false;
    assert_eq!(reasons(&archives, &super::policy()), [Floor, Floor, Floor, Young, Expired]);
}

#[test]
fn an_archive_without_a_manifest_says_nothing_of_the_age_of_others() {
    // By its name it was made years ago, at the same wrong time as the one before it, which
    // knows that its clock was wrong.
    let mut archives = nights(&[0, 1, 2, 700, 701]);
    archives[3] = ArchiveInfo { sequence: None, ..damaged(archives[3].clone()) };
    archives[4].clock_trusted = false;
    assert_eq!(reasons(&archives, &super::policy())[3..], [Expired, Young]);
}

#[test]
fn a_file_that_was_copied_here_counts_from_the_copy() {
    let mut archives = nights(&[0, 1, 2, 400]);
    archives[3].modified = now() - SignedDuration::from_hours(24);
    assert_eq!(reasons(&archives, &super::policy())[3], Young);
}

#[test]
fn every_reason_has_its_sentence_in_both_languages() {
    use crate::text::Language;
    let policy = Retention { days: 7, keep_daily: 1, keep_weekly: 1, keep_monthly: 1, ..super::policy() };
    for reason in [Pinned, WayBack, Floor, Young, Daily, Weekly, Monthly, Unknown, Expired] {
        let name = nights(&[0])[0].name.clone();
        let verdict = super::retention::Verdict { name, bytes: 0, reason, until: None };
        for language in [Language::French, Language::English] {
            assert!(!language.say(&verdict.sentence(&policy)).starts_with("retention."), "{reason:?}");
            let kept = language.say(&verdict.kept(&policy, now(), &TimeZone::UTC).sentence);
            assert!(kept.ends_with('.') && !kept.contains(['{', '_']), "{kept}");
        }
    }
}

#[test]
fn a_young_archive_is_kept_until_a_day_and_the_others_by_a_rule() {
    use crate::text::Language;
    let kept = |archives: &[ArchiveInfo]| {
        let verdicts = decide(archives, &super::policy(), now(), &TimeZone::UTC);
        let kept = verdicts.iter().map(|verdict| verdict.kept(&super::policy(), now(), &TimeZone::UTC));
        kept.map(|kept| {
            (kept.reason, kept.until.map(|until| until.to_string()), Language::French.say(&kept.sentence))
        })
        .collect::<Vec<_>>()
    };
    let archives = nights(&[0, 1, 2, 3, 30]);
    let floor = ("floor", None, "Parmi les 3 plus récentes vérifiées : gardée.".to_owned());
    let young = Some("2026-12-22T02:00:00Z".to_owned());
    let young = ("young", young, "Gardée jusqu'au mardi 22 décembre.".to_owned());
    let expired = ("expired", None, "Sera effacée après la prochaine sauvegarde.".to_owned());
    assert_eq!(kept(&archives), [floor.clone(), floor.clone(), floor, young, expired]);
    // At that very second it is still young, and a second later it is not.
    let until: Timestamp = "2026-12-22T02:00:00Z".parse().unwrap();
    let at = |time| decide(&archives, &super::policy(), time, &TimeZone::UTC)[3].reason;
    assert_eq!((at(until), at(until + SignedDuration::from_secs(1))), (Young, Expired));
    // Where no time can be believed, none is told.
    let mut unsure = vec![damaged(nights(&[3])[0].clone())];
    unsure[0].clock_trusted = false;
    assert_eq!((kept(&unsure)[0].0, kept(&unsure)[0].1.clone()), ("young", None));
}

/// A history of nights under a clock that jumps: each archive notes what the clock said.
fn histories() -> impl Strategy<Value = Vec<ArchiveInfo>> {
    let night = (
        -3_650i64..3_650,
        prop_oneof![4 => Just(0i64), 1 => -100_000i64..100_000],
        0u8..10,
        any::<bool>(),
        any::<bool>(),
    );
    prop::collection::vec(night, 0..40).prop_map(|nights| {
        let mut archives = Vec::new();
        for (sequence, (days, jump_hours, kind, trusted, pinned)) in nights.into_iter().enumerate() {
            let created = now() + SignedDuration::from_hours(days * 24 + jump_hours);
            let mut archive = good(sequence as u64, created);
            archive.name = ArchiveName::at(
                jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0)
                    + jiff::Span::new().seconds(i64::try_from(sequence).unwrap()),
            );
            archive.clock_trusted = trusted;
            archive.pinned = pinned && kind == 0;
            archive.verification = match kind {
                1 => Verification::Damaged { reason: Sentence::new("x") },
                2 => Verification::Unverified,
                3 => Verification::Readable,
                _ => Verification::Verified,
            };
            archives.insert(0, archive);
        }
        archives
    })
}

fn policies() -> impl Strategy<Value = Retention> {
    (1u16..3650, 3u16..8, 0u16..10, 0u16..10, 0u16..10).prop_map(
        |(days, keep_last, keep_daily, keep_weekly, keep_monthly)| Retention {
            days,
            keep_last,
            keep_daily,
            keep_weekly,
            keep_monthly,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn newest_three_verified_survive_any_clock(
        history in histories(), policy in policies(), now_offset in -100_000i64..100_000
    ) {
        let now = now() + SignedDuration::from_hours(now_offset);
        let verdicts = decide(&history, &policy, now, &TimeZone::UTC);
        let good: Vec<_> = history.iter().zip(&verdicts).filter(|(a, _)| a.verification.is_good()).collect();
        let floor = good.len().min(3);
        prop_assert!(good[..floor].iter().all(|(_, verdict)| verdict.keeps()));
    }

    #[test]
    fn pinned_unread_and_young_archives_are_never_let_go(history in histories(), policy in policies()) {
        for (archive, verdict) in history.iter().zip(decide(&history, &policy, now(), &TimeZone::UTC)) {
            let age = now().duration_since(archive.created);
            let young = age >= SignedDuration::ZERO && age <= SignedDuration::from_hours(24 * i64::from(policy.days));
            if archive.pinned || archive.verification == Verification::Unverified || (young && archive.clock_trusted) {
                prop_assert!(verdict.keeps(), "{:?} {:?}", archive, verdict);
            }
        }
    }

    #[test]
    fn a_second_prune_at_the_same_time_lets_nothing_more_go(mut history in histories(), policy in policies()) {
        for archive in &mut history {
            archive.clock_trusted = true;
            archive.created = archive.created.min(now());
            archive.modified = archive.created;
        }
        let first = decide(&history, &policy, now(), &TimeZone::UTC);
        let left: Vec<_> = history.into_iter().zip(&first).filter(|(_, v)| v.keeps()).map(|(a, _)| a).collect();
        prop_assert!(decide(&left, &policy, now(), &TimeZone::UTC).iter().all(super::retention::Verdict::keeps));
    }
}

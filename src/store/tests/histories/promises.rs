//! What must hold after each night, told without the code that is under test.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::life::{Life, OnCard, Pruning};
use crate::model::{ArchiveInfo, Verification};

/// All of them.
///
/// # Errors
/// Which one does not.
pub(super) fn hold(life: &Life<'_>, pruning: &Pruning) -> Result<(), TestCaseError> {
    three_that_verify_are_left(life, pruning)?;
    what_must_stay_has_stayed(life, pruning)?;
    what_is_old_is_gone(life, pruning)?;
    the_order_is_that_of_making(life)
}

fn three_that_verify_are_left(life: &Life<'_>, pruning: &Pruning) -> Result<(), TestCaseError> {
    let mut good = pruning.before.iter().filter(|archive| archive.verification.is_good());
    let lost = good.by_ref().take(3).find(|archive| !life.card.contains_key(&archive.name));
    prop_assert!(lost.is_none(), "one of the three newest that verify is gone: {lost:?}");
    let sound = life.card.values().filter(|on_card| on_card.sound).count();
    let before = pruning.before.iter().filter(|archive| archive.verification.is_good()).count();
    prop_assert!(sound >= before.min(3), "{sound} sound archives are left of {before}");
    Ok(())
}

fn is_young(time: Timestamp, life: &Life<'_>, now: Timestamp) -> bool {
    now.duration_since(time) <= SignedDuration::from_hours(24 * i64::from(life.policy.days))
}

fn what_must_stay_has_stayed(life: &Life<'_>, pruning: &Pruning) -> Result<(), TestCaseError> {
    let mut newer = None;
    for archive in &pruning.before {
        let gone = pruning.deleted_card(archive);
        let on_card = gone.or_else(|| life.card.get(&archive.name)).unwrap();
        newer = on_card.believable(archive, pruning.now).or(newer);
        let young = newer.is_none_or(|time| is_young(time, life, pruning.now));
        let why = if archive.pinned {
            "pinned"
        } else if archive.verification == Verification::Unverified {
            "unread"
        } else if young && on_card.known {
            "young"
        } else {
            continue;
        };
        prop_assert!(gone.is_none(), "a {why} archive is gone: {archive:?}");
    }
    Ok(())
}

fn what_is_old_is_gone(life: &Life<'_>, pruning: &Pruning) -> Result<(), TestCaseError> {
    let policy = life.policy;
    if !pruning.whole || policy.keep_daily + policy.keep_weekly + policy.keep_monthly > 0 {
        return Ok(());
    }
    let mut good = 0;
    for archive in &pruning.before {
        good += u16::from(archive.verification.is_good());
        let in_floor = archive.verification.is_good() && good <= policy.keep_last;
        let Some(on_card) = life.card.get(&archive.name) else { continue };
        let old = |time| time <= pruning.now && !is_young(time, life, pruning.now);
        let created = on_card.believable(archive, pruning.now);
        let expired = created.is_some_and(old) && old(on_card.modified()) && on_card.known;
        prop_assert!(!expired || in_floor || archive.pinned, "an old archive stays: {archive:?}");
    }
    Ok(())
}

fn the_order_is_that_of_making(life: &Life<'_>) -> Result<(), TestCaseError> {
    let ours = |archive: &ArchiveInfo| -> Option<u64> {
        let on_card: &OnCard = &life.card[&archive.name];
        on_card.made.filter(|_| on_card.known)
    };
    let listed: Vec<u64> = life.list().iter().filter_map(ours).collect();
    prop_assert!(listed.is_sorted_by(|newer, older| newer > older), "listed in another order: {listed:?}");
    Ok(())
}

//! The rules: what is wrong, what it weighs, and what to do about it.

use jiff::SignedDuration;

use super::room::{is_full, is_in_balance, nights_that_fit};
use super::{Action, ActionKind, Cause, Facts, Rule, State, when};
use crate::model::{
    ArchiveInfo, ArchiveName, Automatic, Disk, LastRun, Rehearsal, Sentence, Verification, size_in_words,
};

/// Clocks may differ by this much.
const SLACK: SignedDuration = SignedDuration::from_mins(15);
/// Room for fewer nights is little.
const FEW_NIGHTS: u64 = 7;
/// What a run says where the disk has no room: another run would fail likewise.
const OF_A_FULL_DISK: [&str; 3] = ["disk_full", "no_inodes", "source.spool_full"];

/// Every cause there is, worst first.
pub(super) fn all(facts: &Facts<'_>) -> Vec<Cause> {
    let archives = match facts.newest_good() {
        Some(good) => of_good(facts, good),
        None => vec![of_none_good(facts.archives)],
    };
    let disk = facts.disk.and_then(|disk| of_disk(facts, disk));
    let run = facts.last_run.and_then(|run| of_run(facts.archives, run));
    let timer = facts.automatic.and_then(|automatic| of_timer(automatic, facts.is_running));
    let mut causes = archives;
    causes.extend([disk, run, timer].into_iter().flatten());
    if facts.is_running {
        causes.iter_mut().for_each(wait_for_the_run);
    }
    // The rules stand in the order of their weight.
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.state), cause.rule));
    causes
}

fn cause(state: State, rule: Rule, sentence: Sentence, advice: &str, action: Action) -> Cause {
    Cause { rule, state, sentence, advice: Sentence::new(advice), action: Some(action) }
}

/// A button with its usual words.
fn press(kind: ActionKind, label: &str, target: Option<&ArchiveName>) -> Action {
    Action { kind, target: target.cloned(), label: Sentence::new(label) }
}

fn run(label: &str) -> Action {
    press(ActionKind::Run, label, None)
}

/// Nothing can be started while a run is going on, which may be what was missing.
fn wait_for_the_run(cause: &mut Cause) {
    if cause.action.as_ref().is_some_and(|action| action.kind == ActionKind::Run) {
        cause.action = None;
        cause.advice = Sentence::new("verdict.advice.wait");
    }
}

fn of_none_good(archives: &[ArchiveInfo]) -> Cause {
    let unread = archives.iter().find(|archive| archive.verification == Verification::Unverified);
    match unread {
        Some(unread) => cause(
            State::Act,
            Rule::Unproven,
            Sentence::new("verdict.unproven"),
            "verdict.advice.unproven",
            press(ActionKind::Verify, "verdict.do.verify", Some(&unread.name)),
        ),
        None if archives.is_empty() => cause(
            State::Act,
            Rule::None,
            Sentence::new("verdict.none"),
            "verdict.advice.none",
            run("verdict.do.run"),
        ),
        None => cause(
            State::Act,
            Rule::AllDamaged,
            Sentence::new("verdict.all_damaged"),
            "verdict.advice.all_damaged",
            run("verdict.do.run"),
        ),
    }
}

fn of_good(facts: &Facts<'_>, good: &ArchiveInfo) -> Vec<Cause> {
    let passed = facts.now.duration_since(good.created);
    let say = |key: &str| Sentence::new(key).with_sentence("age", when::age(passed));
    let mut causes = Vec::new();
    if passed > facts.longest_age {
        let sentence = say("verdict.too_old");
        causes.push(cause(
            State::Act,
            Rule::TooOld,
            sentence,
            "verdict.advice.too_old",
            run("verdict.do.run"),
        ));
    }
    if passed < -SLACK {
        let look = press(ActionKind::Refresh, "verdict.do.refresh", None);
        let sentence = Sentence::new("verdict.future");
        causes.push(cause(State::Watch, Rule::Future, sentence, "verdict.advice.future", look));
    }
    let newest = &facts.archives[0];
    match &newest.verification {
        Verification::Damaged { reason } => {
            let sentence = say("verdict.damaged").with_sentence("reason", reason.clone());
            let again = run("verdict.do.run");
            causes.push(cause(State::Watch, Rule::Damaged, sentence, "verdict.advice.damaged", again));
        }
        Verification::Unverified => {
            let read = press(ActionKind::Verify, "verdict.do.verify", Some(&newest.name));
            let sentence = say("verdict.unread");
            causes.push(cause(State::Watch, Rule::Unread, sentence, "verdict.advice.unread", read));
        }
        Verification::Verified | Verification::Readable => {}
    }
    if let Some(Rehearsal::Failed { reason }) = &newest.rehearsal {
        let open = press(ActionKind::Open, "verdict.do.open", Some(&newest.name));
        let sentence = Sentence::new("verdict.unrestorable").with_sentence("reason", reason.clone());
        causes.push(cause(State::Watch, Rule::Unrestorable, sentence, "verdict.advice.unrestorable", open));
    }
    causes
}

fn of_disk(facts: &Facts<'_>, disk: &Disk) -> Option<Cause> {
    let archives = facts.archives;
    let free = |key: &str| Sentence::new(key).with("free", size_in_words(disk.free));
    let (state, rule, sentence) = if is_full(archives, disk) {
        let key = if disk.takes_files { "verdict.disk_full" } else { "verdict.disk_full_of_files" };
        (State::Act, Rule::DiskFull, free(key))
    } else {
        let nights = nights_that_fit(archives, disk).filter(|nights| *nights < FEW_NIGHTS)?;
        let days = facts.last_run.and_then(|run| run.retention_days);
        if days.is_some_and(|days| is_in_balance(archives, days, facts.now)) {
            return None;
        }
        (State::Watch, Rule::DiskLow, free("verdict.disk_low").with("count", nights))
    };
    let look = press(ActionKind::Backups, "verdict.do.backups", None);
    Some(cause(state, rule, sentence, "verdict.advice.disk", look))
}

fn of_run(archives: &[ArchiveInfo], last: &LastRun) -> Option<Cause> {
    if !last.success {
        let sentence = match &last.error {
            Some(error) => Sentence::new("verdict.failed").with("reason", error),
            None => Sentence::new("verdict.failed_plain"),
        };
        let is_full = last.code.as_deref().is_some_and(|code| OF_A_FULL_DISK.contains(&code));
        let (advice, action) = if is_full {
            ("verdict.advice.failed_full", press(ActionKind::Backups, "verdict.do.backups", None))
        } else {
            ("verdict.advice.failed", run("verdict.do.retry"))
        };
        return Some(cause(State::Watch, Rule::Failed, sentence, advice, action));
    }
    let sentence = match last.warnings.as_slice() {
        [] => return None,
        [only] => Sentence::new("verdict.warning").with("warning", only),
        several => Sentence::new("verdict.warnings").with("count", several.len()),
    };
    let archive = last.archive.as_ref().filter(|name| archives.iter().any(|archive| archive.name == **name));
    // Deleted since: the next one will tell whether it lacks something, too.
    let (advice, action) = match archive {
        Some(name) => ("verdict.advice.warnings", press(ActionKind::Open, "verdict.do.open", Some(name))),
        None => ("verdict.advice.warnings_of_none", run("verdict.do.run")),
    };
    Some(cause(State::Watch, Rule::Warnings, sentence, advice, action))
}

fn of_timer(automatic: &Automatic, is_running: bool) -> Option<Cause> {
    let is_due = automatic.active && (automatic.next.is_some() || automatic.firing || is_running);
    let (rule, key) = match automatic.enabled {
        true if is_due => return None,
        true => (Rule::Stopped, "verdict.stopped"),
        false if is_due => (Rule::Off, "verdict.off_after_reboot"),
        false => (Rule::Off, "verdict.off"),
    };
    let advice = if rule == Rule::Off { "verdict.advice.off" } else { "verdict.advice.stopped" };
    let enable = press(ActionKind::Enable, "verdict.do.enable", None);
    Some(cause(State::Watch, rule, Sentence::new(key), advice, enable))
}

//! `check`: a plug-in for monitoring. One line, exit status 0 to 3.

use std::process::ExitCode;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::output::{self, Failed, Said};
use super::runtime::runtime;
use super::serve::supervisor;
use super::setting::{self, Setting};
use crate::model::{Automatic, Sentence};
use crate::store::{Standing, Store};
use crate::verdict::{LONGEST_AGE_SECONDS, Rule, State, Verdict, VerdictView, newest_good};

/// Monitoring waits a few seconds for a plug-in.
const TIMER_PATIENCE: Duration = Duration::from_secs(2);

/// `check`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Seconds after which the last good backup is too old
    #[arg(long, default_value_t = LONGEST_AGE_SECONDS, value_name = "SECONDS")]
    max_age: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What monitoring makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl Severity {
    fn of(state: State) -> Self {
        match state {
            State::Good => Self::Ok,
            State::Watch => Self::Warning,
            State::Act => Self::Critical,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    fn exit_status(self) -> u8 {
        self as u8
    }
}

pub(super) fn check(args: &Args, setting: Result<Setting, Failed>) -> ExitCode {
    let (language, found) = match setting {
        Ok(setting) => (setting.language, standing(&setting)),
        Err(failed) => {
            // The reasons go to standard error, the verdict where it is read.
            failed.tell();
            (setting::of_environment(), None)
        }
    };
    let Some((standing, automatic)) = found else {
        let sentence = language.word("check.unknown");
        if args.json {
            output::json(&json!({ "state": "unknown", "sentence": sentence, "causes": [] }));
        } else {
            output::line(&format!("{}: {sentence}", Severity::Unknown.word()));
        }
        return ExitCode::from(Severity::Unknown.exit_status());
    };
    let limit = SignedDuration::from_secs(i64::from(args.max_age));
    let now = Timestamp::now();
    let verdict = standing.verdict(automatic.as_ref(), now, limit);
    let severity = Severity::of(verdict.state);
    if args.json {
        output::json(&VerdictView::of(&verdict, |sentence| language.say(sentence)));
    } else {
        let sentence = language.say(&in_short(&verdict, &standing, now));
        let data = performance(&standing, now, limit);
        output::line(&format!("{}: {}{data}", severity.word(), one_line(&sentence)));
    }
    ExitCode::from(severity.exit_status())
}

/// What the judgement rests on; none where the store cannot be read.
fn standing(setting: &Setting) -> Option<(Standing, Option<Automatic>)> {
    let store = setting.store_to_read().inspect_err(|failed| _ = failed.tell()).ok()?;
    let standing = store.standing().said(setting.language).inspect_err(|failed| _ = failed.tell()).ok()?;
    let automatic = automatic(setting, &store);
    Some((standing, automatic))
}

/// What the timer is set to; none where nobody answers in time: monitoring's user may have no
/// right to ask, and the rest is told all the same.
fn automatic(setting: &Setting, store: &Store) -> Option<Automatic> {
    let supervisor = supervisor(setting, store).ok()?;
    let runtime = runtime().ok()?;
    let asked = async { tokio::time::timeout(TIMER_PATIENCE, supervisor.automatic()).await };
    let answer = runtime.block_on(asked);
    // A card that does not answer would keep its thread, and us, for ever.
    runtime.shutdown_background();
    answer.ok()?.ok()
}

/// The contract's short sentence of the worst cause, where it has one.
fn in_short(verdict: &Verdict, standing: &Standing, now: Timestamp) -> Sentence {
    let key = match verdict.causes.first().map(|cause| cause.rule) {
        None => "check.recent",
        Some(Rule::None | Rule::AllDamaged) => "check.none",
        Some(Rule::Unproven) => "check.unverified",
        Some(Rule::TooOld) => "check.too_old",
        Some(Rule::Failed) => "check.last_failed",
        Some(Rule::Damaged) => "check.newest_damaged",
        Some(_) => return verdict.sentence.clone(),
    };
    let Some(good) = newest_good(&standing.archives) else { return Sentence::new(key) };
    let named = if key == "check.newest_damaged" { &standing.archives[0].name } else { &good.name };
    let hours = now.duration_since(good.created).as_hours().max(0);
    Sentence::new(key).with("hours", hours).with("name", named)
}

/// Monitoring reads one line, and performance data behind the first `|`.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '|' => '/',
            control if control.is_control() => ' ',
            other => other,
        })
        .collect()
}

fn performance(standing: &Standing, now: Timestamp, limit: SignedDuration) -> String {
    let archives = &standing.archives;
    let age = newest_good(archives).map_or("U".into(), |good| {
        let seconds = now.duration_since(good.created).as_secs().max(0);
        format!("{seconds}s")
    });
    let good = archives.iter().filter(|archive| archive.verification.is_good()).count();
    let bytes: u64 = archives.iter().map(|archive| archive.bytes).sum();
    let (limit, count) = (limit.as_secs(), archives.len());
    format!(" | age={age};;{limit};0 backups={count};;;0 verified={good};;;0 size={bytes}B;;;0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArchiveInfo, LastRun, Verification};

    fn archive(hours_old: i64, verification: Verification) -> ArchiveInfo {
        ArchiveInfo::made(now() - SignedDuration::from_hours(hours_old), verification)
    }

    fn now() -> Timestamp {
        "2026-12-18T12:00:00Z".parse().unwrap()
    }

    fn standing(archives: Vec<ArchiveInfo>, last_run_failed: bool) -> Standing {
        let last_run = LastRun { success: !last_run_failed, ..LastRun::default() };
        Standing { archives, last_run: Some(last_run), nights: vec![], disk: None, running: None }
    }

    fn verdict(archives: Vec<ArchiveInfo>, last_run_failed: bool) -> (u8, String) {
        let standing = standing(archives, last_run_failed);
        let verdict = standing.verdict(None, now(), SignedDuration::from_secs(90_000));
        let severity = Severity::of(verdict.state);
        let text = crate::text::Language::French.say(&in_short(&verdict, &standing, now()));
        (severity.exit_status(), format!("{}: {text}", severity.word()))
    }

    #[test]
    fn each_state_has_the_contract_s_word_and_status() {
        let good = |hours| archive(hours, Verification::Verified);
        let damaged = || archive(1, Verification::Damaged { reason: Sentence::new("x") });
        let (status, text) = verdict(vec![good(6)], false);
        assert!(status == 0 && text.starts_with("OK: Backup récent"), "{text}");
        for last_run_failed in [false, true] {
            let (status, text) = verdict(vec![good(26)], last_run_failed);
            assert!(status == 2 && text.starts_with("CRITICAL: Backup trop ancien"), "{text}");
        }
        let (status, text) = verdict(vec![good(6)], true);
        assert!(status == 1 && text.starts_with("WARNING: La dernière sauvegarde a échoué ;"), "{text}");
        let (status, text) = verdict(vec![damaged(), good(6)], false);
        let newest = damaged().name.to_string();
        assert!(status == 1 && text.contains(&newest) && text.contains("6 h"), "{text}");
        let (status, text) = verdict(vec![archive(1, Verification::Unverified), good(6)], false);
        assert!(status == 1 && text.contains("pas encore vérifiée"), "its cause's own sentence: {text}");
        assert_eq!(verdict(vec![damaged()], false).0, 2);
        assert_eq!(verdict(vec![archive(1, Verification::Unverified)], false).0, 2);
        assert_eq!(verdict(vec![], false).0, 2);
        assert_eq!(Severity::Unknown.exit_status(), 3);
    }

    #[test]
    fn performance_data_says_unknown_where_nothing_is_good() {
        let data = performance(&standing(vec![], false), now(), SignedDuration::from_secs(5));
        assert_eq!(data, " | age=U;;5;0 backups=0;;;0 verified=0;;;0 size=0B;;;0");
    }

    #[test]
    fn what_a_run_said_makes_neither_a_second_line_nor_data() {
        assert_eq!(one_line("a | b\nc\td"), "a / b c d");
    }
}

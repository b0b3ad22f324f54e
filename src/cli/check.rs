//! `check`: a plug-in for monitoring. One line, exit status 0 to 3.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};

use super::output::{self, Failed, Said};
use super::setting::{self, Setting};
use crate::model::{ArchiveInfo, Sentence, Verification};

/// A day and an hour: a nightly run, and time for a large one.
const MOST_SECONDS: u32 = 90_000;

/// `check`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Seconds after which the last good backup is too old
    #[arg(long, default_value_t = MOST_SECONDS, value_name = "SECONDS")]
    max_age: u32,
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
        Ok(setting) => (setting.language, facts(&setting)),
        Err(failed) => {
            // The reasons go to standard error, the verdict where it is read.
            failed.tell();
            (setting::of_environment(), None)
        }
    };
    let limit = SignedDuration::from_secs(i64::from(args.max_age));
    let now = Timestamp::now();
    let (severity, sentence) = judge(found.as_ref(), now, limit);
    let data = found.map_or(String::new(), |found| found.performance(now, limit));
    output::line(&format!("{}: {}{data}", severity.word(), language.say(&sentence)));
    ExitCode::from(severity.exit_status())
}

/// What the judgement rests on.
struct Facts {
    archives: Vec<ArchiveInfo>,
    last_run_failed: bool,
}

fn facts(setting: &Setting) -> Option<Facts> {
    let store = setting.store_to_read().inspect_err(|failed| _ = failed.tell()).ok()?;
    let archives = store.list().said(setting.language).inspect_err(|failed| _ = failed.tell()).ok()?;
    let last_run_failed = store.status().is_some_and(|status| status["success"] == false);
    Some(Facts { archives, last_run_failed })
}

impl Facts {
    fn newest_good(&self) -> Option<&ArchiveInfo> {
        self.archives.iter().find(|archive| archive.verification.is_good())
    }

    fn performance(&self, now: Timestamp, limit: SignedDuration) -> String {
        let age_of = |archive: &ArchiveInfo| now.duration_since(archive.created).as_secs().max(0);
        let age = self.newest_good().map_or("U".into(), |archive| format!("{}s", age_of(archive)));
        let good = self.archives.iter().filter(|archive| archive.verification.is_good()).count();
        let bytes: u64 = self.archives.iter().map(|archive| archive.bytes).sum();
        let (limit, count) = (limit.as_secs(), self.archives.len());
        format!(" | age={age};;{limit};0 backups={count};;;0 verified={good};;;0 size={bytes}B;;;0")
    }
}

/// The verdict. Pure: the time is an argument.
fn judge(found: Option<&Facts>, now: Timestamp, limit: SignedDuration) -> (Severity, Sentence) {
    let Some(found) = found else { return (Severity::Unknown, Sentence::new("check.unknown")) };
    let Some(good) = found.newest_good() else {
        let unread = found.archives.iter().any(|archive| archive.verification == Verification::Unverified);
        let key = if unread { "check.unverified" } else { "check.none" };
        return (Severity::Critical, Sentence::new(key));
    };
    let age = now.duration_since(good.created);
    let hours = age.as_hours().max(0);
    let say = |key: &str| Sentence::new(key).with("hours", hours).with("name", &good.name);
    if age > limit {
        (Severity::Critical, say("check.too_old"))
    } else if found.last_run_failed {
        (Severity::Warning, say("check.last_failed"))
    } else if matches!(found.archives[0].verification, Verification::Damaged { .. }) {
        (Severity::Warning, say("check.newest_damaged").with("name", &found.archives[0].name))
    } else {
        (Severity::Ok, say("check.recent"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(hours_old: i64, verification: Verification) -> ArchiveInfo {
        ArchiveInfo::made(now() - SignedDuration::from_hours(hours_old), verification)
    }

    fn now() -> Timestamp {
        "2026-12-18T12:00:00Z".parse().unwrap()
    }

    fn verdict(archives: Vec<ArchiveInfo>, last_run_failed: bool) -> (u8, String) {
        let facts = Facts { archives, last_run_failed };
        let (severity, sentence) = judge(Some(&facts), now(), SignedDuration::from_secs(90_000));
        let text = crate::text::Language::French.say(&sentence);
        (severity.exit_status(), format!("{}: {text}", severity.word()))
    }

    #[test]
    fn each_state_has_the_contract_s_word_and_status() {
        let good = |hours| archive(hours, Verification::Verified);
        let damaged = || archive(1, Verification::Damaged { reason: Sentence::new("x") });
        let (status, text) = verdict(vec![good(6)], false);
        assert!(status == 0 && text.starts_with("OK: Backup récent"), "{text}");
        let (status, text) = verdict(vec![good(26)], false);
        assert!(status == 2 && text.starts_with("CRITICAL: Backup trop ancien"), "{text}");
        assert_eq!(verdict(vec![good(6)], true).0, 1);
        assert_eq!(verdict(vec![damaged(), good(6)], false).0, 1);
        assert_eq!(verdict(vec![damaged()], false).0, 2);
        assert_eq!(verdict(vec![archive(1, Verification::Unverified)], false).0, 2);
        assert_eq!(verdict(vec![], false).0, 2);
        assert_eq!(judge(None, now(), SignedDuration::ZERO).0.exit_status(), 3);
    }

    #[test]
    fn performance_data_says_unknown_where_nothing_is_good() {
        let facts = Facts { archives: vec![], last_run_failed: false };
        let data = facts.performance(now(), SignedDuration::from_secs(5));
        assert_eq!(data, " | age=U;;5;0 backups=0;;;0 verified=0;;;0 size=0B;;;0");
    }
}

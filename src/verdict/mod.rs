//! The verdict: how the backups stand, in one sentence that is true, and why.
//!
//! The daemon, `check` and systemd's status text all say what this room says. Pure: facts
//! in, sentences not yet said out; no clock, no disk, no words. Uses: model.

mod causes;
mod nights;
mod room;
mod view;
mod when;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use nights::{NightState, NightView, nights};
pub use room::nights_that_fit;
pub use view::{ActionView, CauseView, VerdictView};

use crate::model::{ArchiveInfo, ArchiveName, Automatic, Disk, LastRun, Sentence};

/// Seconds after which the newest good backup is too old: a day and an hour, for a nightly
/// run and time for a large one.
pub const LONGEST_AGE_SECONDS: u32 = 90_000;

/// What the judgement rests on; what is not known is no cause.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// Every archive, newest first.
    pub archives: &'f [ArchiveInfo],
    /// How the last run ended.
    pub last_run: Option<&'f LastRun>,
    /// What the timer is set to.
    pub automatic: Option<&'f Automatic>,
    /// The room on the disk.
    pub disk: Option<&'f Disk>,
    /// Whether a run is going on.
    pub is_running: bool,
    /// The moment.
    pub now: Timestamp,
    /// How old the newest good backup may be.
    pub longest_age: SignedDuration,
}

/// How the backups stand, or how much one cause weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing to do.
    Good,
    /// To be looked at some time.
    Watch,
    /// To be done something about now.
    Act,
}

/// What a cause is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// There is no archive at all.
    None,
    /// None is good, and some were not read.
    Unproven,
    /// Every archive is damaged.
    AllDamaged,
    /// The newest good one is older than it may be.
    TooOld,
    /// There is no room for one more night.
    DiskFull,
    /// The last run failed.
    Failed,
    /// The newest archive is damaged.
    Damaged,
    /// The newest archive could not be restored when that was tried.
    Unrestorable,
    /// The newest good one was made in the future.
    Future,
    /// The timer is off.
    Off,
    /// The timer is on, and nothing is due.
    Stopped,
    /// The newest archive is not read back yet.
    Unread,
    /// There is room for a few nights only.
    DiskLow,
    /// The last run made an archive that lacks something.
    Warnings,
}

/// What a cause's one button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Makes a backup.
    Run,
    /// Reads the archive back.
    Verify,
    /// Shows the archives, for some to be deleted.
    Backups,
    /// Looks again.
    Refresh,
    /// Turns the timer on.
    Enable,
    /// Shows what the archive holds.
    Open,
}

/// One thing to do, for a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub kind: ActionKind,
    /// To which archive.
    pub target: Option<ArchiveName>,
    /// The button's words.
    pub label: Sentence,
}

/// One reason why not all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Which.
    pub rule: Rule,
    /// How much it weighs.
    pub state: State,
    /// What is so.
    pub sentence: Sentence,
    /// The one thing to do about it.
    pub advice: Sentence,
    /// The same as a button; none where there is nothing to press.
    pub action: Option<Action>,
}

/// How the backups stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// That of the worst cause.
    pub state: State,
    /// That of the first cause; without causes, that all is well.
    pub sentence: Sentence,
    /// Worst first.
    pub causes: Vec<Cause>,
}

impl Facts<'_> {
    /// The newest archive that is good.
    pub fn newest_good(&self) -> Option<&ArchiveInfo> {
        newest_good(self.archives)
    }
}

/// The newest archive that is good; they come newest first.
pub fn newest_good(archives: &[ArchiveInfo]) -> Option<&ArchiveInfo> {
    archives.iter().find(|archive| archive.verification.is_good())
}

/// Judges.
pub fn judge(facts: &Facts<'_>) -> Verdict {
    let causes = causes::all(facts);
    let sentence = match (causes.first(), facts.newest_good()) {
        (Some(first), _) => first.sentence.clone(),
        (None, Some(good)) => Sentence::new("verdict.good")
            .with_sentence("age", when::age(facts.now.duration_since(good.created)))
            .with_sentence("proof", Sentence::new(&format!("verdict.proof.{}", good.verification.code()))),
        (None, None) => unreachable!("without a good archive there is a cause"),
    };
    Verdict { state: causes.first().map_or(State::Good, |first| first.state), sentence, causes }
}

#[cfg(test)]
mod tests;

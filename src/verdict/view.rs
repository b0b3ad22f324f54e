//! The verdict as programs read it, said in one language.

use serde::Serialize;

use super::{Action, ActionKind, Cause, Rule, State, Verdict};
use crate::model::{ArchiveName, Sentence};

/// A verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictView {
    /// `good`, `watch` or `act`.
    pub state: State,
    /// The one sentence.
    pub sentence: String,
    /// Worst first.
    pub causes: Vec<CauseView>,
}

/// A cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseView {
    /// Its name.
    pub rule: Rule,
    /// How much it weighs.
    pub state: State,
    /// What is so.
    pub sentence: String,
    /// The one thing to do.
    pub advice: String,
    /// The same as a button.
    pub action: Option<ActionView>,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionView {
    /// What it does.
    pub kind: ActionKind,
    /// To which archive.
    pub target: Option<ArchiveName>,
    /// Its words.
    pub label: String,
}

impl VerdictView {
    /// The verdict in the words of `say`.
    pub fn of(verdict: &Verdict, say: impl Fn(&Sentence) -> String) -> Self {
        let action = |action: &Action| ActionView {
            kind: action.kind,
            target: action.target.clone(),
            label: say(&action.label),
        };
        let cause = |cause: &Cause| CauseView {
            rule: cause.rule,
            state: cause.state,
            sentence: say(&cause.sentence),
            advice: say(&cause.advice),
            action: cause.action.as_ref().map(action),
        };
        Self {
            state: verdict.state,
            sentence: say(&verdict.sentence),
            causes: verdict.causes.iter().map(cause).collect(),
        }
    }
}

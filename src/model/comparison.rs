//! What two states of a club's settings differ in, secrets masked.

use serde::{Deserialize, Serialize};

use super::Sentence;

/// An archive beside another, or beside what is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Every member of either side, in the order of their names.
    pub members: Vec<MemberDiff>,
}

/// One member on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDiff {
    /// Its name, escaped.
    pub member: String,
    /// How its content was read.
    pub form: Form,
    /// Whether both sides are the same.
    pub state: DiffState,
    /// What the newer side has more: settings or videos.
    pub added: u64,
    /// What it lacks.
    pub removed: u64,
    /// What is on both sides and differs.
    pub changed: u64,
    /// The differences, the first hundreds of them.
    pub changes: Vec<Change>,
}

/// How a member's content is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// JSON, compared by path.
    Json,
    /// `KEY=value` lines, compared by key.
    Settings,
    /// A list of videos.
    Inventory,
    /// Anything else: compared as bytes, and never shown.
    Opaque,
}

/// Whether two sides of a member are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffState {
    /// To the last byte, or in all that they say.
    Same,
    /// They differ.
    Changed,
    /// Only the newer side has it.
    Added,
    /// Only the older side has it.
    Removed,
    /// One side cannot be read in its form, and the bytes differ.
    Unreadable,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happened since the older side.
    pub what: What,
    /// Where: `sponsors[3].name`, a key, a video's path; escaped.
    pub path: String,
    /// The value on the older side, masked and cut; none where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The same on the newer side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What happened to a setting or a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

impl Comparison {
    /// "12 settings changed", "3 videos more": the parts of one sentence, none where both
    /// sides are the same.
    pub fn summary(&self) -> Vec<Sentence> {
        let mut parts = Vec::new();
        let of = |forms: &[Form], count: fn(&MemberDiff) -> u64| -> u64 {
            self.members.iter().filter(|member| forms.contains(&member.form)).map(count).sum()
        };
        let counted = [
            ("diff.settings_changed", of(&[Form::Json, Form::Settings], |diff| diff.changed)),
            ("diff.settings_added", of(&[Form::Json, Form::Settings], |diff| diff.added)),
            ("diff.settings_removed", of(&[Form::Json, Form::Settings], |diff| diff.removed)),
            ("diff.videos_added", of(&[Form::Inventory], |diff| diff.added)),
            ("diff.videos_removed", of(&[Form::Inventory], |diff| diff.removed)),
            ("diff.videos_changed", of(&[Form::Inventory], |diff| diff.changed)),
        ];
        for (key, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            parts.push(Sentence::new(key).with("count", count));
        }
        let uncounted = |member: &&MemberDiff| {
            member.added + member.removed + member.changed == 0 && member.state != DiffState::Same
        };
        for member in self.members.iter().filter(uncounted) {
            let key = match member.state {
                DiffState::Added => "diff.file_added",
                DiffState::Removed => "diff.file_removed",
                DiffState::Same | DiffState::Changed | DiffState::Unreadable => "diff.file_changed",
            };
            parts.push(Sentence::new(key).with("member", &member.member));
        }
        parts
    }

    /// "12 settings changed, 3 videos more since": the whole sentence.
    pub fn sentence(&self) -> Sentence {
        let mut parts = self.summary().into_iter().rev();
        let Some(last) = parts.next() else { return Sentence::new("diff.same") };
        let joined = parts.fold(last, |rest, part| {
            Sentence::new("diff.and").with_sentence("part", part).with_sentence("rest", rest)
        });
        Sentence::new("diff.since").with_sentence("changes", joined)
    }
}

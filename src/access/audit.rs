//! The trail of who did what, as lines of JSON: bounded, and told to the journal as well.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessError, Who};
use crate::store::Private;

const FILE: &str = "audit.jsonl";
/// Bytes; a line has about 150.
const LARGEST: u64 = 256 << 10;
/// What is left of it when it has grown too large.
const KEPT: usize = 128 << 10;
/// Characters of what a caller may write into the trail, such as a name.
const LONGEST_WORD: usize = 80;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The panel was claimed with the code of the first use.
    SetUp,
    /// Somebody signed in, or failed to.
    SignIn,
    /// Somebody signed out.
    SignOut,
    /// A backup was asked for.
    Create,
    /// An archive was downloaded.
    Download,
    /// An archive was deleted.
    Delete,
    /// An archive was pinned.
    Pin,
    /// An archive was unpinned.
    Unpin,
    /// An archive came from somebody's computer.
    Import,
    /// The club's files were put back.
    Restore,
    /// A restore was taken back.
    Undo,
    /// The nightly backup was turned on or off.
    Toggle,
    /// How long archives are kept was set.
    Retention,
    /// The hour of the nightly backup was set.
    Schedule,
    /// The password was changed.
    Password,
    /// A session was ended by somebody else.
    SessionEnd,
    /// A token was made.
    TokenAdd,
    /// A token was revoked.
    TokenRevoke,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not: a wrong password, an archive that is not there, an error.
    Failed,
    /// It was tried too often, and not looked at.
    Throttled,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Actor {
    /// Nobody who was recognised.
    Nobody,
    /// A session, by its public name.
    Session(String),
    /// A token, by its name.
    Token(String),
    /// The command line.
    CommandLine,
}

impl From<&Who> for Actor {
    fn from(who: &Who) -> Self {
        match who {
            Who::Nobody => Self::Nobody,
            Who::Session { id } => Self::Session(id.clone()),
            Who::Token { name, .. } => Self::Token(name.clone()),
        }
    }
}

/// One line of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Actor,
    /// From where; none for the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What.
    pub deed: Deed,
    /// To what: an archive, a token, `on` or `off`, an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// How often, where many were told as one.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's form
fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Entry {
    /// What somebody did now, once.
    pub fn new(who: Actor, address: Option<IpAddr>, deed: Deed, outcome: Outcome) -> Self {
        Self { at: Timestamp::now(), who, address, deed, object: None, outcome, times: 1 }
    }

    /// The same, done to this.
    pub fn to(self, object: Option<&str>) -> Self {
        let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST_WORD).collect();
        Self { object: object.map(short), ..self }
    }
}

/// The trail.
#[derive(Clone, Debug)]
pub struct Trail(Private);

impl Trail {
    pub(super) fn of(folder: &Private) -> Self {
        Self(folder.clone())
    }

    /// Adds a line, and tells the journal. A card that is full or broken stands in nobody's
    /// way: the journal has the line all the same.
    pub fn note(&self, entry: &Entry) {
        let Entry { who, address, deed, object, outcome, times, .. } = entry;
        let (object, address) = (object.as_deref().unwrap_or(""), address.map(|a| a.to_string()));
        let address = address.as_deref().unwrap_or("");
        tracing::info!(?who, address, ?deed, object, ?outcome, times, "access");
        if let Err(error) = self.append(entry) {
            tracing::warn!(%error, source = ?std::error::Error::source(&error), "access trail not written");
        }
    }

    fn append(&self, entry: &Entry) -> Result<(), AccessError> {
        let mut line = serde_json::to_vec(entry).expect("our own values are JSON");
        line.push(b'\n');
        let held = self.0.lock()?;
        if self.0.append(FILE, &line)? > LARGEST {
            let whole = self.0.read(FILE, 2 * LARGEST)?.unwrap_or_default();
            let from = whole.len().saturating_sub(KEPT);
            let begin =
                whole[from..].iter().position(|byte| *byte == b'\n').map_or(0, |place| from + place + 1);
            self.0.replace(FILE, &whole[begin..], &held)?;
        }
        Ok(())
    }

    /// The newest lines, newest first; what cannot be understood is left out.
    pub fn newest(&self, most: usize) -> Result<Vec<Entry>, AccessError> {
        let whole = self.0.read(FILE, 2 * LARGEST)?.unwrap_or_default();
        let lines = whole.split(|byte| *byte == b'\n').rev();
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).take(most).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{maybe_text, text, timestamp, written_and_read};

    fn deed() -> impl Strategy<Value = Deed> {
        use Deed::{
            Create, Delete, Download, Import, Password, Pin, Restore, Retention, Schedule, SessionEnd, SetUp,
            SignIn, SignOut, Toggle, TokenAdd, TokenRevoke, Undo, Unpin,
        };
        proptest::sample::select(vec![
            SetUp,
            SignIn,
            SignOut,
            Create,
            Download,
            Delete,
            Pin,
            Unpin,
            Import,
            Restore,
            Undo,
            Toggle,
            Retention,
            Schedule,
            Password,
            SessionEnd,
            TokenAdd,
            TokenRevoke,
        ])
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let who = prop_oneof![
            Just(Actor::Nobody),
            Just(Actor::CommandLine),
            text().prop_map(Actor::Session),
            text().prop_map(Actor::Token),
        ];
        let outcome = proptest::sample::select(vec![Outcome::Done, Outcome::Failed, Outcome::Throttled]);
        let where_to = (option::of(any::<IpAddr>()), maybe_text());
        (timestamp(), who, where_to, deed(), outcome, any::<u32>()).prop_map(
            |(at, who, (address, object), deed, outcome, times)| {
                let object = object.as_deref();
                Entry { at, who, address, deed, object: None, outcome, times }.to(object)
            },
        )
    }

    proptest! {
        #[test]
        fn a_line_of_the_trail_is_read_as_it_was_written(entry in entry()) {
            prop_assert!(!entry.object.iter().any(|object| object.contains(char::is_control)));
            prop_assert_eq!(written_and_read(&entry), entry);
        }
    }

    #[test]
    fn the_trail_tells_the_newest_first_and_stays_small() {
        let state = tempfile::tempdir().unwrap();
        let folder = Private::of_panel(state.path());
        folder.make().unwrap();
        let trail = Trail::of(&folder);
        assert_eq!(trail.newest(5).unwrap(), []);
        let address = "10.0.0.9".parse().ok();
        let entry = |n: usize| {
            Entry::new(Actor::Session("abcd".into()), address, Deed::Delete, Outcome::Done)
                .to(Some(&format!("backup\n{n}{}", "x".repeat(500))))
        };
        for n in 0..2000 {
            trail.note(&entry(n));
        }
        let newest = trail.newest(3).unwrap();
        let objects: Vec<_> = newest.iter().map(|entry| &entry.object.as_ref().unwrap()[..10]).collect();
        assert_eq!(objects, ["backup1999", "backup1998", "backup1997"]);
        assert!(newest[0].object.as_ref().unwrap().len() <= LONGEST_WORD);
        let length = std::fs::metadata(folder.path().join(FILE)).unwrap().len();
        assert!(length <= LARGEST && length > KEPT as u64, "{length}");
    }
}

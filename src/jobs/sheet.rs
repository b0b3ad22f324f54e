//! The recovery sheet: what to do when the box is dead, for this club. One page, to be
//! printed while all is well.

use serde::Serialize;

use super::restore::{club_here, club_in};
use crate::config::Config;
use crate::model::{Sentence, time};
use crate::sources;
use crate::store::{Store, StoreError};

/// One line of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub sentence: Sentence,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The title of the sheet.
    Title,
    /// The title of a part.
    Heading,
    /// Something to know.
    Fact,
    /// Something to do, in this order.
    Step,
}

/// The sheet of this box.
///
/// # Errors
/// What the store answers when it is listed.
pub fn sheet(store: &Store, config: &Config) -> Result<Vec<Line>, StoreError> {
    let newest = store.list()?.into_iter().find(|archive| archive.verification.is_good());
    // The panel cannot see the settings in place; the newest archive has them.
    let club =
        club_here(config, store.directory()).or_else(|| club_in(store, config, &newest.as_ref()?.name));
    let host = sources::host_name();
    let mut lines = Vec::new();
    let mut say = |kind, sentence: Sentence| lines.push(Line { kind, sentence });
    say(Kind::Title, Sentence::new("sheet.title"));
    if let Some(club) = club {
        say(Kind::Fact, Sentence::new("sheet.club").with("club", club));
    }
    say(Kind::Fact, Sentence::new("sheet.host").with("host", &host));
    say(Kind::Fact, Sentence::new("sheet.place").with("path", store.directory().display()));
    if let Some(newest) = newest {
        let made = time::local_for_people(&newest.created.to_zoned(store.zone().clone()));
        say(Kind::Fact, Sentence::new("sheet.newest").with("name", &newest.name).with("date", made));
    }
    say(Kind::Heading, Sentence::new("sheet.now"));
    for key in ["sheet.download", "sheet.keep", "sheet.print"] {
        say(Kind::Step, Sentence::new(key));
    }
    say(Kind::Heading, Sentence::new("sheet.dead"));
    say(Kind::Step, Sentence::new("sheet.card").with("host", &host));
    for key in ["sheet.install", "sheet.open", "sheet.choose", "sheet.restore", "sheet.videos"] {
        say(Kind::Step, Sentence::new(key));
    }
    say(Kind::Heading, Sentence::new("sheet.by_hand"));
    say(Kind::Fact, Sentence::new("sheet.unpack"));
    for file in &config.files {
        let path = file.path.display();
        say(Kind::Fact, Sentence::new("sheet.file").with("member", &file.member).with("path", path));
    }
    say(Kind::Heading, Sentence::new("sheet.help"));
    say(Kind::Fact, Sentence::new("sheet.installer"));
    Ok(lines)
}

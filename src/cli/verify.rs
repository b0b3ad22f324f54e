//! `verify`: reads archives back, to the last byte.

use jiff::Zoned;
use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::{self, Setting};
use crate::jobs;
use crate::model::{ArchiveName, Level, Sentence, Verification};
use crate::store::{Store, StoreError};

/// `verify`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archives; all that were never read or have changed, where none is named
    names: Vec<ArchiveName>,
    /// Read all archives again, the known ones too
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Exit status 1 where one is damaged or cannot be read.
pub(super) fn verify(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = setting.store()?;
    let names = if args.all {
        store.list().said(language)?.into_iter().map(|archive| archive.name).collect()
    } else if args.names.is_empty() {
        store.unverified().said(language)?
    } else {
        args.names.clone()
    };
    let mut all_good = true;
    let mut results = Vec::new();
    for name in names {
        let (state, problem, logged) = match jobs::verify(&store, &setting.config, &name) {
            Ok(Verification::Damaged { reason }) => {
                let damaged = Sentence::new("verify.damaged").with("name", &name);
                ("damaged", Some(reason.clone()), Some(damaged.with_sentence("reason", reason)))
            }
            Ok(verification) => (verification.code(), None, None),
            // Deleted since it was listed, by retention or a person.
            Err(StoreError::NotFound { .. }) if args.names.is_empty() => continue,
            Err(error) => ("unreadable", Some(error.sentence()), Some(error.sentence())),
        };
        all_good &= problem.is_none();
        let problem = problem.map(|problem| language.say(&problem));
        if let Some(sentence) = logged {
            log(&store, &sentence, setting);
        }
        if args.json {
            results.push(json!({ "name": name, "verification": state, "problem": problem }));
        } else {
            let word = language.word(&format!("verification.{state}"));
            let row = format!("{name}  {word} {}", problem.unwrap_or_default());
            output::line(row.trim_end());
        }
    }
    if args.json {
        output::json(&results);
    }
    if all_good { Ok(()) } else { Err(Failed::silently()) }
}

/// Tells those who read the backups' log; who cannot write it tells the others still.
fn log(store: &Store, sentence: &Sentence, setting: &Setting) {
    let text = setting.config.ui.language.say(sentence);
    let now = Zoned::now().with_time_zone(setting::zone());
    if let Err(error) = store.log(&now, Level::Error, &text) {
        output::remark(&setting.language.say(&error.sentence()));
    }
}

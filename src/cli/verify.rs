//! `verify`: reads archives back, to the last byte.

use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::jobs;
use crate::model::{ArchiveName, Verification};

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
        let (state, problem) = match jobs::verify(&store, &setting.config, &name) {
            Ok(Verification::Damaged { reason }) => ("damaged", Some(language.say(&reason))),
            Ok(verification) => (verification.code(), None),
            Err(error) => ("unreadable", Some(language.say(&error.sentence()))),
        };
        all_good &= problem.is_none();
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

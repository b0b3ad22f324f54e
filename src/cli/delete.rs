//! `delete`: archives that a person names.

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::model::{ArchiveName, Sentence};

/// `delete`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archives
    #[arg(required = true)]
    names: Vec<ArchiveName>,
    /// Say what would be deleted; delete nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn delete(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = if args.dry_run { setting.store_to_read()? } else { setting.store()? };
    for name in &args.names {
        if args.dry_run {
            store.find(name).said(language)?;
            output::line(&language.say(&Sentence::new("delete.would").with("name", name)));
        } else {
            store.lock().and_then(|held| store.delete(name, &held)).said(language)?;
            output::line(&language.say(&Sentence::new("delete.done").with("name", name)));
        }
    }
    Ok(())
}

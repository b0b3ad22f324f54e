//! `pin` and `unpin`.

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::model::{ArchiveName, Sentence};

/// The arguments of both.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    name: ArchiveName,
    /// Say what would be changed; change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn pin(args: &Args, setting: &Setting) -> Result<(), Failed> {
    change(args, setting, true)
}

pub(super) fn unpin(args: &Args, setting: &Setting) -> Result<(), Failed> {
    change(args, setting, false)
}

fn change(args: &Args, setting: &Setting, pinned: bool) -> Result<(), Failed> {
    let language = setting.language;
    let store = if args.dry_run { setting.store_to_read()? } else { setting.store()? };
    let name = &args.name;
    if args.dry_run {
        store.find(name).said(language)?;
    } else {
        let held = store.lock().said(language)?;
        if pinned { store.pin(name, &held) } else { store.unpin(name, &held) }.said(language)?;
    }
    let key = match (pinned, args.dry_run) {
        (true, false) => "pin.done",
        (true, true) => "pin.would",
        (false, false) => "unpin.done",
        (false, true) => "unpin.would",
    };
    output::line(&language.say(&Sentence::new(key).with("name", name)));
    Ok(())
}

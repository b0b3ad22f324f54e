//! `list`: the archives, newest first.

use jiff::Timestamp;
use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::model::{ArchiveView, Sentence, size_in_words};
use crate::store::Judged;

/// `list`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn list(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = setting.store_to_read()?;
    let now = Timestamp::now();
    let archives = store.judged(&store.in_force(&setting.config).retention, now).said(language)?;
    let view = |Judged { archive, kept, .. }: &Judged| {
        ArchiveView::of(archive, kept, now, store.zone(), |sentence| language.say(sentence))
    };
    let views: Vec<_> = archives.iter().map(view).collect();
    let total: u64 = archives.iter().map(|judged| judged.archive.bytes).sum();
    if args.json {
        output::json(&json!({ "backups": views, "total": views.len(), "totalSize": total }));
        return Ok(());
    }
    for view in &views {
        let state = language.word(&format!("verification.{}", view.verification));
        let pin = if view.pinned { language.word("list.pinned") } else { String::new() };
        let problem = view.problem.as_deref().unwrap_or_default();
        let row = format!("{}  {:>9}  {:>10}  {state} {pin} {problem}", view.name, view.size, view.age);
        output::line(row.trim_end());
    }
    let sum = Sentence::new("list.total").with("count", views.len()).with("size", size_in_words(total));
    output::line(&language.say(&sum));
    Ok(())
}

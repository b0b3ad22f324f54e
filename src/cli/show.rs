//! `show`: what an archive holds, read from the archive itself, or one member of it.

use std::io;

use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::jobs::{self, Contents};
use crate::model::{ArchiveName, Sentence, size_in_words};
use crate::text::Language;

/// `show`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    name: ArchiveName,
    /// Print one of its members, secrets masked
    member: Option<String>,
    /// Print the member as it is, secrets and all
    #[arg(long, requires = "member", conflicts_with = "json")]
    raw: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn show(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let (language, store) = (setting.language, setting.store_to_read()?);
    match &args.member {
        Some(member) if args.raw => {
            let mut staged = jobs::member(&store, &args.name, member).said(language)?;
            // A reader that has gone away (`| head`) is no error.
            let _ = io::copy(&mut staged.content, &mut io::stdout().lock());
        }
        Some(member) => {
            let shown = jobs::shown(&store, &setting.config, &args.name, member).said(language)?;
            match &shown.text {
                _ if args.json => output::json(&shown),
                Some(text) => output::line(text.trim_end_matches('\n')),
                None => {
                    let unshown = Sentence::new("show.unshown").with("member", member);
                    output::line(&language.say(&unshown));
                }
            }
        }
        None => {
            let contents = jobs::contents(&store, &args.name).said(language)?;
            if args.json { output::json(&as_json(&args.name, &contents)) } else { print(&contents, language) }
        }
    }
    Ok(())
}

fn as_json(name: &ArchiveName, contents: &Contents) -> serde_json::Value {
    let Contents { manifest, members, count, bytes } = contents;
    let verification = if manifest.is_some() { "verified" } else { "readable" };
    json!({
        "name": name,
        "verification": verification,
        "manifest": manifest,
        "count": count,
        "bytes": bytes,
        "members": members,
    })
}

fn print(contents: &Contents, language: Language) {
    match &contents.manifest {
        Some(head) => {
            output::line(&format!("{} · {} · {}", head.program, head.host, head.created));
            head.warnings.iter().for_each(|warning| output::line(&format!("! {warning}")));
        }
        None => output::line(&language.word("show.no_manifest")),
    }
    for held in &contents.members {
        output::line(&format!("{} {:>10}  {}", held.mode, size_in_words(held.size), held.member));
    }
    if contents.count > contents.members.len() {
        let more = Sentence::new("show.more").with("count", contents.count - contents.members.len());
        output::line(&language.say(&more));
    }
}

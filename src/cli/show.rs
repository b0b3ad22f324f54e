//! `show`: what an archive holds, read from the archive itself, or one member of it.

use std::io;

use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::jobs::{self, Contents, Kind, Line};
use crate::model::{ArchiveName, Sentence, size_in_words};
use crate::text::Language;

/// `show`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    #[arg(required_unless_present = "sheet")]
    name: Option<ArchiveName>,
    /// Print one of its members, secrets masked
    member: Option<String>,
    /// Print the member as it is, secrets and all
    #[arg(long, requires = "member", conflicts_with = "json")]
    raw: bool,
    /// Print the page that says what to do when the box is dead
    #[arg(long, conflicts_with_all = ["name", "member", "raw", "json"])]
    sheet: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn show(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let (language, store) = (setting.language, setting.store_to_read()?);
    let Some(name) = &args.name else {
        jobs::sheet(&store, &setting.config)
            .said(language)?
            .iter()
            .for_each(|line| print_line(line, language));
        return Ok(());
    };
    match &args.member {
        Some(member) if args.raw => {
            let mut staged = jobs::member(&store, name, member).said(language)?;
            // A reader that has gone away (`| head`) is no error.
            let _ = io::copy(&mut staged.content, &mut io::stdout().lock());
        }
        Some(member) => {
            let shown = jobs::shown(&store, &setting.config, name, member).said(language)?;
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
            let contents = jobs::contents(&store, name).said(language)?;
            if args.json { output::json(&as_json(name, &contents)) } else { print(&contents, language) }
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

fn print_line(line: &Line, language: Language) {
    let text = language.say(&line.sentence);
    match line.kind {
        Kind::Title => output::line(&format!("{text}\n{}", "=".repeat(text.chars().count()))),
        Kind::Heading => output::line(&format!("\n{text}\n")),
        Kind::Fact => output::line(&text),
        Kind::Step => output::line(&format!("[ ] {text}")),
    }
}

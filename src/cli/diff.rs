//! `diff`: what changed since an archive was made, secrets masked.

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::jobs;
use crate::model::{ArchiveName, Comparison, DiffState, MemberDiff, Preview, Sentence, What};
use crate::text::Language;

/// `diff`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    name: ArchiveName,
    /// The archive that it is held against, instead of what is there now
    with: Option<ArchiveName>,
    /// Print every difference that was found
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Differences of one member that are printed without being asked for more.
const FIRST: usize = 20;

pub(super) fn diff(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let (language, store) = (setting.language, setting.store_to_read()?);
    if let Some(with) = &args.with {
        let comparison = jobs::compare(&store, &setting.config, &args.name, with).said(language)?;
        if args.json {
            output::json(&comparison);
        } else {
            print(&comparison, args.all, language);
        }
        return Ok(());
    }
    let preview = jobs::preview(&store, &setting.config, &args.name).said(language)?;
    if args.json {
        output::json(&preview);
    } else {
        print_preview(&preview, args.all, language);
    }
    Ok(())
}

/// What a restore would change, and what stands in its way.
pub(super) fn print_preview(preview: &Preview, all: bool, language: Language) {
    print(&preview.comparison, all, language);
    for warning in &preview.warnings {
        output::line(&format!("! {}", language.say(warning)));
    }
    for file in &preview.files {
        match &file.problem {
            Some(problem) => output::line(&format!("! {}", language.say(problem))),
            None if file.archived => output::line(&format!("{} -> {}", file.member, file.path)),
            None => {
                let sentence = Sentence::new("restore.not_archived").with("member", &file.member);
                output::line(&format!("! {}", language.say(&sentence)));
            }
        }
    }
    if let (true, Some(club), Some(here)) = (preview.is_other_club(), &preview.club, &preview.club_here) {
        let sentence = Sentence::new("error.other_club").with("club", club).with("here", here);
        output::line(&format!("! {}", language.say(&sentence)));
    }
}

fn print(comparison: &Comparison, all: bool, language: Language) {
    output::line(&language.say(&comparison.sentence()));
    for member in comparison.members.iter().filter(|member| member.state != DiffState::Same) {
        output::line(&format!("{}:", member.member));
        if member.state == DiffState::Unreadable {
            output::line(&format!("  {}", language.word("diff.unreadable")));
        }
        let told = if all { member.changes.len() } else { member.changes.len().min(FIRST) };
        member.changes[..told].iter().for_each(print_change);
        if let more @ 1.. = counted(member).saturating_sub(told as u64) {
            let sentence = Sentence::new("diff.more").with("count", more);
            output::line(&format!("  {}", language.say(&sentence)));
        }
    }
}

fn counted(member: &MemberDiff) -> u64 {
    member.added + member.removed + member.changed
}

fn print_change(change: &crate::model::Change) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (path, before, after) = (&change.path, text(&change.before), text(&change.after));
    output::line(&match change.what {
        What::Added => format!("  + {path} = {after}"),
        What::Removed => format!("  - {path} = {before}"),
        What::Changed => format!("  ~ {path}: {before} -> {after}"),
    });
}

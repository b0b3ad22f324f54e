//! `restore`: puts the club's files back, or takes the last restore back.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;

use super::diff::print_preview;
use super::output::{self, Failed, Said};
use super::restoring::{carry_out, make, resume};
use super::setting::Setting;
use crate::jobs::{self, RestoreError, Wish, preview};
use crate::model::{ArchiveName, JobId, JobKind, Preview, Sentence};

/// `restore`'s arguments.
#[allow(clippy::struct_excessive_bools)] // as flags of a command line are
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    #[arg(required_unless_present_any = ["undo", "job", "resume"], conflicts_with_all = ["undo", "job", "resume"])]
    name: Option<ArchiveName>,
    /// Only this member (may be given again); all files that the configuration names without it
    #[arg(long, value_name = "MEMBER", conflicts_with_all = ["undo", "job", "resume"])]
    only: Vec<String>,
    /// Yes, the archive is of this other club
    #[arg(long, value_name = "CLUB", conflicts_with_all = ["undo", "job", "resume"])]
    confirm: Option<String>,
    /// Take the last restore back
    #[arg(long)]
    undo: bool,
    /// Say what would be changed; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print the job's events, or with --dry-run what would be changed, as JSON
    #[arg(long)]
    json: bool,
    /// Carry out the request that was left for this job
    #[arg(long, hide = true, conflicts_with_all = ["undo", "dry_run", "yes", "resume"])]
    job: Option<JobId>,
    /// Go back to the files of before where a restore was interrupted
    #[arg(long, hide = true, conflicts_with_all = ["undo", "dry_run", "yes", "json"])]
    resume: bool,
    /// The club's services start by themselves after this: leave them alone
    #[arg(long, hide = true, requires = "resume")]
    at_boot: bool,
}

pub(super) fn restore(args: Args, setting: &Setting) -> Result<(), Failed> {
    if args.resume {
        return resume(args.at_boot, setting);
    }
    if let Some(id) = args.job {
        return carry_out(id, args.json, setting);
    }
    let language = setting.language;
    let store = setting.store_to_read()?;
    let (archive, would_go, wish) = if let Some(archive) = args.name {
        let members = (!args.only.is_empty()).then_some(args.only);
        (archive.clone(), Vec::new(), Wish::Restore { archive, members, confirm: args.confirm })
    } else {
        let undo = store.way_back(Timestamp::now()).said(language)?;
        let undo = undo.ok_or(RestoreError::NothingToUndo).said(language)?;
        (undo.safety, undo.absent, Wish::Undo)
    };
    if args.dry_run || !args.yes {
        let preview = preview(&store, &setting.config, &archive).said(language)?;
        if args.json && args.dry_run {
            output::json(&preview);
        } else if !args.json {
            print_preview(&preview, false, language);
            for member in would_go {
                let gone = Sentence::new("restore.would_go").with("member", member);
                output::line(&format!("! {}", language.say(&gone)));
            }
        }
        if args.dry_run {
            return can_be_done(&preview, &wish).said(language)?;
        }
        if !confirmed(setting)? {
            return Err(Failed::silently());
        }
    }
    make(jobs::new_id(JobKind::Restore), wish, args.json, setting)
}

/// Exit status 1 where the restore would be refused; why was said with the preview, but for a
/// member that is not there.
fn can_be_done(preview: &Preview, wish: &Wish) -> Result<Result<(), Failed>, RestoreError> {
    let (members, other_club) = match wish {
        Wish::Restore { members, confirm, .. } => {
            (members.as_deref(), preview.is_other_club() && *confirm != preview.club)
        }
        Wish::Undo => (None, false),
    };
    for member in members.into_iter().flatten() {
        if !preview.files.iter().any(|file| file.member == *member && file.archived) {
            return Err(RestoreError::NoMember { archive: preview.archive.clone(), member: member.clone() });
        }
    }
    let is_asked = |member: &String| members.is_none_or(|members| members.contains(member));
    let mut files = preview.files.iter().filter(|file| is_asked(&file.member));
    let stands_in_the_way = other_club || files.any(|file| file.problem.is_some());
    Ok(if stands_in_the_way { Err(Failed::silently()) } else { Ok(()) })
}

/// Whether the person at the terminal says yes; who is none must have said so before.
fn confirmed(setting: &Setting) -> Result<bool, Failed> {
    if !io::stdin().is_terminal() {
        let sentence = Sentence::new("restore.say_yes");
        output::remark(&setting.language.say(&sentence));
        return Err(Failed::usage());
    }
    let mut errors = io::stderr().lock();
    let _ = write!(errors, "{} ", setting.language.word("restore.ask"));
    let _ = errors.flush();
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    Ok(matches!(answer.trim().to_lowercase().as_str(), "o" | "oui" | "y" | "yes"))
}

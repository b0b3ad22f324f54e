//! `restore`: puts the club's files back, or takes the last restore back.

use std::io::{self, BufRead, IsTerminal, Write};

use tracing::Level;

use super::diff::print_preview;
use super::output::{self, Failed, Said};
use super::progress::Bar;
use super::serve::runtime;
use super::setting::{self, Setting};
use crate::http::ServeError;
use crate::jobs::{
    self, Requests, RestoreError, RestoreOrder, Services, Unmanaged, Wish, preview, restore as put_back,
};
use crate::model::{ArchiveName, Event, JobId, JobKind, Outcome, Preview, RestoreRequest, Sentence, Undo};
use crate::service;
use crate::store::Store;
use crate::supervisor::{SystemdServices, is_systemd_manager};

/// `restore`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    #[arg(required_unless_present_any = ["undo", "job", "resume"], conflicts_with_all = ["undo", "job", "resume"])]
    name: Option<ArchiveName>,
    /// Only this member (may be given again); all files that the configuration names without it
    #[arg(long, value_name = "MEMBER", requires = "name")]
    only: Vec<String>,
    /// Yes, the archive is of this other club
    #[arg(long, value_name = "CLUB", requires = "name")]
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
    let wish = match args.name {
        Some(archive) => {
            let members = (!args.only.is_empty()).then_some(args.only);
            Wish::Restore { archive, members, confirm: args.confirm }
        }
        None => Wish::Undo,
    };
    let archive = match &wish {
        Wish::Restore { archive, .. } => archive.clone(),
        Wish::Undo => way_back(&store).said(language)?.safety,
    };
    if args.dry_run || !args.yes {
        let preview = preview(&store, &setting.config, &archive).said(language)?;
        if args.json && args.dry_run {
            output::json(&preview);
        } else if !args.json {
            print_preview(&preview, false, language);
        }
        if args.dry_run {
            return can_be_done(&preview);
        }
        if !confirmed(setting)? {
            return Err(Failed::silently());
        }
    }
    make(jobs::new_id(JobKind::Restore), wish, args.json, setting)
}

fn way_back(store: &Store) -> Result<Undo, RestoreError> {
    let last = store.last_restore();
    let undo = last.as_ref().and_then(|last| last.way_back(jiff::Timestamp::now()));
    undo.cloned().ok_or(RestoreError::NothingToUndo)
}

/// Exit status 1 where the restore would be refused.
fn can_be_done(preview: &Preview) -> Result<(), Failed> {
    let stands_in_the_way = preview.files.iter().any(|file| file.problem.is_some());
    if stands_in_the_way { Err(Failed::silently()) } else { Ok(()) }
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

/// What the panel has asked for, in a file that anybody may have written.
fn carry_out(id: JobId, json: bool, setting: &Setting) -> Result<(), Failed> {
    let requests = Requests::of(&setting.config.paths.runtime);
    let request = requests.take(&id).map_err(|error| {
        Failed::of(setting.language, &Sentence::new("restore.bad_request").with("reason", error))
    })?;
    match request {
        RestoreRequest::Preview { archive } => answer(id, &archive, json, &requests, setting),
        RestoreRequest::Restore { archive, members, confirm } => {
            make(id, Wish::Restore { archive, members, confirm }, json, setting)
        }
        RestoreRequest::Undo => make(id, Wish::Undo, json, setting),
    }
}

/// Looks what a restore would change, for who asked.
fn answer(
    id: JobId,
    archive: &ArchiveName,
    json: bool,
    requests: &Requests,
    setting: &Setting,
) -> Result<(), Failed> {
    service::start_logging(Level::INFO);
    let (language, runtime) = (setting.language, &setting.config.paths.runtime);
    let mut told = told(json);
    let journal = jobs::Journal::begin(runtime, id.clone(), JobKind::Preview, language, &mut told);
    let looked = setting_store(setting).and_then(|store| preview(&store, &setting.config, archive));
    let answered = looked.and_then(|preview| Ok(requests.answer(&id, &preview)?));
    let failure = answered.err().map(|error| error.failure());
    let success = failure.is_none();
    journal.done(Outcome { success, archive: Some(archive.clone()), bytes: None, failure });
    if success { Ok(()) } else { Err(Failed::silently()) }
}

fn setting_store(setting: &Setting) -> Result<Store, RestoreError> {
    Ok(Store::open_to_read(&setting.config.paths, setting::zone())?)
}

fn make(id: JobId, wish: Wish, json: bool, setting: &Setting) -> Result<(), Failed> {
    let shown = !json && io::stderr().is_terminal();
    service::start_logging(if shown { Level::ERROR } else { Level::INFO });
    let mut services = services(setting)?;
    let mut bar = Bar::new(setting.language, shown);
    let mut told = told(json);
    let outcome = put_back(&setting.config, order(id, wish, setting), &mut *services, &mut |event| {
        told(event);
        bar.show(event);
    });
    match outcome.failure {
        None => Ok(()),
        Some(_) if !shown => Err(Failed::silently()),
        Some(failure) => Err(Failed::of(setting.language, &failure.sentence)),
    }
}

fn resume(at_boot: bool, setting: &Setting) -> Result<(), Failed> {
    service::start_logging(Level::INFO);
    let order = order(jobs::new_id(JobKind::Restore), Wish::Undo, setting);
    // systemd would have a service that waits for this one wait for ever.
    let mut services = if at_boot { Box::new(Unmanaged) } else { services(setting)? };
    let gone_back = jobs::resume(&setting.config, order, &mut *services, &mut |_| ());
    gone_back.said(setting.language).map(drop)
}

/// The same for a daemon that restores by itself; nobody manages services there.
pub(super) fn go_back(setting: &Setting) -> Result<bool, RestoreError> {
    let order = order(jobs::new_id(JobKind::Restore), Wish::Undo, setting);
    jobs::resume(&setting.config, order, &mut Unmanaged, &mut |_| ())
}

fn order(id: JobId, wish: Wish, setting: &Setting) -> RestoreOrder {
    RestoreOrder { id, language: setting.language, zone: setting::zone(), wish }
}

fn told(json: bool) -> impl FnMut(&Event) {
    move |event| {
        if json {
            output::line(&serde_json::to_string(event).expect("an event is JSON"));
        }
    }
}

/// Whoever manages this machine's services.
fn services(setting: &Setting) -> Result<Box<dyn Services>, Failed> {
    if !is_systemd_manager(setting.config.schedule.manager) {
        return Ok(Box::new(Unmanaged));
    }
    let runtime = runtime().map_err(ServeError::Runtime).said(setting.language)?;
    Ok(Box::new(SystemdServices::new(runtime)))
}

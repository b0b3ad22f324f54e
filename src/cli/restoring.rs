//! The jobs that `restore` starts: for a person, for the panel, and after a kill.

use tracing::Level;

use super::output::{Failed, Said};
use super::progress::{follow, tell};
use super::runtime::runtime;
use super::setting::{self, Setting};
use crate::http::ServeError;
use crate::jobs::{self, Requests, RestoreError, RestoreOrder, Services, Unmanaged, Wish};
use crate::model::{ArchiveName, Event, JobId, JobKind, Outcome, RestoreRequest, Sentence};
use crate::service;
use crate::store::Store;
use crate::supervisor::{SystemdServices, is_systemd_manager};

/// What the panel has asked for, in a file that anybody may have written.
pub(super) fn carry_out(id: JobId, json: bool, setting: &Setting) -> Result<(), Failed> {
    let requests = Requests::of(&setting.config.paths.runtime);
    let request = requests.take(&id).map_err(|error| {
        Failed::of(setting.language, &Sentence::new("restore.bad_request").with("reason", error))
    })?;
    match request {
        RestoreRequest::Preview { archive } => answer(&id, &archive, json, &requests, setting),
        RestoreRequest::Restore { archive, members, confirm } => {
            make(id, Wish::Restore { archive, members, confirm }, json, setting)
        }
        RestoreRequest::Undo => make(id, Wish::Undo, json, setting),
    }
}

/// Looks what a restore would change, for who asked.
fn answer(
    id: &JobId,
    archive: &ArchiveName,
    json: bool,
    requests: &Requests,
    setting: &Setting,
) -> Result<(), Failed> {
    service::start_logging(Level::INFO);
    let (language, runtime) = (setting.language, &setting.config.paths.runtime);
    let mut told = |event: &Event| tell(json, event);
    let journal = jobs::Journal::begin(runtime, id.clone(), JobKind::Preview, language, &mut told);
    let looked = store_of(setting).and_then(|store| jobs::preview(&store, &setting.config, archive));
    let answered = looked.and_then(|preview| Ok(requests.answer(id, &preview)?));
    let failure = answered.err().map(|error| error.failure());
    let success = failure.is_none();
    journal.done(Outcome { success, archive: Some(archive.clone()), bytes: None, failure });
    if success { Ok(()) } else { Err(Failed::silently()) }
}

fn store_of(setting: &Setting) -> Result<Store, RestoreError> {
    Ok(Store::open_to_read(&setting.config.paths, setting::zone())?)
}

pub(super) fn make(id: JobId, wish: Wish, json: bool, setting: &Setting) -> Result<(), Failed> {
    service::finish_what_is_begun();
    let mut services = services(setting)?;
    let order = order(id, wish, setting);
    follow(json, setting.language, |told| jobs::restore(&setting.config, order, &mut *services, told))
}

/// At boot the club's services start by themselves after this: systemd would have one that is
/// started from here wait for the end of it.
pub(super) fn resume(at_boot: bool, setting: &Setting) -> Result<(), Failed> {
    service::start_logging(Level::INFO);
    let order = order(jobs::new_id(JobKind::Restore), Wish::Undo, setting);
    let mut services = if at_boot { Box::new(Unmanaged) } else { services(setting)? };
    let gone_back = jobs::resume(&setting.config, order, &mut *services, &mut |_| ());
    gone_back.said(setting.language).map(drop)
}

/// The same before anything is served or saved, where this program's own processes restore.
/// Under systemd a unit does it, as neither the panel nor a backup may write the club's files.
pub(super) fn go_back_here(setting: &Setting) {
    if is_systemd_manager(setting.config.schedule.manager) {
        return;
    }
    let order = order(jobs::new_id(JobKind::Restore), Wish::Undo, setting);
    if let Err(error) = jobs::resume(&setting.config, order, &mut Unmanaged, &mut |_| ()) {
        tracing::error!("{}", setting.language.say(&error.sentence()));
    }
}

fn order(id: JobId, wish: Wish, setting: &Setting) -> RestoreOrder {
    RestoreOrder { id, language: setting.language, zone: setting::zone(), wish }
}

/// Whoever manages this machine's services.
fn services(setting: &Setting) -> Result<Box<dyn Services>, Failed> {
    if !is_systemd_manager(setting.config.schedule.manager) {
        return Ok(Box::new(Unmanaged));
    }
    let runtime = runtime().map_err(ServeError::Runtime).said(setting.language)?;
    Ok(Box::new(SystemdServices::new(runtime)))
}

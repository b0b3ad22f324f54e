//! What a restore will put where: the members of the archive that the configuration names,
//! staged, and each with its place looked at. Nothing is written.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use nix::unistd::{Group, User};

use super::RestoreError;
use crate::archive::{self, Limits, Proof, ReadBack, ReadError, Staged, Staging, TarMember, Visit};
use crate::config::{Config, FileSource};
use crate::diff;
use crate::jobs::verify::is_file;
use crate::model::{ArchiveName, Form, Member, Sentence};
use crate::sources;
use crate::store::{Store, StoreError};
use crate::targets::{Place, Present};

/// Room for the names and the notes of a restore, beside its files.
const RESERVE_BYTES: u64 = 64 << 10;

/// Bytes of a settings file in which the club's name is looked for.
const MOST_OF_A_NAME: u64 = 64 << 10;

/// Members of an archive that was read to its end and is sound.
pub(super) struct Read {
    pub(super) staged: Vec<Staged>,
    pub(super) back: ReadBack,
}

/// One file that is to be put back, or to be removed.
pub(super) struct Step<'c> {
    pub(super) source: &'c FileSource,
    /// None where nothing is to be there.
    pub(super) staged: Option<Staged>,
    pub(super) place: Place,
    pub(super) present: Option<Present>,
}

/// Who a file belongs to.
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether that is who the archive says.
    pub(super) known: bool,
}

/// Reads an archive as one that may be hostile, staging what is wanted; `also` is shown each
/// member without its content.
///
/// # Errors
/// [`RestoreError::Refused`] says which rule it breaks.
pub(super) fn read(
    store: &Store,
    archive: &ArchiveName,
    wanted: &dyn Fn(&str) -> bool,
    also: &mut dyn Visit,
) -> Result<Read, RestoreError> {
    let mut both = Both { staging: Staging::new(wanted, store.directory()), also };
    let back = read_to_end(store, archive, Limits::foreign, &mut both)?;
    let staged = both.staging.finish().map_err(|error| StoreError::of("read", store.directory(), error))?;
    Ok(Read { staged, back })
}

/// The same without what is known of the archive as a whole.
pub(in crate::jobs) fn staged(
    store: &Store,
    archive: &ArchiveName,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Staged>, RestoreError> {
    read(store, archive, wanted, &mut Proof).map(|read| read.staged)
}

/// Stages, and shows each member to another visitor, without its content.
struct Both<'b, 'w> {
    staging: Staging<'w>,
    also: &'b mut dyn Visit,
}

impl Visit for Both<'_, '_> {
    fn member(&mut self, member: &TarMember, content: &mut dyn io::Read) -> Result<(), ReadError> {
        self.also.member(member, &mut io::empty())?;
        self.staging.member(member, content)
    }

    fn listed(&mut self, member: &Member) {
        self.staging.listed(member);
    }
}

/// Reads an archive to its end, within the limits for one of its size.
///
/// # Errors
/// [`RestoreError::Refused`] says which rule it breaks.
pub(in crate::jobs) fn read_to_end(
    store: &Store,
    archive: &ArchiveName,
    limits: impl FnOnce(u64) -> Limits,
    visit: &mut dyn Visit,
) -> Result<ReadBack, RestoreError> {
    let file = store.open_archive(archive)?;
    let failed = |error| StoreError::of("read", store.directory(), error);
    let length = file.metadata().map_err(failed)?.len();
    archive::read(&file, limits(length), visit).map_err(|error| match error {
        ReadError::Io(error) => failed(error).into(),
        ReadError::Damaged(damage) => RestoreError::Refused { archive: archive.clone(), damage },
    })
}

/// The places of the files that are wanted, each opened and looked at.
pub(super) fn steps<'c>(
    config: &'c Config,
    mut staged: Vec<Staged>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Step<'c>>, RestoreError> {
    let mut steps = Vec::new();
    for source in config.files.iter().filter(|source| is_wanted(&source.member)) {
        let place = Place::open(&source.path)?;
        let present = place.look()?;
        let found = staged.iter().position(|staged| staged.member == source.member);
        steps.push(Step { source, staged: found.map(|found| staged.remove(found)), place, present });
    }
    // Several files may lie on one card.
    let need: u64 = steps.iter().filter_map(|step| step.staged.as_ref()).map(|staged| staged.size).sum();
    for step in &steps {
        step.place.check_writable(need + RESERVE_BYTES)?;
    }
    Ok(steps)
}

impl Step<'_> {
    /// To whom the file is to belong: to whom it did, by name where this machine knows it;
    /// else as what lies there now, else as its folder.
    pub(super) fn owner(&self) -> Result<Owner, RestoreError> {
        let here = match &self.present {
            Some(present) => (present.uid, present.gid),
            None => self.place.folder_owner()?,
        };
        let promised = self.staged.as_ref().and_then(|staged| staged.promised.as_ref());
        let Some(promised) = promised else {
            return Ok(Owner { uid: here.0, gid: here.1, known: false });
        };
        let (uid, gid) = (user(promised), group(promised));
        let known = uid.is_some() && gid.is_some();
        Ok(Owner { uid: uid.unwrap_or(here.0), gid: gid.unwrap_or(here.1), known })
    }

    /// When the file was last modified: to the nanosecond where the manifest says it.
    pub(super) fn modified(&self) -> SystemTime {
        let Some(staged) = &self.staged else { return SystemTime::UNIX_EPOCH };
        match &staged.promised {
            Some(promised) => promised.mtime.into(),
            None => SystemTime::UNIX_EPOCH + Duration::from_secs(staged.mtime),
        }
    }
}

/// The owner's id here; none where the name is not known here.
fn user(member: &Member) -> Option<u32> {
    let Some(name) = &member.owner else { return Some(member.uid) };
    User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
}

fn group(member: &Member) -> Option<u32> {
    let Some(name) = &member.group else { return Some(member.gid) };
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}

/// The club's name in these settings, where a file of them says one; leaves each content at
/// its beginning.
pub(super) fn club_of<'s, C: io::Read + io::Seek + 's>(
    contents: impl Iterator<Item = (&'s str, &'s mut C)>,
) -> Option<String> {
    contents.filter(|(member, _)| is_settings(member)).find_map(|(_, content)| {
        let mut text = Vec::new();
        // What cannot be read says no name.
        content.by_ref().take(MOST_OF_A_NAME).read_to_end(&mut text).ok()?;
        content.rewind().ok()?;
        diff::site_of(&text)
    })
}

fn is_settings(member: &str) -> bool {
    diff::form_of(member) == Form::Settings
}

/// The club's name in the settings as they are now.
pub(in crate::jobs) fn club_here(config: &Config, spool_dir: &Path) -> Option<String> {
    let named = config.files.iter().filter(|file| is_settings(&file.member));
    let mut copies: Vec<_> = named
        .filter_map(|file| {
            Some((file.member.as_str(), sources::read_stable(&file.path, spool_dir).ok()?.spool))
        })
        .collect();
    club_of(copies.iter_mut().map(|(member, copy)| (*member, copy)))
}

/// The club's name in an archive.
pub(in crate::jobs) fn club_in(store: &Store, config: &Config, archive: &ArchiveName) -> Option<String> {
    let named = |member: &str| is_file(config, member);
    let mut staged = staged(store, archive, &named).ok()?;
    club_of(staged.iter_mut().map(|staged| (staged.member.as_str(), &mut staged.content)))
}

/// What could not be known of the files of such an archive.
pub(super) fn doubts(back: &ReadBack) -> Vec<Sentence> {
    match &back.manifest {
        Some(_) => Vec::new(),
        None => vec![Sentence::new("restore.without_manifest")],
    }
}

//! An archive beside another, or beside what is there now, secrets masked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;

use tempfile::SpooledTempFile;

use super::RestoreError;
use super::plan::{self, club_of, doubts};
use super::videos::Missing;
use crate::archive::Staged;
use crate::config::{Config, SYSTEM_INFO_MEMBER};
use crate::diff::{self, Mask};
use crate::jobs::JobError;
use crate::model::{ArchiveName, Comparison, Form, Preview, PreviewFile, Sentence};
use crate::sources::{self, SourceError};
use crate::store::{Store, StoreError};
use crate::targets::Place;

/// One side: each member's content at its beginning.
type Side = BTreeMap<String, SpooledTempFile>;

/// What a restore of this archive would change; changes nothing.
///
/// # Errors
/// [`RestoreError::Refused`] where the archive is not to be trusted.
pub fn preview(store: &Store, config: &Config, archive: &ArchiveName) -> Result<Preview, RestoreError> {
    let names: BTreeSet<_> =
        config.files.iter().map(|file| &file.member).chain(inventories(config)).collect();
    let wanted = |member: &str| names.iter().any(|name| *name == member);
    let mut missing = Missing::of(config);
    let mut read = plan::read(store, archive, &wanted, &mut missing)?;
    let mut warnings = doubts(&read.back);
    warnings.extend(missing.sentence());
    warnings.extend(missing.check_room().err().map(|error| error.sentence()));
    let files = config.files.iter().map(|source| {
        let staged = read.staged.iter_mut().find(|staged| staged.member == source.member);
        let archived = staged.is_some();
        let problem = problem_of(staged, &source.path);
        let path = source.path.display().to_string();
        PreviewFile { member: source.member.clone(), path, archived, problem }
    });
    let files = files.collect();
    let mut before = side_of(read.staged);
    let mut after = here(store, config, &mut warnings)?;
    let [club, club_here] = [&mut before, &mut after]
        .map(|side| club_of(side.iter_mut().map(|(member, content)| (member.as_str(), content))));
    Ok(Preview {
        archive: archive.clone(),
        comparison: beside(config, before, after)?,
        files,
        club,
        club_here,
        proven: read.back.manifest.is_some(),
        warnings,
    })
}

/// What changed from one archive to another.
///
/// # Errors
/// [`RestoreError::Refused`] where one is not to be trusted.
pub fn compare(
    store: &Store,
    config: &Config,
    older: &ArchiveName,
    newer: &ArchiveName,
) -> Result<Comparison, RestoreError> {
    // Copied videos are in the inventory; system information is never the same.
    let wanted = |member: &str| !member.contains('/') && member != SYSTEM_INFO_MEMBER;
    let side = |name| plan::staged(store, name, &wanted).map(side_of);
    beside(config, side(older)?, side(newer)?)
}

/// Why a file cannot be put back; none where it can.
fn problem_of(staged: Option<&mut Staged>, path: &Path) -> Option<Sentence> {
    let staged = staged?;
    let place = Place::open(path).and_then(|place| {
        place.look()?;
        place.check_writable(staged.size)
    });
    match (place, staged.fault()) {
        (Err(error), _) => Some(error.sentence()),
        (Ok(()), Ok(None)) => None,
        (Ok(()), Ok(Some(fault))) => {
            Some(RestoreError::Faulty { member: staged.member.clone(), fault }.sentence())
        }
        (Ok(()), Err(error)) => Some(StoreError::of("read", path, error).sentence()),
    }
}

fn side_of(staged: Vec<Staged>) -> Side {
    staged.into_iter().map(|staged| (staged.member, staged.content)).collect()
}

/// What is there now: of the same names.
fn here(store: &Store, config: &Config, warnings: &mut Vec<Sentence>) -> Result<Side, RestoreError> {
    let spool_dir = store.directory();
    let job = |error| RestoreError::from(JobError::of_source(error, spool_dir));
    let mut side = Side::new();
    for source in &config.files {
        match sources::read_stable(&source.path, spool_dir) {
            Ok(copy) => drop(side.insert(source.member.clone(), copy.spool)),
            Err(SourceError::Missing { .. }) => {}
            Err(error @ SourceError::Spool { .. }) => return Err(job(error)),
            Err(error) => warnings.push(error.sentence()),
        }
    }
    for source in &config.inventories {
        let inventory = sources::take_inventory(&source.path, spool_dir, &mut |_, _| ()).map_err(job)?;
        let lines = inventory.into_lines().map_err(|error| StoreError::of("read", spool_dir, error))?;
        side.insert(source.member.clone(), lines);
    }
    Ok(side)
}

fn beside(config: &Config, mut before: Side, mut after: Side) -> Result<Comparison, RestoreError> {
    let mask = Mask::new(&config.masking.keys);
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let mut members = Vec::new();
    for member in names {
        let form = form_of(config, &member);
        let [mut older, mut newer] =
            [&mut before, &mut after].map(|side| side.remove(&member).map(BufReader::new));
        let [older, newer] =
            [&mut older, &mut newer].map(|side| side.as_mut().map(|side| side as &mut dyn BufRead));
        let found = diff::compare(&member, form, older, newer, &mask);
        members.push(found.map_err(|error| StoreError::of("compare", Path::new(&member), error))?);
    }
    Ok(Comparison { members })
}

/// How a member is read: as the list that the configuration says it is, else by its name.
pub(in crate::jobs) fn form_of(config: &Config, member: &str) -> Form {
    if inventories(config).any(|name| name == member) { Form::Inventory } else { diff::form_of(member) }
}

fn inventories(config: &Config) -> impl Iterator<Item = &String> {
    config.inventories.iter().map(|inventory| &inventory.member)
}

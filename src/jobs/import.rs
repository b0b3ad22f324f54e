//! Takes in an archive that comes from somebody's computer.

use serde::Serialize;

use super::verify::{is_file, rehearse};
use crate::archive::Staging;
use crate::config::Config;
use crate::model::{ArchiveName, Rehearsal, Sentence};
use crate::store::{Import, Proven, Store, StoreError};

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Its name.
    pub name: ArchiveName,
    /// Whether it was there already, to the last byte.
    pub known: bool,
    /// What could not be verified, or what a restore of it would meet.
    pub warnings: Vec<Sentence>,
}

/// Reads a copied archive to its end, tries its restore, and lists it.
///
/// # Errors
/// [`StoreError::Refused`] where it is no archive of ours, [`StoreError::NameTaken`] where
/// another one has its name.
pub fn import(store: &Store, config: &Config, import: Import) -> Result<Imported, StoreError> {
    let (proven, rehearsal, imported) = look_into(store, config, import)?;
    if !imported.known {
        store.publish(proven, rehearsal, &store.lock()?)?;
    }
    Ok(imported)
}

/// What [`import`] would make of it; lists nothing.
///
/// # Errors
/// As [`import`].
pub fn try_import(store: &Store, config: &Config, import: Import) -> Result<Imported, StoreError> {
    let (_, _, imported) = look_into(store, config, import)?;
    if !imported.known && store.find(&imported.name).is_ok() {
        return Err(StoreError::NameTaken { name: imported.name });
    }
    Ok(imported)
}

fn look_into(
    store: &Store,
    config: &Config,
    import: Import,
) -> Result<(Proven, Option<Rehearsal>, Imported), StoreError> {
    let wanted = |member: &str| is_file(config, member);
    let mut staging = Staging::new(&wanted, store.directory());
    let proven = import.prove(&mut staging)?;
    let rehearsal = rehearse(store, staging);
    let mut warnings = Vec::new();
    if !proven.has_manifest() {
        warnings.push(Sentence::new("restore.without_manifest"));
    }
    if let Some(Rehearsal::Failed { reason }) = &rehearsal {
        warnings.push(reason.clone());
    }
    let imported = Imported { name: proven.name().clone(), known: proven.is_there(store), warnings };
    Ok((proven, rehearsal, imported))
}

//! What an archive holds, read from the archive itself, and one member of it.

use std::io::{BufReader, Read};

use serde::Serialize;

use super::restore::{RestoreError, form_of, read_archive, read_to_end};
use crate::archive::{Limits, ReadError, Staged, TarMember, Visit};
use crate::config::Config;
use crate::diff::{self, Mask};
use crate::model::{ArchiveName, Form, ManifestHead, Member, escape::escape};
use crate::store::{Store, StoreError};

/// Members that are told; a copied film library has more than anyone reads.
const MOST: usize = 1000;

/// What an archive holds. Reading it has proved it.
#[derive(Clone, Debug, Serialize)]
pub struct Contents {
    /// The manifest but its members; none in an archive of the former script.
    pub manifest: Option<ManifestHead>,
    /// The first thousand members.
    pub members: Vec<Held>,
    /// How many there are.
    pub count: usize,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Its name, escaped.
    pub member: String,
    /// Bytes.
    pub size: u64,
    /// Permission bits in octal.
    pub mode: String,
    /// All that the manifest says; null without one.
    #[serde(flatten)]
    pub promised: Option<Promised>,
}

/// What only a manifest says of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promised {
    /// Where it was read from.
    pub path: Option<String>,
    /// The owner's and the group's numeric ids.
    pub uid: u32,
    /// The group's.
    pub gid: u32,
    /// The owner's name.
    pub owner: Option<String>,
    /// The group's name.
    pub group: Option<String>,
    /// The last modification.
    pub mtime: jiff::Timestamp,
    /// The content's SHA-256.
    pub sha256: String,
}

/// One member as it may be shown.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its name.
    pub member: String,
    /// Bytes of the original.
    pub size: u64,
    /// How it was read.
    pub form: Form,
    /// Its text with secrets masked; null where it cannot be shown so.
    pub text: Option<String>,
}

#[derive(Default)]
struct Seen(Vec<Held>);

impl Visit for Seen {
    fn member(&mut self, member: &TarMember, _: &mut dyn Read) -> Result<(), ReadError> {
        if self.0.len() < MOST {
            let (name, mode) = (escape(&member.name), format!("{:04o}", member.mode));
            self.0.push(Held { member: name, size: member.size, mode, promised: None });
        }
        Ok(())
    }

    fn listed(&mut self, member: &Member) {
        let held = self.0.iter_mut().find(|held| held.promised.is_none() && held.member == member.member);
        let Some(held) = held else { return };
        let Member { path, uid, gid, owner, group, mtime, sha256, .. } = member.clone();
        held.promised = Some(Promised { path, uid, gid, owner, group, mtime, sha256 });
    }
}

/// Reads an archive to its end and says what it holds.
///
/// # Errors
/// [`RestoreError::Refused`] where it is damaged.
pub fn contents(store: &Store, name: &ArchiveName) -> Result<Contents, RestoreError> {
    let mut seen = Seen::default();
    let back = read_to_end(store, name, |_| Limits::STORED, &mut seen)?;
    let manifest = back.manifest.map(|(head, _)| head);
    Ok(Contents { manifest, members: seen.0, count: back.members, bytes: back.bytes })
}

/// One member of an archive that was read to its end: its content as it is.
///
/// # Errors
/// [`RestoreError::NoMember`], [`RestoreError::Refused`].
pub fn member(store: &Store, name: &ArchiveName, member: &str) -> Result<Staged, RestoreError> {
    let mut staged = read_archive(store, name, &|found| found == member)?;
    staged.pop().ok_or_else(|| RestoreError::NoMember { archive: name.clone(), member: member.to_owned() })
}

/// The same as it may be shown.
///
/// # Errors
/// As [`member`].
pub fn shown(
    store: &Store,
    config: &Config,
    name: &ArchiveName,
    wanted: &str,
) -> Result<Shown, RestoreError> {
    let Staged { member, content, size, .. } = member(store, name, wanted)?;
    let form = form_of(config, &member);
    let mask = Mask::new(&config.masking.keys);
    let text = diff::view(form, &mut BufReader::new(content), &mask);
    let text = text.map_err(|error| StoreError::of("read", store.directory(), error))?;
    Ok(Shown { member, size, form, text })
}

//! The strict walk over a tar stream's raw entries: names, kinds, sizes, order.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

use tar::{Entry, EntryType};

use super::error::{Damage, ReadError};
use super::limits::{LONGEST_NAME, Limits, TarMember};
use crate::model::{ArchiveName, escape::escape};

/// What the walk remembers of the entries seen so far.
pub(super) struct Gate {
    limits: Limits,
    folder: Option<String>,
    long_name: Option<Vec<u8>>,
    seen: HashSet<u64>,
    hasher: RandomState,
    total: u64,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        let (folder, long_name, hasher) = (None, None, RandomState::new());
        Self { limits, folder, long_name, seen: HashSet::new(), hasher, total: 0 }
    }

    /// The one folder, once an entry has named it.
    pub(super) fn into_folder(self) -> Option<String> {
        self.folder
    }

    /// Lets one raw entry pass as a member, takes it as a note on the next (none),
    /// or refuses the archive.
    pub(super) fn admit<R: Read>(
        &mut self,
        entry: &mut Entry<'_, R>,
    ) -> Result<Option<TarMember>, ReadError> {
        let header = entry.header();
        let kind = header.entry_type();
        let size = header.entry_size()?;
        if kind == EntryType::GNULongName {
            return self.note_long_name(entry, size).map(|()| None);
        }
        let name = match self.long_name.take() {
            Some(name) => name,
            None => header.path_bytes().into_owned(),
        };
        let shown = || escape(&name);
        if !matches!(kind, EntryType::Regular | EntryType::Directory) {
            return Err(Damage::ForeignKind { member: shown(), kind: kind_code(kind) }.into());
        }
        let inner = self.below_folder(&name)?;
        if kind == EntryType::Directory {
            return if size == 0 { Ok(None) } else { Err(Damage::UnsafeName(shown()).into()) };
        }
        let Some(inner) = inner else { return Err(Damage::UnsafeName(shown()).into()) };
        self.count(inner, size)?;
        let (mode, mtime) = (header.mode()? & 0o777, header.mtime()?);
        Ok(Some(TarMember { name: inner.to_vec(), size, mode, mtime }))
    }

    /// GNU tar writes a name of more than 100 bytes as an entry before the entry.
    fn note_long_name<R: Read>(&mut self, entry: &mut Entry<'_, R>, size: u64) -> Result<(), ReadError> {
        if size > LONGEST_NAME || self.long_name.is_some() {
            return Err(Damage::TooLarge { what: "name", limit: LONGEST_NAME }.into());
        }
        let mut name = Vec::new();
        entry.read_to_end(&mut name)?;
        while name.last() == Some(&0) {
            name.pop();
        }
        self.long_name = Some(name);
        Ok(())
    }

    /// The part of the name below the one folder; none for the folder itself.
    fn below_folder<'n>(&mut self, name: &'n [u8]) -> Result<Option<&'n [u8]>, Damage> {
        let unsafe_name = || Damage::UnsafeName(escape(name));
        let plain = name.strip_prefix(b"./").unwrap_or(name);
        let plain = plain.strip_suffix(b"/").unwrap_or(plain);
        let mut parts = plain.split(|byte| *byte == b'/');
        let folder = parts.next().and_then(|part| str::from_utf8(part).ok()).ok_or_else(unsafe_name)?;
        if format!("{folder}.tar.gz").parse::<ArchiveName>().is_err() {
            return Err(unsafe_name());
        }
        if self.folder.get_or_insert_with(|| folder.to_owned()) != folder {
            return Err(unsafe_name());
        }
        let mut any = false;
        for part in parts {
            any = true;
            if part.is_empty() || part == b"." || part == b".." || part.contains(&0) {
                return Err(unsafe_name());
            }
        }
        Ok(any.then(|| &plain[folder.len() + 1..]))
    }

    fn count(&mut self, name: &[u8], size: u64) -> Result<(), Damage> {
        let Limits { member_bytes, total_bytes, members } = self.limits;
        if size > member_bytes {
            return Err(Damage::TooLarge { what: "member", limit: member_bytes });
        }
        self.total = self.total.saturating_add(size);
        if self.total > total_bytes {
            return Err(Damage::TooLarge { what: "total", limit: total_bytes });
        }
        if self.seen.len() as u64 >= members {
            return Err(Damage::TooLarge { what: "members", limit: members });
        }
        // Eight bytes a name: a keyed hash, so that no one can prepare a collision.
        if !self.seen.insert(self.hasher.hash_one(name)) {
            return Err(Damage::Duplicate(escape(name)));
        }
        Ok(())
    }
}

/// The end of the kind's key in the catalogue.
fn kind_code(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Symlink | EntryType::Link => "link",
        EntryType::Char | EntryType::Block => "device",
        EntryType::Fifo => "fifo",
        EntryType::GNUSparse => "sparse",
        EntryType::XHeader | EntryType::XGlobalHeader | EntryType::GNULongLink => "extension",
        _ => "other",
    }
}

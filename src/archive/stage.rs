//! Members that are to be put back, copied while their archive is read. Nothing of it may
//! be believed before the whole archive has been.

use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::Hashing;
use super::error::{Damage, ReadError};
use super::limits::TarMember;
use super::read::Visit;
use crate::model::{Digest, Member, Sentence, escape::escape};
use crate::sources::is_json;

/// Bytes that a copy may take in memory before it moves to an unnamed file (256 KiB): settings stay
/// there, and the list of some thousand videos is not held beside the archive's buffers.
const SPOOL_IN_MEMORY: usize = 256 << 10;
/// Bytes that are looked at once.
const PIECE: usize = 64 << 10;

/// Copies the members that are wanted.
pub struct Staging<'w> {
    wanted: &'w dyn Fn(&str) -> bool,
    spool_dir: PathBuf,
    staged: Vec<Staged>,
}

/// One copied member.
#[derive(Debug)]
pub struct Staged {
    /// Its name, escaped; a wanted one needs no escapes.
    pub member: String,
    /// Its content, in memory or in a file without a name.
    pub content: SpooledTempFile,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub mtime: u64,
    /// Of the content.
    pub digest: Digest,
    /// What the manifest says of it; none in an archive without one.
    pub promised: Option<Member>,
}

/// Why a member must not be put back although its archive is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is called JSON and is none.
    NotJson,
    /// It is called a settings file and has NULs in it, as after a pulled plug.
    NotText,
}

impl Fault {
    /// What is wrong, in words that can stand behind "NAME ".
    pub fn sentence(self) -> Sentence {
        Sentence::new(match self {
            Self::NotJson => "restore.fault_json",
            Self::NotText => "restore.fault_text",
        })
    }
}

impl<'w> Staging<'w> {
    /// Stages what is wanted; copies of more than a MiB lie in `spool_dir`, without a name.
    pub fn new(wanted: &'w dyn Fn(&str) -> bool, spool_dir: &Path) -> Self {
        Self { wanted, spool_dir: spool_dir.to_owned(), staged: Vec::new() }
    }

    /// What was staged, each at its beginning, in the archive's order.
    pub fn finish(mut self) -> io::Result<Vec<Staged>> {
        for staged in &mut self.staged {
            staged.content.rewind()?;
        }
        Ok(self.staged)
    }
}

impl Visit for Staging<'_> {
    fn member(&mut self, member: &TarMember, content: &mut dyn Read) -> Result<(), ReadError> {
        let name = escape(&member.name);
        if !(self.wanted)(&name) {
            return Ok(());
        }
        let mut spool = SpooledTempFile::new_in(SPOOL_IN_MEMORY, &self.spool_dir);
        let mut hashing = Hashing::new(content);
        let size = io::copy(&mut hashing, &mut spool)?;
        if size != member.size {
            return Err(Damage::CutShort.into());
        }
        self.staged.push(Staged {
            member: name,
            content: spool,
            size,
            mode: member.mode,
            mtime: member.mtime,
            digest: hashing.digest(),
            promised: None,
        });
        Ok(())
    }

    fn listed(&mut self, member: &Member) {
        let staged = self.staged.iter_mut().find(|staged| staged.member == member.member);
        if let Some(staged) = staged {
            staged.promised = Some(member.clone());
        }
    }
}

impl Staged {
    /// Whether its content is what its name says; leaves it at its beginning.
    pub fn fault(&mut self) -> io::Result<Option<Fault>> {
        self.content.rewind()?;
        let fault = fault_of(&self.member, &mut self.content)?;
        self.content.rewind()?;
        Ok(fault)
    }
}

/// Whether a content is what the member's name says.
pub fn fault_of(member: &str, content: &mut dyn Read) -> io::Result<Option<Fault>> {
    match member.rsplit_once('.').map(|(_, kind)| kind) {
        Some("json") => Ok((!is_json(content)?).then_some(Fault::NotJson)),
        Some("env" | "conf" | "ini") => Ok(has_nul(content)?.then_some(Fault::NotText)),
        _ => Ok(None),
    }
}

fn has_nul(content: &mut dyn Read) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    loop {
        match content.read(&mut piece) {
            Ok(0) => return Ok(false),
            Ok(count) if piece[..count].contains(&0) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

//! Reads the sources into stable copies, before the first byte of the archive is
//! written: what is archived is what was read, whatever happens to the originals.

use std::io::{self, Read, Seek};
use std::path::Path;

use jiff::Timestamp;

use super::JobError;
use super::report::Report;
use crate::archive::MemberMeta;
use crate::config::{Config, InventorySource, SYSTEM_INFO_MEMBER};
use crate::model::{Sentence, Step, size_in_words};
use crate::sources::{self, Inventory, SourceError, StableCopy};

/// Made by this program, so no original's mode is to be kept.
const GENERATED_MODE: u32 = 0o644;

/// Everything that goes into the archive, but the copied videos.
pub(super) struct Gathered<'c> {
    /// By name.
    pub(super) members: Vec<(MemberMeta, Content)>,
    /// The inventories whose files are copied, and how much that is.
    pub(super) included: Vec<Included<'c>>,
    /// The newest source: the time of what has none of its own, so that the
    /// archive of the same sources is the same whenever it is made.
    pub(super) newest: Timestamp,
}

/// An inventory whose files are copied.
pub(super) struct Included<'c> {
    pub(super) source: &'c InventorySource,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// A member's content, readable again from its beginning.
pub(super) enum Content {
    Copy(StableCopy),
    Inventory(Inventory),
    Text(String),
}

impl Content {
    pub(super) fn reader(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Copy(copy) => {
                copy.spool.rewind()?;
                Box::new(&mut copy.spool)
            }
            Self::Inventory(inventory) => Box::new(inventory.reader()?),
            Self::Text(text) => Box::new(text.as_bytes()),
        })
    }
}

impl Gathered<'_> {
    /// Bytes that the archive needs at least. Text shrinks to a quarter and less;
    /// videos do not shrink.
    pub(super) fn need_bytes(&self) -> u64 {
        let text: u64 = self.members.iter().map(|(meta, _)| meta.size).sum();
        let videos: u64 = self.included.iter().map(|included| included.bytes).sum();
        text / 4 + videos
    }
}

/// Reads all sources.
///
/// # Errors
/// A required file that cannot be read; an optional one is a warning.
pub(super) fn gather<'c>(
    config: &'c Config,
    spool_dir: &Path,
    report: &mut Report<'_, '_>,
) -> Result<Gathered<'c>, JobError> {
    let mut gathered = Gathered { members: Vec::new(), included: Vec::new(), newest: Timestamp::UNIX_EPOCH };
    report.journal.step(Step::Files);
    read_files(config, spool_dir, report, &mut gathered)?;
    report.journal.step(Step::Inventory);
    for source in &config.inventories {
        let progress = &mut |files, bytes| report.journal.progress(bytes, files, None);
        let inventory = sources::take_inventory(&source.path, spool_dir, progress)
            .map_err(|error| JobError::of_source(error, spool_dir))?;
        for warning in &inventory.warnings {
            report.warn(warning.clone());
        }
        gathered.newest = gathered.newest.max(inventory.newest.unwrap_or_default());
        if source.include {
            report.caution(
                Sentence::new("run.videos_copied")
                    .with("path", source.path.display())
                    .with("files", inventory.files)
                    .with("size", size_in_words(inventory.bytes)),
            );
            gathered.included.push(Included { source, files: inventory.files, bytes: inventory.bytes });
        }
        let path = source.path.as_os_str().as_encoded_bytes().to_vec();
        let meta = generated(&source.member, Some(path), inventory.size());
        gathered.members.push((meta, Content::Inventory(inventory)));
    }
    let info = sources::system_info(spool_dir);
    gathered.members.push((generated(SYSTEM_INFO_MEMBER, None, info.len() as u64), Content::Text(info)));
    for (meta, content) in &mut gathered.members {
        if !matches!(content, Content::Copy(_)) {
            meta.mtime = gathered.newest;
        }
    }
    gathered.members.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    Ok(gathered)
}

fn read_files(
    config: &Config,
    spool_dir: &Path,
    report: &mut Report<'_, '_>,
    gathered: &mut Gathered<'_>,
) -> Result<(), JobError> {
    for source in &config.files {
        let copy = match sources::read_stable(&source.path, spool_dir) {
            Ok(copy) => copy,
            Err(error @ SourceError::Spool { .. }) => return Err(JobError::of_source(error, spool_dir)),
            Err(error) if source.required => return Err(error.into()),
            Err(error) => {
                report.warn(error.sentence());
                continue;
            }
        };
        if !copy.settled {
            report.warn(Sentence::new("run.never_settled").with("path", source.path.display()));
        } else if copy.valid_json == Some(false) {
            report.warn(Sentence::new("run.not_json").with("path", source.path.display()));
        }
        gathered.newest = gathered.newest.max(copy.mtime);
        let meta = MemberMeta {
            name: source.member.clone().into_bytes(),
            path: Some(source.path.as_os_str().as_encoded_bytes().to_vec()),
            size: copy.size,
            mode: copy.mode,
            uid: copy.uid,
            gid: copy.gid,
            owner: copy.owner.clone(),
            group: copy.group.clone(),
            mtime: copy.mtime,
        };
        gathered.members.push((meta, Content::Copy(copy)));
    }
    Ok(())
}

fn generated(name: &str, path: Option<Vec<u8>>, size: u64) -> MemberMeta {
    MemberMeta {
        name: name.as_bytes().to_vec(),
        path,
        size,
        mode: GENERATED_MODE,
        uid: 0,
        gid: 0,
        owner: None,
        group: None,
        mtime: Timestamp::UNIX_EPOCH,
    }
}

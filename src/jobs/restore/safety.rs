//! The copy of what is there now, made before anything is replaced: an archive like any
//! other, which is pinned once the restore is done, for as long as that can be taken back.

use std::collections::HashMap;

use jiff::Zoned;

use super::RestoreError;
use super::plan::Step;
use crate::config::Config;
use crate::jobs::backup::Run;
use crate::jobs::gather::{self, Content};
use crate::jobs::reconcile::judge_clock;
use crate::jobs::report::Report;
use crate::model::{ArchiveName, Digest, Sentence};
use crate::store::{RunLock, Store};

/// The copy, and what each file in it was like; a file that is not in it was not there.
pub(super) struct Safety {
    pub(super) archive: ArchiveName,
    pub(super) digests: HashMap<String, Digest>,
}

/// Makes the copy.
///
/// # Errors
/// [`RestoreError::NoSafety`] where a file that is to be replaced could not be copied;
/// disk full, and everything else that a backup can fail at.
pub(super) fn copy(
    config: &Config,
    store: &Store,
    lock: &RunLock,
    steps: &[Step<'_>],
    report: &mut Report<'_, '_>,
) -> Result<Safety, RestoreError> {
    let begun: Zoned = report.begun().clone();
    store.check_space(0)?;
    // What is not there is no reason to refuse what would bring it back; videos stay as they are.
    let mut config = config.clone();
    config.files.iter_mut().for_each(|file| file.required = false);
    config.inventories.iter_mut().for_each(|inventory| inventory.include = false);
    let mut gathered = gather::gather(&config, store.directory(), report)?;
    let copies = gathered.members.iter().filter_map(|(meta, content)| match content {
        Content::Copy(copy) => Some((String::from_utf8_lossy(&meta.name).into_owned(), Digest(copy.sha256))),
        Content::Inventory(_) | Content::Text(_) => None,
    });
    let digests: HashMap<_, _> = copies.collect();
    for step in steps {
        let member = &step.source.member;
        if step.present.is_some() && !digests.contains_key(member) {
            return Err(RestoreError::NoSafety { member: member.clone() });
        }
    }
    let (trust, _) = judge_clock(store);
    let mut run = Run { config: &config, store, lock, begun: &begun, report };
    let (archive, _) = run.archive(&mut gathered, trust)?;
    report.info(Sentence::new("restore.safety").with("name", &archive));
    Ok(Safety { archive, digests })
}

//! Reads archives back to their last byte, and puts their files into a scratch folder: what
//! a restore would find.

use std::io::{self, Seek};
use std::path::Path;

use crate::archive::{Staged, Staging, digest_of, fault_of};
use crate::config::Config;
use crate::model::{ArchiveName, Rehearsal, Sentence, Verification};
use crate::store::{Store, StoreError};
use crate::targets::Place;

/// Reads one archive to its end, tries its restore, and remembers what that has shown.
///
/// # Errors
/// Where the disk fails, which says nothing about the archive, nothing is remembered.
pub fn verify(store: &Store, config: &Config, name: &ArchiveName) -> Result<Verification, StoreError> {
    let wanted = |member: &str| is_file(config, member);
    let mut staging = Staging::new(&wanted, store.directory());
    let examined = store.examine(name, &mut staging)?;
    let verification = examined.verification().clone();
    let rehearsal = if verification.is_good() { rehearse(store, staging) } else { None };
    store.note_examined(name, examined, rehearsal)?;
    Ok(verification)
}

/// Whether a restore would put this member back.
pub(super) fn is_file(config: &Config, member: &str) -> bool {
    config.files.iter().any(|file| file.member == member)
}

/// Puts what was staged into a scratch folder and looks whether it came out as it went in;
/// none where there was no room for it, which says nothing about the archive.
pub(super) fn rehearse(store: &Store, staging: Staging<'_>) -> Option<Rehearsal> {
    let tried = staging.finish().and_then(|staged| {
        let scratch = store.scratch()?;
        for mut staged in staged {
            if let Some(reason) = put(&mut staged, scratch.path())? {
                return Ok(Rehearsal::Failed { reason });
            }
        }
        Ok(Rehearsal::Proven)
    });
    tried.inspect_err(|error| tracing::warn!(%error, "restore not tried")).ok()
}

/// Why the file is not what it should be once it is on the disk; none where it is.
fn put(staged: &mut Staged, scratch: &Path) -> io::Result<Option<Sentence>> {
    // Whoever shares the state directory could put a link in the folder's place.
    let place = Place::open(&scratch.join(&staged.member)).map_err(io::Error::other)?;
    let mut file = place.create().map_err(io::Error::other)?;
    io::copy(&mut staged.content, &mut file)?;
    let mut again = place.open_file().map_err(io::Error::other)?;
    let digest = digest_of(&mut again)?.to_string();
    let promised = staged.promised.as_ref().map_or(staged.digest.to_string(), |member| member.sha256.clone());
    if digest != promised {
        return Ok(Some(Sentence::new("rehearsal.differs").with("member", &staged.member)));
    }
    again.rewind()?;
    Ok(fault_of(&staged.member, &mut again)?.map(|fault| {
        Sentence::new("rehearsal.fault")
            .with("member", &staged.member)
            .with_sentence("fault", fault.sentence())
    }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::model::Digest;

    fn staged(content: &[u8]) -> Staged {
        let mut spool = tempfile::SpooledTempFile::new(1 << 10);
        io::Write::write_all(&mut spool, content).unwrap();
        spool.rewind().unwrap();
        let digest = digest_of(&mut &content[..]).unwrap();
        let member = "configuration.json".to_owned();
        Staged { member, content: spool, size: 0, mode: 0o644, mtime: 0, digest, promised: None }
    }

    #[test]
    fn a_rehearsal_tells_what_came_out_otherwise_or_is_not_what_it_is_called() {
        let tried = |staged: &mut Staged| {
            let scratch = tempfile::tempdir().unwrap();
            put(staged, &scratch.path().canonicalize().unwrap()).unwrap().map(|reason| reason.key)
        };
        assert_eq!(tried(&mut staged(b"{}")), None);
        assert_eq!(tried(&mut staged(b"{")).as_deref(), Some("rehearsal.fault"));
        let other = &mut staged(b"{}");
        other.digest = Digest([0; 32]);
        assert_eq!(tried(other).as_deref(), Some("rehearsal.differs"));
    }

    #[test]
    fn a_link_in_the_place_of_the_scratch_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (elsewhere, scratch) = (folder.join("elsewhere"), folder.join("scratch"));
        std::fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, &scratch).unwrap();
        assert!(put(&mut staged(b"{}"), &scratch).is_err());
        assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
    }
}

//! Which archives are wanted.

use jiff::tz::TimeZone;

use super::Words;
use crate::model::{ArchiveInfo, Rehearsal, Verification};

/// What an archive must be to be listed; everything is, where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Each of them occurs in what is said of it.
    pub words: Words,
    /// Its state.
    pub only: Option<Only>,
}

/// Archives of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// They agree with their manifests.
    Verified,
    /// Damaged, not read yet, or could not be put back into a scratch folder.
    Doubtful,
    /// A person asked to keep them.
    Pinned,
}

impl Only {
    fn is(self, archive: &ArchiveInfo) -> bool {
        match self {
            Self::Verified => archive.verification == Verification::Verified,
            Self::Doubtful => {
                matches!(archive.verification, Verification::Damaged { .. } | Verification::Unverified)
                    || matches!(archive.rehearsal, Some(Rehearsal::Failed { .. }))
            }
            Self::Pinned => archive.pinned,
        }
    }
}

impl Wanted {
    /// Those that are wanted, in their order.
    pub fn among<'a, T: AsRef<ArchiveInfo>>(&self, archives: &'a [T], zone: &TimeZone) -> Vec<&'a T> {
        let is_wanted = |archive: &&T| self.only.is_none_or(|only| only.is((*archive).as_ref()));
        let mut found: Vec<_> = archives.iter().filter(is_wanted).collect();
        self.words.retain(&mut found, zone);
        found
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::Sentence;

    #[test]
    fn each_kind_has_its_archives() {
        let reason = || Sentence::new("damage.empty");
        let made = |state| ArchiveInfo::made(Timestamp::UNIX_EPOCH, state);
        let archives = [
            made(Verification::Verified),
            made(Verification::Readable),
            made(Verification::Damaged { reason: reason() }),
            made(Verification::Unverified),
            ArchiveInfo {
                rehearsal: Some(Rehearsal::Failed { reason: reason() }),
                pinned: true,
                ..made(Verification::Verified)
            },
            ArchiveInfo { rehearsal: Some(Rehearsal::Proven), ..made(Verification::Verified) },
        ];
        let places = |only| -> Vec<usize> {
            let wanted = Wanted { only, ..Wanted::default() };
            let found = wanted.among(&archives, &TimeZone::UTC);
            found.iter().map(|one| archives.iter().position(|all| std::ptr::eq(all, *one)).unwrap()).collect()
        };
        assert_eq!(places(None), [0, 1, 2, 3, 4, 5]);
        assert_eq!(places(Some(Only::Verified)), [0, 4, 5]);
        assert_eq!(places(Some(Only::Doubtful)), [2, 3, 4]);
        assert_eq!(places(Some(Only::Pinned)), [4]);
    }
}

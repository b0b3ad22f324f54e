//! The look before a restore: what is asked, whether the archive may be trusted with it, and
//! where each file belongs. Nothing is written.

use jiff::Timestamp;

use super::making::Restoring;
use super::plan::{self, Step};
use super::videos::Missing;
use super::{RestoreError, Wish};
use crate::archive::Staged;
use crate::jobs::verify::is_file;
use crate::model::{ArchiveName, Sentence, Step as Stage};
use crate::store::StoreError;

/// What is to be put back, and what is to go.
pub(super) struct Asked {
    pub(super) archive: ArchiveName,
    pub(super) members: Option<Vec<String>>,
    removed: Vec<String>,
    /// Whose settings may be put back: anybody's where they were here before.
    club: Club,
}

enum Club {
    /// This box's, or the one that was named.
    Same { confirm: Option<String> },
    /// Anybody's.
    Any,
}

impl<'r> Restoring<'r, '_, '_> {
    pub(super) fn asked(&self, wish: Wish) -> Result<Asked, RestoreError> {
        match wish {
            Wish::Restore { archive, members, confirm } => {
                Ok(Asked { archive, members, removed: Vec::new(), club: Club::Same { confirm } })
            }
            Wish::Undo => {
                let undo = self.store.way_back(Timestamp::now())?.ok_or(RestoreError::NothingToUndo)?;
                let kept = undo.members.into_iter().filter(|member| !undo.absent.contains(member));
                let members = Some(kept.collect());
                Ok(Asked { archive: undo.safety, members, removed: undo.absent, club: Club::Any })
            }
        }
    }

    /// Reads the archive, looks at every place, and refuses what must not be done.
    pub(super) fn look(
        &mut self,
        asked: &Asked,
        missing: &mut Missing<'r>,
    ) -> Result<Vec<Step<'r>>, RestoreError> {
        let Asked { archive, members, removed, club } = asked;
        self.report.journal.step(Stage::Verify);
        let named = |member: &str| is_file(self.config, member);
        let is_asked =
            |member: &str| members.as_ref().is_none_or(|members| members.iter().any(|asked| asked == member));
        let mut read = plan::read(self.store, archive, &named, missing)?;
        self.report.journal.step(Stage::Compare);
        let no_member =
            |member: &String| RestoreError::NoMember { archive: archive.clone(), member: member.clone() };
        for member in members.iter().flatten() {
            if !read.staged.iter().any(|staged| staged.member == *member) {
                return Err(no_member(member));
            }
        }
        if let Club::Same { confirm } = club {
            self.same_club(&mut read.staged, confirm.as_deref())?;
        }
        read.staged.retain(|staged| is_asked(&staged.member));
        for staged in &mut read.staged {
            let fault = staged.fault().map_err(|error| self.unread(error))?;
            if let Some(fault) = fault {
                return Err(RestoreError::Faulty { member: staged.member.clone(), fault });
            }
        }
        for sentence in plan::doubts(&read.back) {
            self.report.warn(sentence);
        }
        let archived: Vec<_> = read.staged.iter().map(|staged| staged.member.clone()).collect();
        if archived.is_empty() && removed.is_empty() {
            return Err(RestoreError::Nothing { archive: archive.clone() });
        }
        for file in
            self.config.files.iter().filter(|file| members.is_none() && !archived.contains(&file.member))
        {
            self.report.warn(Sentence::new("restore.not_archived").with("member", &file.member));
        }
        if members.is_none() {
            missing.check_room()?;
        }
        plan::steps(self.config, read.staged, &|member| {
            [&archived, removed].iter().any(|list| list.iter().any(|named| named == member))
        })
    }

    /// Another club's settings are put back only by who names that club.
    fn same_club(&self, staged: &mut [Staged], confirm: Option<&str>) -> Result<(), RestoreError> {
        let theirs =
            plan::club_of(staged.iter_mut().map(|staged| (staged.member.as_str(), &mut staged.content)));
        let ours = plan::club_here(self.config, self.store.directory());
        match (theirs, ours) {
            (Some(club), Some(here)) if club != here && confirm != Some(club.as_str()) => {
                Err(RestoreError::OtherClub { club, here })
            }
            _ => Ok(()),
        }
    }

    fn unread(&self, error: std::io::Error) -> RestoreError {
        StoreError::of("read", self.store.directory(), error).into()
    }
}

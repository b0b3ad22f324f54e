//! The list with each archive's judgement: why it stays or goes, as the next run would see it.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::retention::{self, Reason, Verdict};
use crate::config::Retention;
use crate::model::{ArchiveInfo, ArchiveName, Judged, Verification};

impl Store {
    /// Every archive, newest first, judged by this policy as the next run will, once its own
    /// archive is there. Reads no archive: what is unread counts as kept. Changes nothing.
    pub fn judged(&self, policy: &Retention, now: Timestamp) -> Result<Vec<Judged>, StoreError> {
        let list = self.list()?;
        // A copy that a person pinned is kept for its own sake.
        let restore = self.last_restore().unwrap_or_else(|error| {
            tracing::warn!(%error, "the last restore is not known");
            None
        });
        let undo = restore.and_then(|last| last.undo).filter(|undo| !undo.pinned_by_person);
        // A run gives the copy back to retention first, once its restore can no longer be undone.
        let over = undo.as_ref().filter(|undo| now >= undo.until).map(|undo| &undo.safety);
        let mut foreseen = list.clone();
        for archive in foreseen.iter_mut().filter(|archive| Some(&archive.name) == over) {
            archive.pinned = false;
        }
        foreseen.insert(0, self.coming(now));
        let verdicts = retention::decide(&foreseen, policy, now, self.zone()).into_iter().skip(1);
        let judge = |(archive, mut verdict): (ArchiveInfo, Verdict)| {
            let leads_back = undo.as_ref().is_some_and(|undo| undo.safety == archive.name);
            if leads_back && verdict.reason == Reason::Pinned {
                verdict.reason = Reason::WayBack;
            }
            let kept = verdict.kept(policy, now, self.zone());
            Judged { archive, kept }
        };
        Ok(list.into_iter().zip(verdicts).map(judge).collect())
    }

    /// The archive that the next run makes before it deletes any. It takes its place in the
    /// floor and in its day, week and month.
    fn coming(&self, now: Timestamp) -> ArchiveInfo {
        ArchiveInfo {
            name: ArchiveName::at(now.to_zoned(self.zone().clone()).datetime()),
            bytes: 0,
            modified: now,
            created: now,
            sequence: None,
            // It counts as made now either way. But another whose own time cannot be believed
            // is not to be told until when it is kept by this one's, which moves with each look.
            clock_trusted: false,
            verification: Verification::Verified,
            rehearsal: None,
            pinned: false,
        }
    }
}

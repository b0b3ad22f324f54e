//! The list with each archive's judgement: why it stays or goes, as the next run would see it.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::retention::{self, Reason, Verdict};
use crate::config::Retention;
use crate::model::{ArchiveInfo, Judged};

impl Store {
    /// Every archive, newest first, judged by this policy. Reads no archive: what is unread
    /// counts as kept. Changes nothing.
    pub fn judged(&self, policy: &Retention, now: Timestamp) -> Result<Vec<Judged>, StoreError> {
        let list = self.list()?;
        let undo = self.last_restore().and_then(|last| last.undo);
        // A run gives the copy back to retention first, once its restore can no longer be undone.
        let over = undo.as_ref().filter(|undo| now >= undo.until).map(|undo| &undo.safety);
        let mut foreseen = list.clone();
        for archive in foreseen.iter_mut().filter(|archive| Some(&archive.name) == over) {
            archive.pinned = false;
        }
        let verdicts = retention::decide(&foreseen, policy, now, self.zone());
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
}

//! `nights.json` in the state directory: how the runs of each day ended, so that the panel
//! can tell of nights whose archives retention has let go. Can be deleted: days that are not
//! noted count by the archives that are there.

use super::error::StoreError;
use super::{Store, StoreLock, atomic};
use crate::model::Night;

pub(super) const NAME: &str = "nights.json";
/// Days and names are no secrets.
const MODE: u32 = 0o644;
/// Each night has a sentence at most, and in that a path or two.
const LARGEST_BYTES: u64 = 1 << 20;
/// Days that are remembered: twice what the panel shows.
const MOST: usize = 60;

impl Store {
    /// The days that are remembered, oldest first; empty where the file is unreadable.
    pub fn nights(&self) -> Vec<Night> {
        self.nights_to_change().unwrap_or_else(|error| {
            tracing::warn!(%error, "nights not read");
            Vec::new()
        })
    }

    /// The same; what the disk does not give is not replaced by a single night.
    fn nights_to_change(&self) -> Result<Vec<Night>, StoreError> {
        let path = self.state.join(NAME);
        let Some(text) = atomic::read_if_any(&path, LARGEST_BYTES)? else { return Ok(Vec::new()) };
        Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "nights unreadable, begun anew");
            Vec::new()
        }))
    }

    /// Remembers how a run ended, unless a better one of the same day is remembered.
    pub(super) fn note_night(&self, night: Night, _held: &StoreLock) -> Result<(), StoreError> {
        let mut nights = self.nights_to_change()?;
        let better = |known: &Night| known.date == night.date && known.success && !night.success;
        if nights.iter().any(better) {
            return Ok(());
        }
        nights.retain(|known| known.date != night.date);
        nights.push(night);
        nights.sort_by_key(|night| night.date);
        let too_many = nights.len().saturating_sub(MOST);
        nights.drain(..too_many);
        let text = serde_json::to_vec(&nights).expect("days and names are JSON");
        atomic::replace(&self.state.join(NAME), &text, MODE)
    }
}

//! Brings what is remembered in line with what lies on the card.

use jiff::Timestamp;

use super::verify;
use crate::config::Config;
use crate::model::clock::{self, Trust};
use crate::model::{ArchiveName, Verification};
use crate::sources;
use crate::store::{Store, StoreError};

/// Reads every archive that was never read or has changed since. `each` hears of
/// every one; an archive that the disk refuses to give is tried again the next time.
pub fn reconcile(
    store: &Store,
    config: &Config,
    each: &mut dyn FnMut(&ArchiveName, Result<Verification, StoreError>),
) -> Result<(), StoreError> {
    for name in store.unverified()? {
        match verify(store, config, &name) {
            // Deleted while we read: it need not be known.
            Err(StoreError::NotFound { .. }) => {}
            result => each(&name, result),
        }
    }
    Ok(())
}

/// Whether the clock can be believed now, and the reading that says so.
pub fn judge_clock(store: &Store) -> (Trust, clock::Reading) {
    let reading = sources::clock_reading();
    match store.last_reading() {
        Ok(last) => (clock::judge(&reading, sources::sync_state(), last.as_ref()), reading),
        Err(error) => {
            tracing::warn!(%error, "the last run's reading of the clock is not known");
            (Trust::Unknown, reading)
        }
    }
}

/// Whether it can still be believed by a job that read it before, and what it shows now: a
/// backup takes minutes, in which the clock may be set.
pub(super) fn judge_clock_since(before: &clock::Reading) -> (Trust, Timestamp) {
    let reading = sources::clock_reading();
    (clock::judge(&reading, sources::sync_state(), Some(before)), reading.wall)
}

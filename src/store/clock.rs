//! The last run's reading of the clock: what the next run is compared with.

use std::io;

use super::error::{At, StoreError};
use super::{Store, StoreLock, atomic};
use crate::model::clock::Reading;

const MODE: u32 = 0o644;
const LARGEST_BYTES: u64 = 4 << 10;

impl Store {
    /// The reading of the last run; none before the first.
    ///
    /// # Errors
    /// Where the disk does not give it, or gives what is none: a jump since then would not be seen.
    pub fn last_reading(&self) -> Result<Option<Reading>, StoreError> {
        let path = self.state.join("clock.json");
        let Some(text) = atomic::read_if_any(&path, LARGEST_BYTES)? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(io::Error::from).at("read", &path)
    }

    /// Remembers this run's reading.
    pub fn remember_reading(&self, reading: &Reading, _held: &StoreLock) -> Result<(), StoreError> {
        let text = serde_json::to_vec(reading).expect("times and numbers are JSON");
        atomic::replace(&self.state.join("clock.json"), &text, MODE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{text, timestamp, written_and_read};

    proptest! {
        #[test]
        fn a_reading_is_read_as_it_was_written(wall in timestamp(), since_boot_ms: i64, boot_id in text()) {
            let reading = Reading { wall, since_boot_ms, boot_id };
            prop_assert_eq!(written_and_read(&reading), reading);
        }
    }
}

//! Many refusals, told as one: a guest who tries all night fills no card. Pure but for the
//! clock that counts.

use std::time::{Duration, Instant};

use crate::access::{Entry, Outcome};

/// Refusals within this time after one that was told are counted, and told with the next.
const QUIET: Duration = Duration::from_mins(1);

/// The refusals that have not been told.
#[derive(Debug, Default)]
pub(super) struct Storm {
    told: Option<Instant>,
    untold: u32,
}

impl Storm {
    /// The entry to tell now; none for one that is counted only.
    pub(super) fn take(&mut self, entry: Entry) -> Option<Entry> {
        self.take_at(entry, Instant::now())
    }

    fn take_at(&mut self, entry: Entry, now: Instant) -> Option<Entry> {
        if entry.outcome != Outcome::Throttled {
            return Some(entry);
        }
        if self.told.is_some_and(|told| now.duration_since(told) < QUIET) {
            self.untold = self.untold.saturating_add(1);
            return None;
        }
        self.told = Some(now);
        let times = std::mem::take(&mut self.untold).saturating_add(1);
        Some(Entry { times, ..entry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Actor, Deed};

    #[test]
    fn refusals_are_told_once_a_minute_with_their_number_and_everything_else_at_once() {
        let (mut storm, begun) = (Storm::default(), Instant::now());
        let entry = |outcome| Entry::new(Actor::Nobody, None, Deed::SignIn, outcome);
        let mut times = |seconds, outcome| {
            storm.take_at(entry(outcome), begun + Duration::from_secs(seconds)).map(|entry| entry.times)
        };
        assert_eq!(times(0, Outcome::Throttled), Some(1));
        for second in 1..60 {
            assert_eq!(times(second, Outcome::Throttled), None);
        }
        assert_eq!(times(30, Outcome::Failed), Some(1));
        assert_eq!(times(60, Outcome::Throttled), Some(60));
        assert_eq!(times(120, Outcome::Throttled), Some(1));
    }
}

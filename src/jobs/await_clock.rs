//! A box has no clock of its own: a run that is made up for while it boots waits for
//! the time, so that its archive has the right name. It waits a while and not for ever.

use std::thread;
use std::time::{Duration, Instant};

use super::Journal;
use crate::model::clock::Sync;
use crate::model::{Level, Sentence};

/// Between two looks at the time service's mark, which nothing announces.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Waits until the clock is synchronised, or `patience` is over; says whether it waited.
/// Where no time service runs, there is nothing to wait for.
pub(super) fn await_clock(journal: &mut Journal<'_>, patience: Duration, state: impl Fn() -> Sync) -> bool {
    if state() != Sync::NotYet {
        return false;
    }
    let minutes = patience.as_secs().div_ceil(60);
    let text = journal.log(Level::Info, Sentence::new("run.clock_awaited").with("minutes", minutes));
    tracing::info!(job = %journal.id(), "{text}");
    let begun = Instant::now();
    while state() == Sync::NotYet && begun.elapsed() < patience {
        thread::sleep(LOOK_AGAIN.min(patience));
    }
    true
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::jobs;
    use crate::model::{Event, Fact, JobKind};
    use crate::text::Language;

    /// How often the clock was looked at, and what was said.
    fn waited(patience: Duration, state: impl Fn(u32) -> Sync) -> (u32, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let looks = Cell::new(0);
        let mut said = Vec::new();
        let mut hear = |event: &Event| {
            if let Fact::Log { sentence, .. } = &event.fact {
                said.push(sentence.key.clone());
            }
        };
        let id = jobs::new_id(JobKind::Backup);
        let mut journal = Journal::begin(folder.path(), id, JobKind::Backup, Language::French, &mut hear);
        await_clock(&mut journal, patience, || {
            looks.set(looks.get() + 1);
            state(looks.get())
        });
        (looks.get(), said)
    }

    #[test]
    fn a_clock_that_is_right_or_that_nobody_sets_is_not_waited_for() {
        for state in [Sync::Done, Sync::Unknown] {
            assert_eq!(waited(Duration::from_mins(10), |_| state), (1, vec![]));
        }
    }

    #[test]
    fn a_clock_that_is_to_be_set_is_waited_for_and_not_for_ever() {
        let set_at_third_look = |look| if look < 3 { Sync::NotYet } else { Sync::Done };
        let said = vec!["run.clock_awaited".to_owned()];
        assert_eq!(waited(Duration::from_mins(10), set_at_third_look), (3, said.clone()));
        let (looks, heard) = waited(Duration::from_millis(1), |_| Sync::NotYet);
        assert!(looks >= 2 && heard == said);
    }
}

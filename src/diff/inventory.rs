//! Compares two inventories as they are read, a line of each in memory. Uses: model, sources.

use std::cmp::Ordering;
use std::io::{self, BufRead};

use super::digesting::Digesting;
use super::printable::{LONGEST_PATH, cut};
use super::tally::Tally;
use crate::model::escape::escape;
use crate::model::time::rfc3339_utc;
use crate::model::{DiffState, What, size_in_words};
use crate::sources::{BadLine, InventoryLine, InventoryLines, parse_inventory};

/// Counts the videos that two inventories differ in; their headers do not matter.
pub(super) fn compare(
    before: &mut dyn BufRead,
    after: &mut dyn BufRead,
    tally: &mut Tally,
) -> io::Result<DiffState> {
    let (mut before, mut after) = (Digesting::of(before), Digesting::of(after));
    match merge(&mut before, &mut after, tally) {
        Ok(()) => Ok(tally.state()),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Unreadable) => {
            tally.clear();
            let same = before.finish()? == after.finish()?;
            Ok(if same { DiffState::Same } else { DiffState::Unreadable })
        }
    }
}

/// Why a merge ends early.
enum Stop {
    /// A line is bad or not in its order.
    Unreadable,
    /// The reader failed.
    Failed(io::Error),
}

fn merge(before: &mut Digesting<'_>, after: &mut Digesting<'_>, tally: &mut Tally) -> Result<(), Stop> {
    let (mut before, mut after) = (Side::of(before), Side::of(after));
    let (mut older, mut newer) = (before.next()?, after.next()?);
    loop {
        let turn = match (&older, &newer) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(older), Some(newer)) => walk_order(&older.path, &newer.path),
        };
        count(older.as_ref().filter(|_| turn.is_le()), newer.as_ref().filter(|_| turn.is_ge()), tally);
        if turn.is_le() {
            older = before.next()?;
        }
        if turn.is_ge() {
            newer = after.next()?;
        }
    }
}

fn count(before: Option<&InventoryLine>, after: Option<&InventoryLine>, tally: &mut Tally) {
    let (what, path) = match (before, after) {
        (Some(before), Some(after)) if before == after => return,
        (Some(before), Some(_)) => (What::Changed, &before.path),
        (Some(before), None) => (What::Removed, &before.path),
        (None, Some(after)) => (What::Added, &after.path),
        (None, None) => return,
    };
    // Two sizes that read alike are told apart by their bytes.
    let alike = before.zip(after).is_some_and(|(before, after)| {
        before.size != after.size && size_in_words(before.size) == size_in_words(after.size)
    });
    let show = |line: &InventoryLine| {
        let size = if alike { format!("{} B", line.size) } else { size_in_words(line.size) };
        format!("{size}, {}", rfc3339_utc(line.mtime))
    };
    tally.count(what, || (cut(&escape(path), LONGEST_PATH), before.map(show), after.map(show)));
}

/// The order of the walk: depth first, the names in each directory by their bytes. `a/b`
/// comes before `a.b`, for `a` comes before `a.b`, though `/` comes after `.`.
fn walk_order(one: &[u8], other: &[u8]) -> Ordering {
    let names = |path| <[u8]>::split(path, |byte: &u8| *byte == b'/');
    names(one).cmp(names(other))
}

/// One inventory, its order checked line by line: a merge of what is not sorted would
/// count wrongly, and not notice.
struct Side<R> {
    lines: InventoryLines<R>,
    last: Option<Vec<u8>>,
}

impl<R: BufRead> Side<R> {
    fn of(reader: R) -> Self {
        Self { lines: parse_inventory(reader), last: None }
    }

    fn next(&mut self) -> Result<Option<InventoryLine>, Stop> {
        let line = match self.lines.next() {
            None => return Ok(None),
            Some(Err(BadLine::Read { source, .. })) => return Err(Stop::Failed(source)),
            Some(Err(_)) => return Err(Stop::Unreadable),
            Some(Ok(line)) => line,
        };
        if self.last.as_ref().is_some_and(|last| walk_order(last, &line.path).is_ge()) {
            return Err(Stop::Unreadable);
        }
        self.last.get_or_insert_default().clone_from(&line.path);
        Ok(Some(line))
    }
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;

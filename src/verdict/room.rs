//! How many nights the disk has room for.

use jiff::{SignedDuration, Timestamp};

use crate::model::{ArchiveInfo, Disk};

/// The archives whose largest stands for the next.
const RECENT: usize = 7;

/// Nights for which the disk has room, nothing being deleted meanwhile; none where nothing
/// is known of their size.
///
/// One takes a tenth more than the largest of the last seven, and at least what a run
/// insists on before it begins: its archive and what goes with it.
pub fn nights_that_fit(archives: &[ArchiveInfo], disk: &Disk) -> Option<u64> {
    let largest = archives.iter().take(RECENT).map(|archive| archive.bytes).max()?;
    let one = largest.saturating_add((largest / 10).max(disk.reserve)).max(1);
    Some(if disk.takes_files { disk.free / one } else { 0 })
}

/// Whether the coming night gets back by retention what it takes, give or take a tenth: the disk
/// then grows no fuller, however little is free.
///
/// `days` is how long retention keeps an archive, as the last run went by it. The newest six are
/// never counted: with the coming one they are the week that a full disk is measured by. A pin
/// gives nothing back.
pub(super) fn is_in_balance(archives: &[ArchiveInfo], days: u16, now: Timestamp) -> bool {
    let Some(largest) = archives.iter().take(RECENT).map(|archive| archive.bytes).max() else { return false };
    let by_tomorrow = SignedDuration::from_hours(24 * (i64::from(days) - 1));
    let goes = |archive: &&ArchiveInfo| {
        !archive.pinned && archive.clock_trusted && now.duration_since(archive.created) >= by_tomorrow
    };
    let freed: u64 = archives.iter().skip(RECENT - 1).filter(goes).map(|archive| archive.bytes).sum();
    freed.saturating_add(largest / 10) >= largest
}

/// Whether not one more night fits.
pub(super) fn is_full(archives: &[ArchiveInfo], disk: &Disk) -> bool {
    let fits = nights_that_fit(archives, disk).unwrap_or_else(|| u64::from(disk.free >= disk.reserve));
    fits == 0 || !disk.takes_files
}

//! How many nights the disk has room for.

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

/// Whether not one more night fits.
pub(super) fn is_full(archives: &[ArchiveInfo], disk: &Disk) -> bool {
    let fits = nights_that_fit(archives, disk).unwrap_or_else(|| u64::from(disk.free >= disk.reserve));
    fits == 0 || !disk.takes_files
}

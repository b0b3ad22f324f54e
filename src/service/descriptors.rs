//! How many descriptors this process may have, and so how many connections it can serve.

use nix::sys::resource::{Resource, getrlimit};

/// What the program has open besides: its log, its watches, a job's pipes, and files that requests
/// read for a moment.
const OWN: u64 = 32;
/// A connection, and the archive that is downloaded on it.
const OF_A_CONNECTION: u64 = 2;

/// Of so many connections those that there are descriptors for, one at least: with the last one
/// gone, nobody's list could be read, and the disk would seem to be at fault.
pub fn affordable_connections(wanted: u16) -> u16 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(wanted, |(limit, _)| affordable(wanted, limit))
}

fn affordable(wanted: u16, limit: u64) -> u16 {
    let most = limit.saturating_sub(OWN) / OF_A_CONNECTION;
    u16::try_from(most).unwrap_or(u16::MAX).clamp(1, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_program() {
        assert_eq!(affordable(128, 1_024), 128, "as the unit has it");
        assert_eq!(affordable(4_096, 1_024), 496);
        assert_eq!([64, 34, 33, 0].map(|limit| affordable(128, limit)), [16, 1, 1, 1]);
        assert_eq!(affordable(4_096, u64::MAX), 4_096);
        assert_eq!(affordable(1, 1 << 20), 1);
    }
}

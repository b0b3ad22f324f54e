//! Reads the clocks and what the machine says about time synchronisation; whether
//! to believe them is `model::clock`'s to judge. Uses: model.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};

use crate::model::clock::{Reading, Sync};

/// The wall clock, the clock since boot, and which boot this is.
pub fn clock_reading() -> Reading {
    reading_under(Path::new("/"))
}

fn reading_under(root: &Path) -> Reading {
    let since_boot = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("every Linux since 2.6.39 has this clock");
    Reading {
        wall: Timestamp::now(),
        since_boot_ms: since_boot.tv_sec() * 1000 + since_boot.tv_nsec() / 1_000_000,
        // Where no boot has a name, all look like one, and a reboot like a jump: the
        // clock is then believed too seldom, never too often.
        boot_id: fs::read_to_string(root.join("proc/sys/kernel/random/boot_id"))
            .map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned()),
    }
}

/// What the time service of systemd says; without it nothing can be said.
pub fn sync_state() -> Sync {
    sync_under(Path::new("/"))
}

fn sync_under(root: &Path) -> Sync {
    let service = root.join("run/systemd/timesync");
    if service.join("synchronized").exists() {
        Sync::Done
    } else if service.is_dir() {
        Sync::NotYet
    } else {
        Sync::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_service_s_marks_are_read() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(sync_under(root.path()), Sync::Unknown);
        let service = root.path().join("run/systemd/timesync");
        fs::create_dir_all(&service).unwrap();
        assert_eq!(sync_under(root.path()), Sync::NotYet);
        fs::write(service.join("synchronized"), "").unwrap();
        assert_eq!(sync_under(root.path()), Sync::Done);
        let _ = sync_state();
    }

    #[test]
    fn two_readings_of_one_boot_agree() {
        let (first, second) = (clock_reading(), clock_reading());
        assert_eq!(first.boot_id, second.boot_id);
        assert!(first.since_boot_ms > 0 && first.since_boot_ms <= second.since_boot_ms);
    }

    #[test]
    fn the_boot_s_name_is_read_without_its_newline() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(reading_under(root.path()).boot_id, "unknown");
        let random = root.path().join("proc/sys/kernel/random");
        fs::create_dir_all(&random).unwrap();
        fs::write(random.join("boot_id"), "0f1e\n").unwrap();
        assert_eq!(reading_under(root.path()).boot_id, "0f1e");
    }
}

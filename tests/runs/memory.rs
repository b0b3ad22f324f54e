//! Memory does not grow with the club.

use std::fs;

use crate::club::{Club, Said};
use crate::tools::lacks;

/// The appliance's budget for a run.
const MOST_KIB: u64 = 16 << 10;

/// The most memory that a run was ever given, in KiB, as the kernel counted it.
fn peak(club: &Club) -> u64 {
    let noted = club.at("peak");
    let time = ["/usr/bin/time", "-f", "%M", "-o", noted.to_str().unwrap()];
    Said::of(&mut club.command_by(&time, &["run"])).done();
    fs::read_to_string(noted).unwrap().trim().parse().unwrap()
}

/// The longest of all tests: a hundred thousand files have to be made first.
#[test]
fn a_run_stays_under_16_mib_and_does_not_grow_with_the_club() {
    if lacks(&["/usr/bin/time"]) {
        return;
    }
    let [small, medium, large] = [200, 5_000, 100_000].map(|videos| peak(&Club::with_videos(videos)));
    eprintln!("peak memory of 200, 5,000 and 100,000 videos: {small}, {medium} and {large} KiB");
    assert!(small.max(medium).max(large) < MOST_KIB);
    assert!(large * 4 <= medium * 5, "it grows by more than a quarter: {medium} to {large} KiB");
}

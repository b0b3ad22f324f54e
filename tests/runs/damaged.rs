//! Archives that are broken: listed as damaged, never a crash, never counted as good.

use std::fs;
use std::io::{Read, Write};

use flate2::{Compression, write::GzEncoder};

use crate::club::Club;
use crate::older::legacy_archive;

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The tar stream; none where it cannot be had.
fn unpacked(gzip: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(gzip).read_to_end(&mut tar).ok().map(|_| tar)
}

/// A link, or a file outside the folder, as an archive from elsewhere may hold.
fn hostile_archive(name: &str, link: bool) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(0);
    header.set_mode(0o644);
    if link {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    tar.append(&header, std::io::empty()).unwrap();
    gzipped(&tar.into_inner().unwrap())
}

#[test]
fn broken_archives_are_damaged_with_a_reason_and_never_a_crash() {
    let club = Club::new();
    let good = fs::read(club.backup(&club.run())).unwrap();
    let legacy = legacy_archive("backup-20260101-030000");
    let broken: Vec<Vec<u8>> = vec![
        vec![],
        vec![0],
        b"not an archive".to_vec(),
        vec![0; 100_000],
        gzipped(b""),
        gzipped(b"not a tar"),
        gzipped(&[0; 10_240]),
        good[..good.len() - 1].to_vec(),
        good[..20].to_vec(),
        [&good[..], b"x"].concat(),
        [&good[..], &good].concat(),
        legacy[..legacy.len() - 5].to_vec(),
        hostile_archive("backup-20260101-030000/../../etc/passwd", false),
        hostile_archive("/etc/passwd", false),
        hostile_archive("other/configuration.json", false),
        hostile_archive("backup-20260101-030000/site.conf", true),
    ];
    let count = broken.len();
    for (days, content) in (1..).zip(&broken) {
        club.put(days, content);
    }
    let all = club.say(&["verify"]);
    assert_eq!(all.status, Some(1), "{all:?}");
    assert!(!all.err.contains("panicked"), "{all:?}");
    let list = club.json(&["list"]);
    for backup in &list["backups"].as_array().unwrap()[1..] {
        assert_eq!(backup["verification"], "damaged", "{backup}");
        assert!(backup["problem"].as_str().is_some_and(|problem| !problem.is_empty()), "{backup}");
        club.say(&["show", backup["name"].as_str().unwrap()]).failed(1);
    }
    assert_eq!(club.done(&["list"]).matches("endommagée").count(), count);
    let check = club.say(&["check"]);
    assert!(check.out.contains(&format!("backups={};;;0 verified=1;;;0", count + 1)), "{check:?}");
    club.run();
    assert_eq!(club.status()["success"], true);
}

fn assert_all_but_one_are_damaged(club: &Club) {
    club.say(&["verify"]).failed(1);
    let list = club.json(&["list"]);
    let backups = list["backups"].as_array().unwrap().iter();
    let fine: Vec<_> = backups.filter(|backup| backup["verification"] != "damaged").collect();
    assert_eq!(fine.len(), 1, "{fine:?}");
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let club = Club::new();
    let good = fs::read(club.backup(&club.run())).unwrap();
    let mut names = Vec::new();
    // Bytes 4 to 9 of the gzip header (time and system) say nothing of the content.
    for (day, position) in (1..200).zip((10..good.len()).step_by(good.len() / 190 + 1)) {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        // Filling bits at the end of the stream, and codes that nothing uses, say nothing either.
        if unpacked(&bad) == unpacked(&good) {
            continue;
        }
        names.push(club.put(day, &bad));
    }
    assert!(names.len() > 150, "{}", names.len());
    assert_all_but_one_are_damaged(&club);
}

#[test]
fn an_archive_cut_anywhere_is_found() {
    let club = Club::new();
    let good = fs::read(club.backup(&club.run())).unwrap();
    for (day, length) in (1..150).zip((0..good.len()).step_by(good.len() / 140 + 1)) {
        club.put(day, &good[..length]);
    }
    assert_all_but_one_are_damaged(&club);
}

#[test]
fn an_archive_of_the_old_script_is_listed_shown_and_verified_as_far_as_it_can_be() {
    let club = Club::new();
    let name = club.legacy(2);
    assert!(club.done(&["verify", &name]).contains("lisible, sans manifeste"));
    assert_eq!(club.json(&["list"])["backups"][0]["verification"], "readable");
    let shown = club.json(&["show", &name]);
    assert_eq!((&shown["verification"], &shown["count"]), (&"readable".into(), &3.into()));
    assert!(club.done(&["show", &name]).contains("sync-agent.env"));
}

#[test]
fn a_broken_memory_costs_time_and_no_archive() {
    let club = Club::new();
    let names = [club.run(), club.run()];
    for file in ["catalogue.json", "clock.json", "run.lock"] {
        fs::write(club.at("state").join(file), b"\xff{").unwrap();
    }
    let newest = club.run();
    assert_eq!(club.listed(), [&newest, &names[1], &names[0]].map(String::clone));
    fs::remove_dir_all(club.at("state")).unwrap();
    fs::remove_dir_all(club.at("run")).unwrap();
    let last = club.run();
    assert_eq!(club.listed(), [&last, &newest, &names[1], &names[0]].map(String::clone));
    club.assert_all_verify("after the memory was lost");
}

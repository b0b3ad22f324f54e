//! `include = true`: the videos themselves are copied.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use crate::club::{Club, Said, hostile_names, walk};
use crate::tools::lacks;
use crate::unprivileged::lock_away;

/// A club with small videos of real content, one sparse and one empty.
fn club() -> Club {
    let club = Club::new();
    for folder in ["", "a/b c", "- x/#\n"] {
        for name in hostile_names() {
            let path = club.at("videos").join(folder).join(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, [b"content of ", name.as_bytes()].concat()).unwrap();
        }
    }
    fs::write(club.at("videos/empty.mp4"), b"").unwrap();
    let mut sparse = File::create(club.at("videos/sparse.mp4")).unwrap();
    sparse.seek(SeekFrom::Start(5 << 20)).unwrap();
    sparse.write_all(b"the end").unwrap();
    club.configure_with(&[&club.files(), &club.inventory(true)]);
    club
}

#[test]
fn the_videos_come_too_whatever_their_names() {
    if lacks(&["tar"]) {
        return;
    }
    let club = club();
    let folder = club.unpack(&club.run(), "out");
    assert_eq!(walk(&folder.join("videos")), walk(&club.at("videos")), "names, sizes and times");
    for (path, ..) in walk(&club.at("videos")) {
        let path = std::ffi::OsString::from_vec(path);
        let (copy, original) = (folder.join("videos").join(&path), club.at("videos").join(&path));
        assert_eq!(fs::read(copy).unwrap(), fs::read(original).unwrap(), "{path:?}");
    }
    club.assert_all_verify("with videos");
}

#[test]
fn the_manifest_lists_every_video_with_a_hash_that_sha256sum_agrees_with() {
    if lacks(&["tar", "jq", "sha256sum"]) {
        return;
    }
    let club = club();
    let name = club.run();
    let folder = club.unpack(&name, "out");
    // Names without an escape can be handed to sha256sum as they are.
    let script = r#"jq -r '.members[] | select(.member | contains("\\") | not) | "\(.sha256)  \(.member)"' \
        manifest.json | sha256sum -c --strict --quiet && jq '.members | length' manifest.json"#;
    let said = Said::of(Command::new("sh").args(["-ec", script]).current_dir(folder)).done();
    assert_eq!(said.trim(), (walk(&club.at("videos")).len() + 5).to_string());
}

#[test]
fn gigabytes_in_every_backup_are_warned_of_plainly_each_time() {
    let club = club();
    for _ in 0..2 {
        club.run();
    }
    let (videos, log) = (club.at("videos"), club.log());
    let warned = |line: &&str| {
        line.contains(" WARNING ") && line.contains(videos.to_str().unwrap()) && line.contains("5.0 MB")
    };
    assert_eq!(log.lines().filter(warned).count(), 2, "{log}");
}

#[test]
fn a_video_that_cannot_be_read_is_a_warning_and_the_others_come() {
    if lacks(&["tar", "setpriv"]) {
        return;
    }
    let club = club();
    lock_away(&club.at("videos/a/b c/-rf.mp4"));
    club.say_unprivileged(&["run"]).done();
    let status = club.status();
    let warnings = status["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|text| text.as_str().unwrap().contains("/a/b c/-rf.mp4")), "{warnings:?}");
    let folder = club.unpack(status["archive"].as_str().unwrap(), "out");
    assert_eq!(walk(&folder.join("videos")).len(), walk(&club.at("videos")).len() - 1);
    assert!(!folder.join("videos/a/b c/-rf.mp4").exists());
}

#[test]
fn links_among_the_videos_are_not_copied() {
    let club = club();
    fs::write(club.at("secret"), "do not copy me").unwrap();
    std::os::unix::fs::symlink(club.at("secret"), club.at("videos/zz.mp4")).unwrap();
    std::os::unix::fs::symlink(club.at("webapp"), club.at("videos/zzz")).unwrap();
    let manifest = club.manifest(&club.run());
    let members = manifest["members"].as_array().unwrap();
    assert_eq!(members.len(), walk(&club.at("videos")).len() + 5);
    assert!(members.iter().all(|member| !member["member"].as_str().unwrap().contains("zz")));
}

//! The list of videos: it can be parsed back to exactly what lies on the disk.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;

use neopro_backup::sources::parse_inventory;
use nix::sys::stat::Mode;

use crate::club::{Club, walk};
use crate::tools::lacks;
use crate::unprivileged::lock_away;

fn inventory(club: &Club, name: &str) -> String {
    fs::read_to_string(club.unpack(name, "out").join("videos-inventory.txt")).expect("UTF-8 text")
}

fn parsed(text: &str) -> Vec<(Vec<u8>, u64, i64)> {
    let lines = parse_inventory(text.as_bytes()).map(Result::unwrap);
    lines.map(|line| (line.path, line.size, line.mtime.as_second())).collect()
}

/// The header's `# key: value` lines.
fn header(text: &str) -> HashMap<&str, &str> {
    let lines = text.lines().take_while(|line| line.starts_with('#'));
    lines.filter_map(|line| line.strip_prefix("# ")?.split_once(": ")).collect()
}

#[test]
fn it_parses_back_to_exactly_the_names_sizes_and_times_on_the_disk() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::with_hostile_videos();
    let text = inventory(&club, &club.run());
    let on_disk = walk(&club.at("videos"));
    assert_eq!(parsed(&text), on_disk, "in the order of the bytes, depth first");
    let header = header(&text);
    assert_eq!(header["root"], club.at("videos").to_str().unwrap());
    assert_eq!(header["files"], on_disk.len().to_string());
    assert_eq!(header["bytes"], on_disk.iter().map(|file| file.1).sum::<u64>().to_string());
    assert!(!header.contains_key("warning"));
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
}

#[test]
fn it_lists_five_thousand_videos_to_the_last() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::with_videos(5000);
    let text = inventory(&club, &club.run());
    assert_eq!(parsed(&text), walk(&club.at("videos")));
    assert_eq!(header(&text)["files"], "5000");
}

#[test]
fn links_pipes_and_sockets_are_not_followed_or_opened_and_said() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::new();
    let videos = club.at("videos");
    fs::write(videos.join("a.mp4"), "a").unwrap();
    symlink("a.mp4", videos.join("link to a file")).unwrap();
    symlink("/etc", videos.join("link to a folder")).unwrap();
    symlink(".", videos.join("loop")).unwrap();
    symlink("/nowhere", videos.join("dangling")).unwrap();
    nix::unistd::mkfifo(&videos.join("pipe\n"), Mode::S_IRUSR).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(videos.join("socket")).unwrap();
    let name = club.run();
    let text = inventory(&club, &name);
    assert_eq!(parsed(&text), walk(&videos));
    assert_eq!(header(&text)["files"], "1");
    assert_eq!(text.matches("# warning: ").count(), 6, "{text}");
    assert_eq!(club.status()["warnings"].as_array().unwrap().len(), 6);
    assert_eq!(club.manifest(&name)["warnings"], club.status()["warnings"]);
}

#[test]
fn a_directory_that_cannot_be_read_is_a_warning_and_no_silent_gap() {
    if lacks(&["tar", "setpriv"]) {
        return;
    }
    let club = Club::with_hostile_videos();
    let on_disk = walk(&club.at("videos"));
    lock_away(&club.at("videos/MATCHS SENIOR"));
    club.say_unprivileged(&["run"]).done();
    let status = club.status();
    let text = inventory(&club, status["archive"].as_str().unwrap());
    let readable = on_disk.into_iter().filter(|file| !file.0.starts_with(b"MATCHS SENIOR/"));
    assert_eq!(parsed(&text), readable.collect::<Vec<_>>());
    assert!(header(&text)["warning"].ends_with(": MATCHS SENIOR"), "{text}");
    assert!(status["warnings"][0].as_str().unwrap().contains("MATCHS SENIOR"), "{status}");
}

#[test]
fn a_root_that_is_missing_or_a_link_is_an_empty_list_with_a_warning() {
    for make in [|_: &Club| (), |club: &Club| symlink("/etc", club.at("videos")).unwrap()] {
        let club = Club::new();
        fs::remove_dir(club.at("videos")).unwrap();
        make(&club);
        club.run();
        let warnings = club.status()["warnings"].clone();
        assert_eq!(warnings.as_array().unwrap().len(), 1, "{warnings}");
        assert!(warnings[0].as_str().unwrap().contains(club.at("videos").to_str().unwrap()));
    }
}

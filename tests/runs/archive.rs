//! What an archive is to people who have never heard of this program.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::club::{
    CONFIGURATION, Club, PROGRAM, SETTINGS, SITE, Said, WRITTEN, in_the_field, local, names_in,
};
use crate::tools::lacks;

const MEMBERS: [&str; 6] = [
    "configuration.json",
    "site.conf",
    "sync-agent.env",
    "system-info.txt",
    "videos-inventory.txt",
    "manifest.json",
];

#[test]
fn the_tools_of_any_linux_machine_read_it() {
    if lacks(&["tar", "gzip", "jq", "sha256sum"]) {
        return;
    }
    let club = Club::with_hostile_videos();
    let name = club.run();
    Said::of(Command::new("gzip").arg("-t").arg(club.backup(&name))).done();
    let folder = club.unpack(&name, "out");
    let script = r#"jq -e '.format == 1' manifest.json &&
        jq -r '.members[] | "\(.sha256)  \(.member)"' manifest.json | sha256sum -c --strict"#;
    let said =
        Said::of(Command::new("sh").args(["-ec", script]).current_dir(folder).env("LC_ALL", "C")).done();
    assert_eq!(said.matches(": OK\n").count(), 5, "{said}");
}

#[test]
fn its_members_are_the_contract_s_under_one_folder() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::with_hostile_videos();
    let name = club.run();
    let folder = name.strip_suffix(".tar.gz").unwrap();
    let listed = Said::of(Command::new("tar").arg("-tzf").arg(club.backup(&name))).done();
    let expected: Vec<_> =
        [""].into_iter().chain(MEMBERS).map(|member| format!("{folder}/{member}")).collect();
    assert_eq!(listed.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn files_keep_their_content_their_mode_and_their_time() {
    if lacks(&["tar"]) {
        return;
    }
    let club = Club::new();
    let folder = club.unpack(&club.run(), "out");
    for (member, content, mode) in [
        ("configuration.json", CONFIGURATION, 0o644),
        ("sync-agent.env", SETTINGS, 0o600),
        ("site.conf", SITE, 0o640),
    ] {
        let path = folder.join(member);
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        let found = path.metadata().unwrap();
        assert_eq!(
            (found.mode() & 0o7777, found.mtime()),
            (mode, i64::try_from(WRITTEN).unwrap()),
            "{member}"
        );
    }
}

#[test]
fn a_directory_that_a_group_shares_has_a_log_that_the_group_writes() {
    let club = Club::new();
    fs::set_permissions(club.at("backups"), fs::Permissions::from_mode(0o2775)).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$@\"", "sh", PROGRAM]).args(club.arguments(&["run"]));
    in_the_field(&mut shell);
    Said::of(&mut shell).done();
    assert_eq!(club.backup("backup.log").metadata().unwrap().mode() & 0o7777, 0o664);
}

#[test]
fn its_name_is_the_local_time_of_the_run_and_its_mode_0640_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let club = Club::new();
        let before = local(Timestamp::now()).strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string();
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask $0; exec \"$@\"", umask, PROGRAM]).args(club.arguments(&["run"]));
        in_the_field(&mut shell);
        Said::of(&mut shell).done();
        let after = local(Timestamp::now()).strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string();
        let names = names_in(&club.at("backups"));
        assert_eq!(&names[1..], ["backup.log", "last-backup-status.json"]);
        assert!(before <= names[0] && names[0] <= after, "{before} {names:?} {after}");
        assert_eq!(club.backup(&names[0]).metadata().unwrap().mode() & 0o7777, 0o640, "umask {umask}");
        for readable in &names[1..] {
            let mode = club.backup(readable).metadata().unwrap().mode() & 0o7777;
            assert_eq!(mode, 0o644, "{readable}: {mode:o}");
        }
    }
}

#[test]
fn archives_of_unchanged_sources_differ_in_name_system_and_manifest_only() {
    let club = Club::with_hostile_videos();
    let (first, second) = (entries(&club, &club.run()), entries(&club, &club.run()));
    assert_eq!(first.len(), 7);
    for (first, second) in first.into_iter().zip(second) {
        if ["system-info.txt", "manifest.json"].contains(&first.name.as_str()) {
            assert_eq!((&first.name, first.numbers), (&second.name, second.numbers));
        } else {
            assert_eq!(first, second);
        }
    }
    let mut manifests = [club.listed()[0].clone(), club.listed()[1].clone()].map(|name| club.manifest(&name));
    for manifest in &mut manifests {
        for key in ["created", "sequence"] {
            assert_ne!(manifest[key].take(), Value::Null, "{key}");
        }
        let members = manifest["members"].as_array_mut().unwrap();
        members.retain(|member| member["member"] != "system-info.txt");
    }
    assert_eq!(manifests[0], manifests[1]);
}

/// An entry without its folder: name; mode, owner, group and time; content.
#[derive(Debug, PartialEq)]
struct Entry {
    name: String,
    numbers: (u32, u64, u64, u64),
    content: Vec<u8>,
}

fn entries(club: &Club, name: &str) -> Vec<Entry> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(club.backup(name)).unwrap()));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let header = entry.header();
        let ids = (header.uid().unwrap(), header.gid().unwrap());
        assert_eq!(ids, (0, 0), "fixed ownership");
        let numbers = (header.mode().unwrap(), ids.0, ids.1, header.mtime().unwrap());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        Entry { name: path.split_once('/').unwrap().1.to_owned(), numbers, content }
    });
    entries.collect()
}

#[test]
fn the_manifest_says_where_each_member_came_from() {
    let club = Club::new();
    let manifest = club.manifest(&club.run());
    assert_eq!(manifest["format"], 1);
    assert!(manifest["program"].as_str().unwrap().starts_with("neopro-backup "));
    assert!(manifest["host"].is_string() && manifest["warnings"] == json!([]));
    let members = manifest["members"].as_array().unwrap();
    let names: Vec<_> = members.iter().map(|member| member["member"].as_str().unwrap()).collect();
    assert_eq!(names, MEMBERS[..5]);
    let settings = &members[2];
    let found = club.at("sync-agent/.env").metadata().unwrap();
    assert_eq!(settings["path"], club.at("sync-agent/.env").to_str().unwrap());
    assert_eq!(settings["size"], SETTINGS.len());
    assert_eq!(settings["mode"], "0600");
    assert_eq!((&settings["uid"], &settings["gid"]), (&found.uid().into(), &found.gid().into()));
    assert!(settings["owner"].is_string() || found.uid() != 0);
    assert_eq!(settings["mtime"], Timestamp::from_second(WRITTEN.cast_signed()).unwrap().to_string());
    assert_eq!(settings["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_club_of_another_layout_is_configuration() {
    let club = Club::new();
    let (site, empty) = (club.at("site.conf"), club.at("empty"));
    let file = format!("[[files]]\nmember = 'settings'\npath = '{}'\n", site.display());
    let list = format!("[[inventories]]\nmember = 'films.txt'\npath = '{}'\n", empty.display());
    club.configure_with(&[&file, &list]);
    let names: Vec<_> = entries(&club, &club.run()).into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["", "films.txt", "settings", "system-info.txt", "manifest.json"]);
}

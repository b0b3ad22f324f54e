//! Places in which nothing can be put: each is said, and nothing is changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::{FILES, refused};
use crate::club::{Club, PROGRAM, Said, in_the_field};
use crate::tools::{ROOT, lacks};
use crate::tree::{assert_same, tree};
use crate::unprivileged::lock_away;

/// What a refused restore may leave: the log, events and locks; never anything of the club's.
const MAY_DIFFER: [&str; 3] = ["backups*", "run*", "state*"];

/// What is in the way of the last of the files, and what is said of it.
type Row = (&'static str, fn(&Club), &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        "its folder is missing",
        |club| fs::remove_dir_all(club.at("sync-agent")).unwrap(),
        "target_missing",
        "n'existe pas",
    ),
    (
        "its folder is a file",
        |club| {
            fs::remove_dir_all(club.at("sync-agent")).unwrap();
            fs::write(club.at("sync-agent"), "").unwrap();
        },
        "target_not_regular",
        "n'est pas un fichier ordinaire",
    ),
    ("its folder is a link", |club| elsewhere(club, "sync-agent"), "target_link", "est un lien"),
    ("the file is a link", |club| elsewhere(club, "sync-agent/.env"), "target_link", "est un lien"),
    (
        "the file is a link to nothing",
        |club| {
            fs::remove_file(club.at(FILES[1])).unwrap();
            symlink("/nowhere", club.at(FILES[1])).unwrap();
        },
        "target_link",
        "est un lien",
    ),
    (
        "a folder is in its place",
        |club| {
            fs::remove_file(club.at(FILES[1])).unwrap();
            fs::create_dir(club.at(FILES[1])).unwrap();
        },
        "target_not_regular",
        "n'est pas un fichier ordinaire",
    ),
    (
        "a pipe is in its place",
        |club| {
            fs::remove_file(club.at(FILES[1])).unwrap();
            mkfifo(&club.at(FILES[1]), Mode::S_IRUSR).unwrap();
        },
        "target_not_regular",
        "n'est pas un fichier ordinaire",
    ),
];

/// Moves a path elsewhere and lets a link lead to it.
fn elsewhere(club: &Club, path: &str) {
    fs::rename(club.at(path), club.at("elsewhere")).unwrap();
    symlink(club.at("elsewhere"), club.at(path)).unwrap();
}

#[test]
fn what_is_in_the_way_is_named_and_nothing_is_changed() {
    for (what, spoil, code, words) in ROWS {
        let club = Club::restorable();
        let name = club.run();
        fs::write(club.at(FILES[0]), "{}").unwrap();
        spoil(&club);
        let before = tree(club.folder());
        let said = club.say(&["restore", &name, "--yes", "--json"]);
        assert!(said.out.contains(&format!("\"code\":\"{code}\"")), "{what}: {said:?}");
        assert!(refused(said, words).contains("sync-agent"), "{what}");
        assert_same(&before, &tree(club.folder()), &MAY_DIFFER, what);
        club.assert_nothing_left(what);
        // A preview says it before.
        let dry = club.say(&["restore", &name, "--dry-run"]);
        assert!(dry.status == Some(1) && dry.out.contains(words), "{what}: {dry:?}");
        // The others can be put back without it.
        club.done(&["restore", &name, "--only", "configuration.json", "--yes"]);
        assert!(fs::read_to_string(club.at(FILES[0])).unwrap().contains("Évreux-Forêt"), "{what}");
    }
}

#[test]
fn a_link_anywhere_above_a_file_is_refused() {
    let club = Club::restorable();
    fs::create_dir(club.at("real")).unwrap();
    fs::rename(club.at("webapp"), club.at("real/webapp")).unwrap();
    symlink(club.at("real"), club.at("link")).unwrap();
    let files = club.files().replace("/webapp/", "/link/webapp/");
    club.configure_with(&[&files, &club.inventory(false), super::SECTIONS]);
    let name = club.run();
    let before = tree(club.folder());
    let said = refused(club.restore(&name), "est un lien");
    assert!(said.contains(club.at("link").to_str().unwrap()), "{said}");
    assert_same(&before, &tree(club.folder()), &MAY_DIFFER, "a link above");
}

#[test]
fn a_folder_without_rights_is_said_to_be_one() {
    if lacks(&["setpriv"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.say_unprivileged(&["list"]).done();
    fs::write(club.at(FILES[0]), "{}").unwrap();
    lock_away(&club.at("sync-agent"));
    let said = club.say_unprivileged(&["restore", &name, "--yes"]);
    refused(said, "n'est pas permis d'écrire");
    assert_eq!(fs::read_to_string(club.at(FILES[0])).unwrap(), "{}");
}

/// Runs this shell script with mounts of its own; `B` is the backup directory, `W` the
/// folder of the first file, and `put_back` restores the archive whose name is in `N`.
fn in_private_mounts(club: &Club, name: &str, script: &str) -> Said {
    let prelude = r#"put_back() { "$PROGRAM" restore "$N" --yes --json --config "$CONFIG"; }"#;
    let mut shell = Command::new("unshare");
    shell.args(["-m", "sh", "-ec", &format!("{prelude}\n{script}")]);
    shell.env("PROGRAM", PROGRAM).env("CONFIG", club.at("config.toml")).env("N", name);
    shell.env("B", club.at("backups")).env("W", club.at("webapp"));
    in_the_field(&mut shell);
    Said::of(&mut shell)
}

/// The files of before, whole, and the code that was told.
fn assert_told(said: Said, club: &Club, before: &super::State, code: &str) -> String {
    assert!(said.out.contains(&format!("\"code\":\"{code}\"")), "{said:?}");
    assert_eq!(&club.state(), before, "{code}");
    club.assert_nothing_left(code);
    said.failed(1)
}

#[test]
fn a_target_that_can_only_be_read_is_said_to_be_one() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = club.state();
    let script = r#"mount --bind "$W" "$W"; mount -o remount,bind,ro "$W"; put_back"#;
    let said = assert_told(in_private_mounts(&club, &name, script), &club, &before, "target_read_only");
    assert!(said.contains("lecture seule"), "{said}");
}

#[test]
fn a_full_target_is_said_to_be_full_before_anything_is_changed() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = club.state();
    // The archive's configuration is of 90 KB, and 40 are left.
    let script = r#"cp -a "$W" "$W.kept"; mount -t tmpfs -o size=256k tmpfs "$W"; cp -a "$W.kept/." "$W"
        dd if=/dev/zero of="$W/fill" bs=1k 2>/dev/null || true; truncate -s -40K "$W/fill"
        find "$W" | sort > "$W.before"; code=0; put_back || code=$?
        cmp "$W/configuration.json" "$W.kept/configuration.json"; find "$W" | sort | cmp - "$W.before"
        exit $code"#;
    let said = assert_told(in_private_mounts(&club, &name, script), &club, &before, "disk_full");
    assert!(said.contains("isque plein : il faut"), "{said}");
    assert_eq!(club.listed().len(), 1, "not even a copy was made for safety");
}

#[test]
fn a_full_card_is_said_to_be_full_before_anything_is_changed() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = club.state();
    let script = r#"cp -a "$B" "$B.kept"; mount -t tmpfs -o size=512k tmpfs "$B"; cp -a "$B.kept/." "$B"
        dd if=/dev/zero of="$B/fill" bs=1k 2>/dev/null || true; truncate -s -16K "$B/fill"
        ls -A "$B" > "$B.before"; code=0; put_back || code=$?
        ls -A "$B" | cmp - "$B.before"; exit $code"#;
    let said = assert_told(in_private_mounts(&club, &name, script), &club, &before, "disk_full");
    assert!(said.contains("isque plein"), "{said}");
}

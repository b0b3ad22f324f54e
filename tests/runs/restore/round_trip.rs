//! Back and forth: every byte, mode, owner and time of the files.

use std::fs;
use std::os::unix::fs::lchown;

use super::{FILES, MEMBERS, SECTIONS, refused};
use crate::club::{Club, Said, hostile_names, walk};
use crate::tools::{ROOT, lacks};
use crate::tree::{assert_same, tree};

/// Spoils all, restores, takes it back; each state is what it was.
fn there_and_back(club: &Club, say: impl Fn(&[&str]) -> Said) {
    say(&["run"]).done();
    let name = club.status()["archive"].as_str().unwrap().to_owned();
    let (good, videos) = (club.state(), walk(&club.at("videos")));
    club.spoil();
    // Whoever runs it may have been given the spoilt files only now.
    say(&["list"]).done();
    let spoilt = club.state();
    assert_ne!(good, spoilt);
    say(&["restore", &name, "--yes"]).done();
    assert_eq!(club.state(), good, "restored");
    club.assert_nothing_left("restored");
    assert_eq!(club.last_restore()["state"], "done");
    say(&["restore", "--undo", "--yes"]).done();
    assert_eq!(club.state(), spoilt, "taken back");
    club.assert_nothing_left("taken back");
    assert_eq!(club.last_restore()["state"], "undone");
    assert!(walk(&club.at("videos")) == videos, "videos are not touched");
    club.assert_swept("after both");
}

#[test]
fn all_comes_back_and_goes_again() {
    let club = Club::restorable();
    there_and_back(&club, |arguments| club.say(arguments));
}

#[test]
fn all_comes_back_among_videos_of_every_name() {
    let club = Club::with_hostile_videos().made_restorable();
    there_and_back(&club, |arguments| club.say(arguments));
}

#[test]
fn all_comes_back_where_the_videos_are_archived_too() {
    let club = Club::restorable();
    for name in hostile_names() {
        fs::write(club.at("videos").join(&name), [b"content of ", name.as_encoded_bytes()].concat()).unwrap();
    }
    club.configure_with(&[&club.files(), &club.inventory(true), SECTIONS]);
    there_and_back(&club, |arguments| club.say(arguments));
}

#[test]
fn all_comes_back_in_small_medium_and_large_clubs() {
    for videos in [200, 5_000, 100_000] {
        let club = Club::with_videos(videos).made_restorable();
        there_and_back(&club, |arguments| club.say(arguments));
    }
}

#[test]
fn an_ordinary_user_s_files_come_back() {
    if lacks(&["setpriv"]) {
        return;
    }
    let club = Club::restorable();
    there_and_back(&club, |arguments| club.say_unprivileged(arguments));
}

#[test]
fn files_of_others_come_back_to_them() {
    if lacks(&[ROOT]) {
        return;
    }
    let club = Club::restorable();
    // One that the machine has a name for, and one that it has none for.
    lchown(club.at(FILES[0]), Some(1), Some(1)).unwrap();
    lchown(club.at(FILES[2]), Some(54_321), Some(54_322)).unwrap();
    there_and_back(&club, |arguments| club.say(arguments));
}

#[test]
fn an_owner_that_cannot_be_set_without_root_is_told() {
    if lacks(&[ROOT, "setpriv"]) {
        return;
    }
    let club = Club::restorable();
    let name = club.run();
    fs::write(club.at(FILES[2]), "SITE=0\n").unwrap();
    let said = club.say_unprivileged(&["restore", &name, "--yes"]);
    assert!(said.err.contains("son propriétaire n'a pas pu être rétabli"), "{said:?}");
    said.done();
}

#[test]
fn what_was_not_asked_for_stays_to_the_inode() {
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = tree(club.folder());
    club.done(&["restore", &name, "--only", "site.conf", "--yes"]);
    let ours = ["site.conf", "backups*", "state*", "run*"];
    assert_same(&before, &tree(club.folder()), &ours, "of one of three");
    assert!(fs::read_to_string(club.at(FILES[2])).unwrap().ends_with("PARAM=\"réglage\"\n"));
    assert!(!club.at(FILES[1]).exists());
    // The way back is of that one, too.
    let before = tree(club.folder());
    club.done(&["restore", "--undo", "--yes"]);
    assert_same(&before, &tree(club.folder()), &ours, "the way back");
    assert!(fs::read_to_string(club.at(FILES[2])).unwrap().contains("ajouté"));
}

#[test]
fn a_member_that_is_not_there_is_refused_before_anything_is_done() {
    let club = Club::restorable();
    let name = club.run();
    fs::remove_file(club.at(FILES[2])).unwrap();
    let without = club.run();
    club.spoil_only_the_configuration();
    for (archive, member) in
        [(&name, "system-info.txt"), (&name, "../site.conf"), (&name, ""), (&without, "site.conf")]
    {
        let before = club.state();
        let said = club.say(&["restore", archive, "--only", member, "--only", MEMBERS[0], "--yes"]);
        refused(said, "n'est pas un fichier de cette box");
        assert_eq!(club.state(), before, "{member}");
    }
}

#[test]
fn a_dry_run_says_what_would_be_changed_and_changes_nothing() {
    let club = Club::restorable();
    let name = club.run();
    club.spoil();
    let before = club.snapshot();
    let said = club.done(&["restore", &name, "--dry-run"]);
    assert!(said.contains(&format!("site.conf -> {}", club.at("site.conf").display())), "{said}");
    assert!(said.contains("PARAM_36"), "{said}");
    // Without a terminal nobody can say yes.
    let unasked = club.say(&["restore", &name]);
    assert!(unasked.status == Some(2) && unasked.err.contains("--yes"), "{unasked:?}");
    assert!(club.snapshot() == before);
}

#[test]
fn an_archive_of_the_old_script_comes_back_and_what_nobody_knows_of_it_is_said() {
    let club = Club::restorable();
    let name = club.legacy(2);
    if crate::tools::lacks(&[ROOT]) {
        return;
    }
    lchown(club.at(FILES[0]), Some(12_345), Some(23_456)).unwrap();
    assert!(club.listed().contains(&name));
    let preview = club.done(&["diff", &name]);
    assert!(preview.contains("ancien script, sans manifeste"), "{preview}");
    let said = club.restore(&name);
    assert!(said.err.contains("n'a pu être comparé à rien, et les propriétaires sont ceux"), "{said:?}");
    said.done();
    for (file, owner) in FILES.iter().zip([(12_345, 23_456), (0, 0), (0, 0)]) {
        let found = crate::tree::node(&club.at(file)).unwrap();
        assert_eq!((&found.content[..], found.mode & 0o7777), (&b"{}\n"[..], 0o600), "{file}");
        assert_eq!(found.owner, owner, "{file}");
    }
    club.done(&["restore", "--undo", "--yes"]);
    assert!(fs::read_to_string(club.at(FILES[0])).unwrap().contains("Évreux-Forêt"));
}

#[test]
fn services_that_nobody_manages_are_told() {
    let club = Club::restorable();
    club.configure("[schedule]\nmanager = 'local'\n[restore]\nservices = ['neopro-app', 'autre']\n");
    let name = club.run();
    let said = club.restore(&name);
    for service in ["neopro-app.service", "autre.service"] {
        assert!(said.err.contains(&format!("redémarrez {service} vous-même")), "{said:?}");
    }
    said.done();
}

impl Club {
    fn spoil_only_the_configuration(&self) {
        fs::write(self.at(FILES[0]), "{}").unwrap();
    }
}

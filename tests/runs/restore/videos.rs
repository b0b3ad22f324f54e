//! Videos that an archive holds copies of: those that are missing come back, and one that is
//! there is never touched.

use std::fs;
use std::os::unix::fs::symlink;

use super::{FILES, SECTIONS};
use crate::club::{Club, hostile_names, walk};
use crate::tools::lacks;

/// A club with videos of every name in three folders, an archive of it, and the settings.
fn archived() -> (Club, String) {
    let club = Club::restorable();
    for folder in ["", "a/b c", "- x/#\n"] {
        for name in hostile_names() {
            let path = club.at("videos").join(folder).join(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, [b"content of ", name.as_encoded_bytes()].concat()).unwrap();
        }
    }
    // To the second, as a tar header has it.
    for file in walk_paths(&club) {
        crate::club::touch(&file, 1_700_000_000);
    }
    club.configure_with(&[&club.files(), &club.inventory(true), SECTIONS]);
    let name = club.run();
    (club, name)
}

fn walk_paths(club: &Club) -> Vec<std::path::PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let videos = club.at("videos");
    let found = walk(&videos).into_iter();
    found.map(|(path, ..)| videos.join(std::ffi::OsString::from_vec(path))).collect()
}

#[test]
fn missing_ones_come_back_with_their_folders_and_times() {
    let (club, name) = archived();
    let before = walk(&club.at("videos"));
    fs::remove_dir_all(club.at("videos/a")).unwrap();
    fs::remove_file(&walk_paths(&club)[0]).unwrap();
    let preview = club.done(&["restore", &name, "--dry-run"]);
    assert!(preview.contains("vidéos manquantes seront remises"), "{preview}");
    let said = club.restore(&name);
    assert!(said.err.contains("vidéos manquantes remises"), "{said:?}");
    said.done();
    assert!(walk(&club.at("videos")) == before, "names, sizes and times");
    for file in walk_paths(&club) {
        let expected = [b"content of ", file.file_name().unwrap().as_encoded_bytes()].concat();
        assert_eq!(fs::read(&file).unwrap(), expected, "{}", file.display());
    }
    club.assert_nothing_left("with videos");
}

#[test]
fn one_that_is_there_is_not_touched_and_a_part_of_a_restore_brings_none() {
    let (club, name) = archived();
    let kept = walk_paths(&club).remove(0);
    fs::write(&kept, "another film of the same name").unwrap();
    fs::remove_dir_all(club.at("videos/a")).unwrap();
    club.done(&["restore", &name, "--only", "site.conf", "--yes"]);
    assert!(!club.at("videos/a").exists(), "only what was asked for");
    club.done(&["restore", &name, "--yes"]);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "another film of the same name");
    assert!(club.at("videos/a/b c").is_dir());
    club.done(&["restore", "--undo", "--yes"]);
    assert!(club.at("videos/a/b c").is_dir(), "the way back is of the settings");
}

#[test]
fn none_is_written_through_a_link_and_the_settings_are_back_all_the_same() {
    let (club, name) = archived();
    let settings = club.state();
    fs::remove_dir_all(club.at("videos/a")).unwrap();
    fs::create_dir(club.at("elsewhere")).unwrap();
    symlink(club.at("elsewhere"), club.at("videos/a")).unwrap();
    club.spoil();
    let said = club.restore(&name);
    assert!(said.err.contains("pas toutes les vidéos") && said.err.contains("est un lien"), "{said:?}");
    said.done();
    assert_eq!(club.state(), settings);
    assert_eq!(fs::read_dir(club.at("elsewhere")).unwrap().count(), 0, "nothing went through the link");
}

#[test]
fn a_kill_among_the_videos_leaves_the_settings_whole_and_no_half_of_a_video() {
    if lacks(&["strace"]) {
        return;
    }
    let (club, name) = archived();
    let (settings, before) = (club.state(), walk(&club.at("videos")));
    fs::remove_dir_all(club.at("videos/a")).unwrap();
    let log = club.at("strace");
    // Renames without replacing are the safety copy's, then one a video.
    let words = ["strace", "-f", "-o", log.to_str().unwrap(), "-e", "inject=renameat2:signal=KILL:when=4"];
    let mut command = club.command_by(&words, &["restore", &name, "--yes"]);
    assert!(!command.output().unwrap().status.success());
    assert_eq!(club.state(), settings, "they were back before");
    assert!(walk(&club.at("videos")) != before);
    club.done(&["restore", "--resume"]);
    assert!(walk_paths(&club).iter().all(|file| !file.to_string_lossy().contains(".neopro-backup-")));
    assert_eq!(club.last_restore()["state"], "done");
    club.done(&["restore", &name, "--yes"]);
    assert!(walk(&club.at("videos")) == before, "the rest comes with the next");
    assert!(FILES.iter().all(|file| club.at(file).exists()));
}

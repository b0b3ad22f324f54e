//! A backup directory that is missing, read-only or full: one clear sentence, and the
//! old archives are as they were.

use std::fs;
use std::process::Command;

use crate::club::{Club, PROGRAM, Said, in_the_field};
use crate::tools::{ROOT, lacks};
use crate::unprivileged::lock_away;

/// Lines of standard error that say that something is wrong.
fn errors(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.contains(" ERROR ")).collect()
}

fn assert_one_sentence(said: &str, word: &str) {
    let errors = errors(said);
    assert!(errors.len() == 1 && errors[0].contains(word), "{said}");
}

#[test]
fn a_missing_directory_or_a_file_in_its_place_is_said_and_nothing_is_made() {
    for spoil in [|_: &Club| (), |club: &Club| fs::write(club.at("backups"), "file").unwrap()] {
        let club = Club::new();
        fs::remove_dir(club.at("backups")).unwrap();
        spoil(&club);
        let before = club.at("backups").symlink_metadata().map(|found| found.len()).ok();
        let said = club.say(&["run"]).failed(1);
        assert_one_sentence(&said, club.at("backups").to_str().unwrap());
        assert_eq!(club.at("backups").symlink_metadata().map(|found| found.len()).ok(), before);
        assert!(!club.at("state").exists(), "a disk that is not mounted must not be written around");
        for command in [&["list"][..], &["verify"], &["prune"], &["auto"]] {
            let said = club.say(command).failed(1);
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
}

/// Runs this shell script with mounts of its own; `$B` is the backup directory, `run`
/// makes a backup.
fn in_private_mounts(club: &Club, script: &str) -> Said {
    let prelude = r#"run() { "$PROGRAM" run --config "$CONFIG"; }"#;
    let mut shell = Command::new("unshare");
    shell.args(["-m", "sh", "-ec", &format!("{prelude}\n{script}")]);
    shell.env("PROGRAM", PROGRAM).env("B", club.at("backups")).env("CONFIG", club.at("config.toml"));
    in_the_field(&mut shell);
    Said::of(&mut shell)
}

#[test]
fn a_read_only_card_is_said_to_be_one() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let before = club.archives();
    let script = r#"mount --bind "$B" "$B"; mount -o remount,bind,ro "$B"; run"#;
    let said = in_private_mounts(&club, script).failed(1);
    assert_one_sentence(&said, "lecture seule");
    assert_eq!(club.archives(), before);
    assert_eq!(club.status()["success"], true, "which nobody could replace");
    club.run();
}

#[test]
fn a_card_whose_state_can_only_be_read_is_said_to_be_one() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let before = club.archives();
    let script = r#"S="$B/../state"; mount --bind "$S" "$S"; mount -o remount,bind,ro "$S"; run"#;
    let said = in_private_mounts(&club, script).failed(1);
    assert!(said.contains("lecture seule") && said.contains("/state"), "{said}");
    assert_eq!(club.archives(), before);
}

#[test]
fn a_directory_without_rights_is_said_to_be_one() {
    if lacks(&["setpriv"]) {
        return;
    }
    let club = Club::new();
    lock_away(&club.at("backups"));
    let said = club.say_unprivileged(&["run"]).failed(1);
    assert_one_sentence(&said, "n'a pas le droit");
    assert!(said.contains(club.at("backups").to_str().unwrap()), "{said}");
}

/// What a full card must hold to, after a script that fills it and runs a backup.
const AND_THEN: &str = r#"
    [ "$code" = 1 ]
    sha256sum -c --quiet "$B/../sums"
    if ls "$B"/.neopro-backup-*.partial 2>/dev/null; then exit 9; fi
    [ "$(ls "$B"/backup-*.tar.gz | wc -l)" = 1 ]
    [ "$WRITABLE" = 0 ] || [ "$(jq .success "$B/last-backup-status.json")" = false ]
    rm -f "$B/fill"
    run
    sha256sum -c --quiet "$B/../sums""#;

/// A tmpfs of 2 MiB with one archive and so many KiB left, or none at all.
fn on_a_card_with(club: &Club, left_kib: u32, options: &str, writable: bool) -> String {
    let script = format!(
        r#"mount -t tmpfs -o size=2m,{options} tmpfs "$B"
        run
        sha256sum "$B"/backup-*.tar.gz > "$B/../sums"
        dd if=/dev/zero of="$B/fill" bs=1k 2>/dev/null || true
        truncate -s "-{left_kib}K" "$B/fill"
        code=0; run || code=$?
        WRITABLE={}
        {AND_THEN}"#,
        u8::from(writable)
    );
    let said = in_private_mounts(club, &script);
    assert_eq!(said.status, Some(0), "{said:?}");
    said.err
}

#[test]
fn a_card_too_full_for_one_more_is_said_to_be_full_in_the_status_too() {
    if lacks(&[ROOT, "unshare", "jq"]) {
        return;
    }
    let said = on_a_card_with(&Club::new(), 32, "nr_inodes=0", true);
    assert_one_sentence(&said, "isque plein");
}

#[test]
fn a_card_without_a_byte_left_is_said_to_be_full() {
    if lacks(&[ROOT, "unshare", "jq"]) {
        return;
    }
    let said = on_a_card_with(&Club::new(), 0, "nr_inodes=0", false);
    assert_one_sentence(&said, "isque plein");
}

#[test]
fn a_card_that_becomes_full_while_the_archive_is_written_keeps_no_half_of_it() {
    if lacks(&[ROOT, "unshare", "jq"]) {
        return;
    }
    let club = Club::new();
    // Text is expected to shrink to a quarter; this does not.
    let bytes: Vec<u8> = (0_u64..25_000)
        .flat_map(|n| {
            n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .rotate_left(29)
                .wrapping_mul(0xBF58_476D_1CE4_E5B9)
                .to_le_bytes()
        })
        .collect();
    fs::write(club.at("site.conf"), bytes).unwrap();
    let said = on_a_card_with(&club, 150, "nr_inodes=0", true);
    assert_one_sentence(&said, "isque plein pendant l'écriture");
}

#[test]
fn a_card_without_room_for_one_more_name_says_so() {
    if lacks(&[ROOT, "unshare"]) {
        return;
    }
    let club = Club::new();
    let script = r#"mount -t tmpfs -o size=2m,nr_inodes=20 tmpfs "$B"
        run
        for n in $(seq 30); do touch "$B/fill$n" 2>/dev/null || break; done
        code=0; run || code=$?
        rm "$B"/fill*
        run
        exit "$code""#;
    let said = in_private_mounts(&club, script).failed(1);
    assert!(errors(&said).len() == 1, "{said}");
    assert!(said.contains("plus de place"), "{said}");
}

//! What is shown and compared: differences by their names, and never a secret.

use std::fs;

use super::FILES;
use crate::club::Club;
use crate::planted::{self, OF_THE_CLUB, PASSWORD};

/// A club with secrets in both kinds of settings, an archive of it, and other secrets now.
fn club() -> (Club, String) {
    let club = Club::restorable();
    let settings = |token: &str, interval: u32| {
        format!(
            "# {interval}\nSITE_ID=evreux\nAPI_TOKEN={token}\nINTERVAL={interval}\nURL=wss://u:{token}@x/\n"
        )
    };
    let configuration = |secret: &str, name: &str| {
        format!(
            "{{\"name\": \"{name}\", \"auth\": {{\"password\": \"{secret}\", \"keys\": [\"{secret}\"]}}}}\n"
        )
    };
    fs::write(club.at(FILES[0]), configuration(OF_THE_CLUB, "avant")).unwrap();
    fs::write(club.at(FILES[1]), settings(OF_THE_CLUB, 300)).unwrap();
    let name = club.run();
    fs::write(club.at(FILES[0]), configuration(PASSWORD, "après")).unwrap();
    fs::write(club.at(FILES[1]), settings(PASSWORD, 60)).unwrap();
    (club, name)
}

#[test]
fn differences_are_told_and_no_secret_is() {
    let (club, name) = club();
    let other = club.run();
    for arguments in [
        &["diff", &name][..],
        &["diff", &name, "--all"],
        &["diff", &name, "--json"],
        &["diff", &name, &other],
        &["diff", &name, &other, "--json"],
        &["diff", &other, &name],
        &["restore", &name, "--dry-run"],
        &["restore", &name, "--dry-run", "--json"],
    ] {
        let said = club.done(arguments);
        for told in ["avant", "après", "INTERVAL", "API_TOKEN", "password"] {
            assert!(said.contains(told), "{arguments:?}: {told}: {said}");
        }
        planted::assert_absent(said.as_bytes(), &planted::all(), &format!("{arguments:?}"));
    }
    let same = club.json(&["diff", &other]);
    assert!(same["comparison"]["members"].as_array().unwrap().iter().all(|m| m["state"] == "same"), "{same}");
}

#[test]
fn a_member_is_shown_without_its_secrets_and_raw_to_the_last_byte() {
    let (club, name) = club();
    for (file, member) in [(FILES[0], "configuration.json"), (FILES[1], "sync-agent.env")] {
        for more in [&[][..], &["--json"]] {
            let said = club.done(&[&["show", &name, member], more].concat());
            assert!(said.contains("avant") || said.contains("SITE_ID"), "{said}");
            planted::assert_absent(said.as_bytes(), &planted::all(), member);
        }
        let archived = club.done(&["show", &name, member, "--raw"]);
        assert!(archived.contains(OF_THE_CLUB));
        club.done(&["restore", &name, "--yes"]);
        assert_eq!(archived, fs::read_to_string(club.at(file)).unwrap());
    }
    let missing = club.say(&["show", &name, "absent"]).failed(1);
    assert!(missing.contains("absent n'est pas dans"), "{missing}");
}

#[test]
fn a_restore_and_its_way_back_tell_no_secret() {
    let (club, name) = club();
    for arguments in [&["restore", &name, "--yes", "--json"][..], &["restore", "--undo", "--yes", "--json"]] {
        let said = club.say(arguments);
        planted::assert_absent(said.err.as_bytes(), &planted::all(), "the log");
        planted::assert_absent(said.done().as_bytes(), &planted::all(), "the events");
    }
    // What was written is searched where each test ends.
}

#[test]
fn the_sheet_names_the_club_and_its_files_and_no_secret() {
    let (club, name) = club();
    let sheet = club.done(&["show", "--sheet"]);
    for told in ["Gymnase d'Évreux", &name, club.at(FILES[1]).to_str().unwrap()] {
        assert!(sheet.contains(told), "{told}: {sheet}");
    }
    planted::assert_absent(sheet.as_bytes(), &planted::all(), "the sheet");
}

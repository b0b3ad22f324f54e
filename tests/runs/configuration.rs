//! A configuration that cannot be followed: refused with file, line and key before
//! anything is touched.

use std::fs;

use crate::club::{Club, Said};

/// Lines to add, the line that is wrong among them, its key.
const WRONG: [(&str, usize, &str); 12] = [
    ("[retention]\ndayz = 7\n", 2, "retention.dayz"),
    ("[retention]\ndays = 0\n", 2, "retention.days"),
    ("[retention]\n\ndays = -1\n", 3, "retention.days"),
    ("[retention]\ndays = 3651\n", 2, "retention.days"),
    ("[retention]\ndays = 'seven'\n", 2, "retention.days"),
    ("[retention]\nkeep_last = 2\n", 2, "retention.keep_last"),
    ("[[files]]\nmember = 'a'\npath = 'relative/a'\n", 3, "files[3].path"),
    ("[[files]]\nmember = 'a'\npath = '/a/../b'\n", 3, "files[3].path"),
    ("[[files]]\nmember = '../a'\npath = '/a'\n", 2, "files[3].member"),
    ("[schedule]\nat = '25:00'\n", 2, "schedule.at"),
    ("[ui]\nlanguage = 'de'\n", 2, "ui.language"),
    ("[colour]\nred = 1\n", 1, "colour"),
];

/// The lines of standard error without the program's name.
fn complaints(said: &Said) -> Vec<&str> {
    said.err.lines().map(|line| line.strip_prefix("neopro-backup: ").unwrap_or(line)).collect()
}

#[test]
fn each_mistake_is_named_with_file_line_and_key_and_nothing_is_touched() {
    for (more, line, key) in WRONG {
        let club = Club::new();
        let above = fs::read_to_string(club.at("config.toml")).unwrap().lines().count();
        club.configure(more);
        let before = club.snapshot();
        let place = format!("{}:{}: {key}: ", club.at("config.toml").display(), above + line);
        for command in
            [&["run"][..], &["list"], &["config", "check"], &["config", "show"], &["serve"], &["prune"]]
        {
            let said = club.say(command);
            assert_eq!(said.status, Some(2), "{command:?} {said:?}");
            assert_eq!(said.out, "", "{command:?}");
            let complaints = complaints(&said);
            assert!(complaints.len() == 1 && complaints[0].starts_with(&place), "{complaints:?} {place}");
        }
        assert_eq!(club.snapshot(), before, "{more}");
    }
}

#[test]
fn config_check_names_all_mistakes_at_once() {
    let club = Club::new();
    let text = "colour = 'red'\n[paths]\nbackups = 'relative'\n[retention]\ndays = 0\nkeep_last = true\n";
    fs::write(club.at("config.toml"), text).unwrap();
    let said = club.say(&["config", "check"]);
    assert_eq!(said.status, Some(2));
    let file = club.at("config.toml");
    let places: Vec<_> =
        [(1, "colour"), (3, "paths.backups"), (5, "retention.days"), (6, "retention.keep_last")]
            .map(|(line, key)| format!("{}:{line}: {key}: ", file.display()))
            .into();
    let complaints = complaints(&said);
    assert_eq!(complaints.len(), places.len(), "{complaints:?}");
    for (complaint, place) in complaints.iter().zip(places) {
        assert!(complaint.strip_prefix(&place).is_some_and(|sentence| sentence.len() > 10), "{complaint}");
    }
}

#[test]
fn what_is_no_toml_no_text_or_no_file_is_refused_in_one_line() {
    let club = Club::new();
    let file = club.at("config.toml");
    for content in [&b"[retention\n"[..], b"\xff\n", &vec![b'#'; (1 << 20) + 1]] {
        fs::write(&file, content).unwrap();
        let said = club.say(&["run"]);
        assert_eq!(said.status, Some(2));
        assert!(said.err.contains(file.to_str().unwrap()), "{said:?}");
        assert_eq!(said.err.lines().count(), 1, "{said:?}");
    }
    fs::remove_file(&file).unwrap();
    assert!(club.say(&["run"]).failed(2).contains(file.to_str().unwrap()));
    fs::create_dir(&file).unwrap();
    assert!(club.say(&["run"]).failed(2).contains(file.to_str().unwrap()));
}

#[test]
fn config_check_says_when_all_is_well() {
    let club = Club::new();
    assert_eq!(club.done(&["config", "check"]).lines().count(), 1);
}

#[test]
fn config_check_names_a_door_that_stands_open_to_the_network() {
    let club = Club::new();
    club.configure("[http]\nauth = \"open-lan\"\n");
    let said = club.done(&["config", "check"]);
    assert!(said.lines().count() == 2 && said.contains("0.0.0.0:8080"), "{said}");
    club.configure("[http]\nauth = \"open-lan\"\nlisten = \"127.0.0.1:8080\"\n");
    assert_eq!(club.done(&["config", "check"]).lines().count(), 1);
}

#[test]
fn config_show_is_a_configuration_and_says_where_each_value_comes_from() {
    let club = Club::new();
    club.configure("[retention]\ndays = 14\n");
    let line = fs::read_to_string(club.at("config.toml")).unwrap().lines().count();
    let shown = club.done(&["config", "show"]);
    let origin = format!("days = 14  # {}:{line}\n", club.at("config.toml").display());
    assert!(shown.contains(&origin), "{shown}");
    assert!(shown.contains("keep_last = 3  # default\n"), "{shown}");

    let again = Club::new();
    fs::write(again.at("config.toml"), &shown).unwrap();
    again.done(&["config", "check"]);
    let without_comments = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(without_comments(&again.done(&["config", "show"])), without_comments(&shown));
}

#[test]
fn programs_get_the_configuration_and_its_problems_as_json() {
    let club = Club::new();
    let shown = club.json(&["config", "show"]);
    assert_eq!(shown["paths"]["backups"], club.at("backups").to_str().unwrap());
    assert!(shown["set"]["paths.backups"].as_str().unwrap().ends_with("config.toml:2"), "{shown}");
    assert_eq!(club.json(&["config", "check"])["good"], true);
    club.configure("[retention]\ndays = 0\ndayz = 1\n");
    let said = club.say(&["config", "check", "--json"]);
    assert_eq!(said.status, Some(2));
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&told["good"], told["problems"].as_array().unwrap().len()), (&false.into(), 2), "{told}");
}

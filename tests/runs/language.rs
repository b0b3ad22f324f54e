//! French, unless the shell or the configuration names English.

use crate::club::{Club, Said};

fn said_with(club: &Club, environment: &[(&str, &str)], arguments: &[&str]) -> Said {
    let mut command = club.command(arguments);
    command.env_remove("LANG").envs(environment.iter().copied());
    Said::of(&mut command)
}

#[test]
fn the_shell_s_language_is_spoken_and_french_otherwise() {
    let club = Club::new();
    club.run();
    for (environment, begins) in [
        (&[][..], "OK: Backup récent"),
        (&[("LANG", "")], "OK: Backup récent"),
        (&[("LANG", "C.UTF-8")], "OK: Backup récent"),
        (&[("LANG", "de_DE.UTF-8")], "OK: Backup récent"),
        (&[("LANG", "en")], "OK: Recent backup"),
        (&[("LANG", "en_GB.UTF-8")], "OK: Recent backup"),
        (&[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "en_US.UTF-8")], "OK: Recent backup"),
        (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "fr_FR.UTF-8")], "OK: Backup récent"),
        (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "")], "OK: Recent backup"),
    ] {
        let said = said_with(&club, environment, &["check"]);
        assert!(said.out.starts_with(begins), "{environment:?} {said:?}");
    }
}

#[test]
fn the_configuration_s_language_wins() {
    let club = Club::new();
    club.configure("[ui]\nlanguage = 'en'\n");
    club.run();
    let said = said_with(&club, &[("LANG", "fr_FR.UTF-8")], &["check"]);
    assert!(said.out.starts_with("OK: Recent backup"), "{said:?}");
    assert!(club.log().contains("The backup begins."), "{}", club.log());
    club.configure("[ui]\nlanguage = 'fr'\n");
    let said = said_with(&club, &[("LANG", "en_GB.UTF-8")], &["check"]);
    assert!(said.out.starts_with("OK: Backup récent"), "{said:?}");
}

#[test]
fn failures_are_said_in_the_language_too() {
    let club = Club::new();
    std::fs::remove_dir(club.at("backups")).unwrap();
    let said = said_with(&club, &[("LANG", "en")], &["list"]).failed(1);
    assert!(said.contains("does not exist"), "{said}");
}

//! Settings compared by key, and the club's name.

use super::super::tests::{counts, diff, told};
use super::*;

fn tell(before: &str, after: &str) -> Vec<String> {
    told(&diff(Form::Settings, before, after))
}

#[test]
fn settings_are_compared_by_key_and_the_last_of_two_wins() {
    let before = "A=1\nB=2\nC=3\n[s]\nA=4\n";
    let after = "[s]\nA=5\n[t]\nD=6\nD=7\n";
    assert_eq!(tell(before, &format!("C=0\nB=2\nC=3\n{after}")), ["-A 1", "~s.A 4 -> 5", "+t.D 7"]);
}

#[test]
fn the_way_of_writing_does_not_matter() {
    let before = "# a comment\nA=1\nB=two words\nC='3'\n";
    let after = "\nexport A = \"1\"\r\nC=3\r\n; another\r\nB=\"two words\" # note";
    let same = diff(Form::Settings, before, after);
    assert_eq!((same.state, counts(&same)), (DiffState::Same, (0, 0, 0)));
}

#[test]
fn a_line_that_is_no_setting_is_its_own_key() {
    assert_eq!(tell("some line\nA=1", "A=1\nother line"), ["-some line", "+other line"]);
    assert_eq!(tell("A", "A=1"), ["+A 1", "-A"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn secrets_are_masked_and_their_change_is_said() {
    assert_eq!(
        tell("TOKEN=one\nU=http://u:one@h\nsecret one", "TOKEN=two\nU=http://u:two@h\nsecret two"),
        ["~TOKEN •••••• -> ••••••", "~U http://••••••@h -> http://••••••@h", "-••••••", "+••••••"]
    );
    assert_eq!(tell("A=x # token one", "A=y"), ["~A x # •••••• -> y"]);
    assert_eq!(tell("A='x\ny'", "A='x\ntoken=one'"), ["~A •••••• -> ••••••"], "masked on either side");
}

#[test]
fn what_is_shown_is_cut_and_has_no_control_characters() {
    let told = diff(Form::Settings, "A=1", format!("A='\u{1b}[1m\u{202e}\n{}'", "é".repeat(100)));
    let value = told.changes[0].after.as_ref().unwrap();
    assert!(value.starts_with("\\u001b[1m\\u202e\\néé") && value.ends_with("é…"), "{value}");
    assert_eq!(value.chars().count(), 81);
    let latin = diff(Form::Settings, "A=1", b"A=\xe9");
    assert_eq!(latin.changes[0].after.as_deref(), Some("\u{fffd}"));
}

#[test]
fn the_club_s_name_is_its_last_site_name() {
    for (text, name) in [
        ("SITE_NAME=Nantes", Some("Nantes")),
        ("A=1\nexport SITE_NAME=\"Gymnase de l'Ouest # 2\" # note\n", Some("Gymnase de l'Ouest # 2")),
        ("SITE_NAME=Salle 2 # note", Some("Salle 2")),
        ("SITE_NAME=Salle#2", Some("Salle#2")),
        ("SITE_NAME=a\nSITE_NAME=b", Some("b")),
        ("SITE_NAME=' '", None),
        ("SITE_NAME=", None),
        ("# SITE_NAME=a\nMY_SITE_NAME=b\n[s]\nSITE_NAME=c", None),
        ("SITE_NAME=a\u{7}b", Some("a\\u0007b")),
    ] {
        assert_eq!(site_of(text.as_bytes()).as_deref(), name, "{text}");
    }
    assert_eq!(site_of(format!("SITE_NAME={}", "é".repeat(200)).as_bytes()).unwrap().chars().count(), 81);
}

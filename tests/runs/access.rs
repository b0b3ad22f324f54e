//! `passwd` and `token`: who may use the panel, said on the machine itself.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::club::{Club, Said, in_the_field};
use crate::tools::{ROOT, lacks};

const PASSWORD: &str = "trois petits tours";

impl Club {
    /// Runs `passwd` with this line on its standard input.
    fn passwd(&self, line: &str, more: &[&str]) -> Said {
        let mut command = self.command(&[&["passwd"], more].concat());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = write!(child.stdin.take().unwrap(), "{line}");
        Said::from(child.wait_with_output().unwrap())
    }

    fn kept(&self) -> Value {
        serde_json::from_slice(&fs::read(self.at("state/access/access.json")).unwrap()).unwrap()
    }
}

#[test]
fn passwd_takes_a_good_password_from_a_pipe_and_keeps_a_hash_of_it() {
    let club = Club::new();
    let said = club.passwd(&format!("{PASSWORD}\n"), &[]);
    assert!(said.done().contains("en vigueur"));
    let hash = club.kept()["password"]["hash"].as_str().unwrap().to_owned();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let mode = |path: &str| fs::metadata(club.at(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("state/access"), mode("state/access/access.json")], [0o700, 0o600]);
    for file in ["state/access/access.json", "state/access/audit.jsonl"] {
        assert!(!fs::read_to_string(club.at(file)).unwrap().contains(PASSWORD));
    }
    // A line that was written under another system ends otherwise.
    club.passwd(&format!("{PASSWORD}\r\n"), &[]).done();
    assert_ne!(club.kept()["password"]["hash"], hash.as_str(), "another salt");
}

#[test]
fn a_weak_password_is_refused_with_its_reason_and_changes_nothing() {
    let club = Club::new();
    for (weak, reason) in [("court", "10 caractères"), ("neopro2026", "deviner"), ("", "10 caractères")] {
        let said = club.passwd(weak, &[]).failed(1);
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains(weak) || weak.is_empty(), "a password is not said again");
    }
    assert!(!club.at("state/access/access.json").exists());
}

#[test]
fn a_dry_run_judges_and_changes_nothing() {
    let club = Club::new();
    assert!(club.passwd(PASSWORD, &["--dry-run"]).done().contains("convient"));
    assert!(club.passwd("court", &["--dry-run"]).failed(1).contains("10 caractères"));
    club.done(&["token", "add", "x", "--scope", "read", "--dry-run"]);
    assert!(club.say(&["token", "revoke", "x", "--dry-run"]).failed(1).contains('x'));
    club.done(&["passwd", "--code", "--dry-run"]);
    assert!(!club.at("state/access").exists() && !club.at("setup-code").exists());
}

#[test]
fn the_code_is_the_same_until_it_is_used_and_then_none() {
    if lacks(&[ROOT]) {
        return;
    }
    let club = Club::new();
    let code = club.json(&["passwd", "--code"])["code"].as_str().unwrap().to_owned();
    assert!(club.done(&["passwd", "--code"]).contains(&code), "root's file knows it");
    let file = club.at("setup-code");
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), code);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!club.kept().to_string().contains(&code.replace('-', "")));
    fs::remove_file(&file).unwrap();
    assert_ne!(club.json(&["passwd", "--code"])["code"], code.as_str(), "nobody else knows it");

    club.passwd(PASSWORD, &[]).done();
    assert!(!file.exists());
    assert_eq!(
        club.json(&["passwd", "--code"]),
        json!({ "claimed": true, "code": null, "fingerprint": null })
    );
}

#[test]
fn tokens_are_shown_once_listed_and_revoked() {
    let club = Club::new();
    let said = club.say(&["token", "add", "nas", "--scope", "download", "--expires", "90d"]);
    let token = said.out.trim().to_owned();
    assert!(token.starts_with("neopro_") && token.len() == 71, "alone on its line: {said:?}");
    assert!(said.err.contains("que cette fois"));
    let made = club.json(&["token", "add", "ci", "--scope", "create", "--expires", "2030-06-30"]);
    assert_eq!(made["expires"], "2030-06-30T22:00:00Z", "the last day is one by the zone of the machine");
    let listed = club.json(&["token", "list"]);
    assert_eq!((&listed[0]["name"], &listed[0]["scope"]), (&json!("nas"), &json!("download")));
    for shown in [club.done(&["token", "list"]), listed.to_string(), club.kept().to_string()] {
        assert!(!shown.contains(&token) && shown.contains("nas"), "{shown}");
    }
    club.done(&["token", "revoke", "nas"]);
    assert!(!club.done(&["token", "list"]).contains("nas"));
    assert!(club.say(&["token", "revoke", "nas"]).failed(1).contains("nas"));
}

#[test]
fn wrong_usage_ends_with_2_and_what_cannot_be_with_1() {
    let club = Club::new();
    for wrong in [
        &["token"][..],
        &["token", "add", "x"],
        &["token", "add", "--scope", "read"],
        &["token", "add", "x", "--scope", "root"],
        &["token", "add", "x", "--scope", "read", "--expires", "soon"],
        &["token", "add", "x", "--scope", "read", "--expires", "-1d"],
        &["passwd", "secret-on-the-command-line"],
    ] {
        assert_eq!(club.say(wrong).status, Some(2), "{wrong:?}");
    }
    for impossible in [
        &["token", "add", "a b", "--scope", "read"][..],
        &["token", "add", "x", "--scope", "read", "--expires", "0d"],
        &["token", "add", "x", "--scope", "read", "--expires", "2020-01-01"],
    ] {
        assert_eq!(club.say(impossible).status, Some(1), "{impossible:?}");
    }
}

#[test]
fn whoever_is_neither_root_nor_the_panel_is_told_to_use_sudo() {
    if lacks(&[ROOT, "setpriv"]) {
        return;
    }
    let club = Club::new();
    club.passwd(PASSWORD, &[]).done();
    let folder = fs::metadata(club.at("")).unwrap().permissions();
    fs::set_permissions(club.at(""), fs::Permissions::from_mode(0o755)).unwrap();
    for arguments in
        [&["token", "list"][..], &["passwd", "--code"], &["token", "add", "x", "--scope", "read"]]
    {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.arg(club.copy_of_the_program()).args(club.arguments(arguments));
        in_the_field(&mut command);
        let said = Said::of(&mut command).failed(1);
        assert!(said.contains("sudo"), "{arguments:?}: {said}");
    }
    fs::set_permissions(club.at(""), folder).unwrap();
}

#[test]
fn root_writes_as_the_panel_s_user_and_follows_no_link() {
    if lacks(&[ROOT]) {
        return;
    }
    let club = Club::new();
    club.passwd(PASSWORD, &[]).done();
    let folder = club.at("state/access");
    fs::set_permissions(club.at(""), fs::Permissions::from_mode(0o755)).unwrap();
    for path in [folder.clone(), folder.join("access.json"), folder.join("lock"), folder.join("audit.jsonl")]
    {
        std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
    }
    club.passwd("filet bleu buvette", &[]).done();
    let owner = |path| std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap());
    assert_eq!(owner(folder.join("access.json")), 65534, "the panel can read what root has set");

    let elsewhere = club.at("elsewhere");
    fs::rename(&folder, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
    let before = fs::read(elsewhere.join("access.json")).unwrap();
    assert_eq!(club.passwd(PASSWORD, &[]).status, Some(1));
    assert_eq!(fs::read(elsewhere.join("access.json")).unwrap(), before);
}

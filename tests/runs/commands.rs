//! Every command: what it prints, and with which exit status it ends.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::club::{Club, Said};

const NOWHERE: &str = "backup-19990101-000000.tar.gz";
/// 101 characters.
const LONG: &str =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).keys().map(String::as_str).collect()
}

fn assert_has(value: &Value, expected: &[&str]) {
    let keys = keys(value);
    assert!(expected.iter().all(|key| keys.contains(key)), "{keys:?}");
}

#[test]
fn list_as_json_has_the_keys_of_the_api_newest_first() {
    let club = Club::new();
    let names = [club.run(), club.run(), club.run()];
    let list = club.json(&["list"]);
    assert_has(&list, &["backups", "total", "totalSize"]);
    let backups = list["backups"].as_array().unwrap();
    assert_eq!(list["total"], 3);
    let sizes = backups.iter().map(|backup| backup["sizeBytes"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(list["totalSize"], sizes);
    for (backup, name) in backups.iter().zip(names.iter().rev()) {
        assert_has(
            backup,
            &["name", "size", "sizeBytes", "date", "created", "age", "verification", "pinned"],
        );
        assert_eq!((&backup["name"], &backup["age"]), (&name.as_str().into(), &"0 jours".into()));
        assert_eq!(backup["sizeBytes"], club.backup(name).metadata().unwrap().len());
        let created = backup["created"].as_str().unwrap();
        assert!(created.len() == 24 && created.ends_with('Z') && created.as_bytes()[19] == b'.', "{created}");
        assert_eq!(backup["date"].as_str().unwrap().len(), "2024-12-18 03:00:00".len());
        assert_eq!(backup["verification"], "verified");
    }
}

#[test]
fn list_searches_and_limits_by_the_rules_of_the_api() {
    let club = Club::new();
    let good = club.run();
    for day in [17, 18, 19] {
        std::fs::write(club.backup(&format!("backup-202412{day}-030000.tar.gz")), b"").unwrap();
    }
    let middle = "backup-20241218-030000.tar.gz";
    club.done(&["pin", middle]);
    let found = |arguments: &[&str]| -> Vec<String> {
        let list = club.json(&[&["list"], arguments].concat());
        assert_eq!(list["total"], 4, "of all");
        let backups = list["backups"].as_array().unwrap().iter();
        backups.map(|backup| backup["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&["--search", "Mercredi décembre"]), [middle]);
    assert_eq!(found(&["--search", "wednesday"]), [middle]);
    assert_eq!(found(&["--only", "pinned"]), [middle]);
    assert_eq!(found(&["--only", "verified"]), [good.as_str()]);
    assert_eq!(found(&["--only", "doubtful"]).len(), 3);
    assert_eq!(found(&["--only", "doubtful", "--search", "19", "--limit", "1"]).len(), 1);
    assert_eq!(found(&["--limit", "1"]), [good.as_str()]);
    let list = club.json(&["list", "--search", "decembre", "--limit", "2"]);
    assert_eq!((&list["matching"], list["backups"].as_array().unwrap().len()), (&3.into(), 2));
    assert_eq!(list["backups"][0]["lastGood"], false);
    assert_eq!(club.json(&["list"])["backups"][0]["lastGood"], true);

    let said = club.done(&["list", "--search", "décembre", "--limit", "2"]);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert_eq!(lines[2], "Trouvées : 3 sur 4 ; affichées : 2");
    assert!(club.done(&["list"]).lines().last().unwrap().starts_with("4 sauvegardes, "));
}

#[test]
fn show_as_json_is_the_manifest_and_its_members() {
    let club = Club::new();
    let shown = club.json(&["show", &club.run()]);
    assert_has(&shown, &["name", "verification", "manifest", "count", "bytes", "members"]);
    assert_eq!((&shown["verification"], &shown["count"]), (&"verified".into(), &5.into()));
    for member in shown["members"].as_array().unwrap() {
        assert_has(member, &["member", "path", "size", "mode", "uid", "gid", "mtime", "sha256"]);
    }
}

#[test]
fn verify_prune_and_auto_speak_json() {
    let club = Club::new();
    let name = club.run();
    let verdicts = club.json(&["verify", "--all"]);
    assert_has(&verdicts[0], &["name", "verification", "problem"]);
    assert_eq!(verdicts[0]["name"], name.as_str());
    assert_eq!(club.json(&["verify"]), serde_json::json!([]), "nothing is unread");
    for arguments in [&["prune", "--dry-run"][..], &["prune"]] {
        let verdicts = club.json(arguments);
        assert_eq!(keys(&verdicts[0]), BTreeSet::from(["name", "keep", "reason"]));
    }
    assert_eq!(keys(&club.json(&["auto"])), BTreeSet::from(["enabled", "active", "nextRun", "at"]));
}

#[test]
fn a_run_as_json_is_a_line_an_event_numbered_without_gaps() {
    let club = Club::new();
    let said = club.done(&["run", "--json"]);
    let events: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, event) in (1..).zip(&events) {
        assert_has(event, &["seq", "at", "event"]);
        assert_eq!(event["seq"], number);
    }
    assert_eq!((&events[0]["event"], &events[0]["kind"]), (&"started".into(), &"backup".into()));
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["outcome"]["success"]), (&"done".into(), &true.into()));
    assert_eq!(last["outcome"]["archive"], club.listed()[0].as_str());
    let steps: Vec<_> = events.iter().filter_map(|event| event["step"].as_str()).collect();
    assert_eq!(steps, ["prepare", "files", "inventory", "write", "verify", "publish", "prune"]);
}

#[test]
fn a_run_that_fails_says_so_as_json_with_a_code() {
    let club = Club::new();
    std::fs::remove_file(club.at("webapp/configuration.json")).unwrap();
    let said = club.say(&["run", "--json"]);
    assert_eq!(said.status, Some(1));
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["outcome"]["success"], false);
    assert_eq!(last["outcome"]["failure"]["code"], "source.missing");
}

#[test]
fn wrong_usage_is_exit_status_2() {
    let club = Club::new();
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["run", "--frobnicate"],
        &["list", "--limit", "0"],
        &["list", "--limit", "501"],
        &["list", "--only", "all"],
        &["list", "--search", LONG],
        &["show"],
        &["show", "../../etc/passwd"],
        &["delete"],
        &["delete", "backup-1.tar.gz"],
        &["pin", "x"],
        &["auto", "maybe"],
        &["auto", "at"],
        &["auto", "at", "24:60"],
        &["auto", "on", "18:30"],
        &["auto", "at-2460"],
        &["auto", "at-1830;x"],
        &["config"],
        &["config", "frobnicate"],
        &["verify", "--all", NOWHERE],
        &["restore"],
        &["restore", NOWHERE, "--undo"],
        &["restore", "--undo", "--only", "site.conf"],
        &["restore", "--undo", "--confirm", "Nantes"],
        &["restore", "--job", "backup-1"],
        &["restore", "--resume", "--yes"],
        &["restore", "--at-boot"],
        &["diff"],
        &["diff", NOWHERE, "live"],
        &["show", NOWHERE, "--raw"],
        &["show", NOWHERE, "--sheet"],
        &["import"],
    ] {
        let said = club.say(arguments);
        assert_eq!(said.status, Some(2), "{arguments:?} {said:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{arguments:?} {said:?}");
    }
}

#[test]
fn what_fails_is_exit_status_1_with_a_sentence() {
    let club = Club::new();
    for arguments in [
        &["show", NOWHERE][..],
        &["delete", NOWHERE],
        &["delete", "--dry-run", NOWHERE],
        &["pin", NOWHERE],
        &["unpin", NOWHERE],
    ] {
        let said = club.say(arguments).failed(1);
        assert!(said.contains(NOWHERE) && said.contains("n'existe pas"), "{said}");
    }
    club.say(&["verify", NOWHERE]).failed(1);
}

#[test]
fn help_and_version_are_exit_status_0() {
    let club = Club::new();
    assert!(club.done(&["--version"]).contains(env!("CARGO_PKG_VERSION")));
    for command in
        ["run", "list", "show", "verify", "delete", "pin", "unpin", "prune", "check", "auto", "config"]
    {
        assert!(club.done(&[command, "--help"]).contains("Usage"), "{command}");
        assert!(club.done(&["--help"]).contains(command));
    }
}

#[test]
fn delete_deletes_what_is_named_and_nothing_else() {
    let club = Club::new();
    let names = [club.run(), club.run(), club.run()];
    club.done(&["delete", &names[0], &names[2]]);
    assert_eq!(club.listed(), [names[1].clone()]);
    assert_eq!(club.archives().len(), 1);
}

#[test]
fn the_timer_can_be_turned_off_and_on_and_stays_so() {
    let club = Club::new();
    assert_eq!(club.json(&["auto"])["enabled"], true, "on until somebody turns it off");
    assert!(club.done(&["auto", "off"]).contains("désactivée"));
    let state = club.json(&["auto"]);
    assert_eq!((&state["enabled"], &state["nextRun"]), (&false.into(), &Value::Null));
    let on = club.done(&["auto", "on"]);
    assert!(on.contains("activée, prochaine : ") && on.contains(" 03:00:00 CE"), "{on}");
    let state = club.json(&["auto"]);
    assert_eq!(state["enabled"], true);
    assert!(state["nextRun"].as_str().unwrap().contains(" 03:00:00 CE"), "{state}");
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let club = Club::new();
    // More than a pipe holds.
    for days in 1..1500 {
        club.empty(days);
    }
    for arguments in
        [&["list"][..], &["list", "--json"], &["prune", "--dry-run"], &["config", "show"], &["--help"]]
    {
        let mut command = club.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let said = Said::from(child.wait_with_output().unwrap());
        assert!(!first.is_empty() && !said.err.contains("panicked"), "{arguments:?} {said:?}");
        assert_ne!(said.status, Some(101), "{arguments:?}");
    }
    let script = r#""$0" "$@" | head -1"#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, crate::club::PROGRAM]).args(club.arguments(&["list"]));
    crate::club::in_the_field(&mut shell);
    let said = Said::of(&mut shell);
    assert_eq!((said.out.lines().count(), said.err.as_str()), (1, ""));
}

#[test]
fn a_closed_standard_output_does_not_stop_a_backup() {
    let club = Club::new();
    let mut command = club.command(&["run", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert!(child.wait().unwrap().success());
    assert_eq!(club.status()["success"], true);
}

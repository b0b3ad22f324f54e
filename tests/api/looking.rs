//! Looking before restoring: what an archive holds, what has changed; never a secret.

use std::fs;

use serde_json::{Value, json};

use crate::corpus;
use crate::document::assert_error;
use crate::guest::Guest;
use crate::panel::{NAME, Panel};
use crate::support::planted::{NEXT_PASSWORD, OF_THE_CLUB};

fn diff(name: &str, with: &str) -> String {
    format!("/api/backups/{name}/diff{with}")
}

fn member<'v>(diff: &'v Value, name: &str) -> &'v Value {
    diff["members"].as_array().unwrap().iter().find(|member| member["member"] == name).unwrap()
}

#[test]
fn what_has_changed_since_an_archive_is_told_by_name() {
    let panel = Panel::new();
    let older = panel.backup();
    let live = panel.get(&diff(&older, "")).json();
    assert_eq!((&live["same"], &live["with"]), (&json!(true), &json!("live")), "{live}");
    fs::write(panel.club.path("club/configuration.json"), "{\"name\":\"Autre\",\"key\":\"x\"}").unwrap();
    fs::write(panel.club.path("club/.env"), format!("TOKEN={NEXT_PASSWORD}\n")).unwrap();
    fs::remove_file(panel.club.path("club/videos/été.mp4")).unwrap();
    let newer = panel.backup();
    for (path, with) in [
        (diff(&older, ""), "live"),
        (diff(&older, "?with=live"), "live"),
        (diff(&older, &format!("?with={newer}")), newer.as_str()),
    ] {
        let told = panel.get(&path).json();
        assert_eq!((&told["same"], &told["with"]), (&json!(false), &json!(with)), "{told}");
        let settings = member(&told, "configuration.json");
        assert_eq!((&settings["changed"], &settings["added"]), (&json!(1), &json!(1)), "{settings}");
        assert_eq!(member(&told, "sync-agent.env")["changes"][0]["path"], "TOKEN", "{told}");
        assert_eq!(member(&told, "videos-inventory.txt")["removed"], 1, "{told}");
    }
    let same = panel.get(&diff(&newer, &format!("?with={newer}"))).json();
    assert_eq!(same["same"], true, "{same}");
    let back = panel.get(&diff(&newer, &format!("?with={older}"))).json();
    assert_eq!(member(&back, "videos-inventory.txt")["added"], 1, "the other way round");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let panel = Panel::new();
    let name = panel.backup();
    for (path, status, code) in [
        (diff(NAME, ""), 404, "backup_not_found"),
        (diff(&name, &format!("?with={NAME}")), 404, "backup_not_found"),
        (diff(&name, "?with=../etc"), 400, "bad_name"),
        (diff("x", ""), 400, "bad_name"),
    ] {
        assert_error(&panel.get(&path), status, code);
    }
    panel.place(NAME, b"nothing");
    assert_error(&panel.get(&diff(NAME, "")), 422, "archive_refused");
    assert_error(&panel.get(&diff(&name, &format!("?with={NAME}"))), 422, "archive_refused");
    assert_error(&panel.get(&format!("/api/backups/{NAME}")), 422, "archive_refused");
}

#[test]
fn an_archive_s_members_are_listed_with_what_its_manifest_says() {
    let panel = Panel::new();
    let name = panel.backup();
    let shown = panel.get(&format!("/api/backups/{name}")).json();
    let names: Vec<_> = shown["members"].as_array().unwrap().iter().map(|held| &held["member"]).collect();
    let expected =
        ["configuration.json", "site.conf", "sync-agent.env", "system-info.txt", "videos-inventory.txt"];
    assert_eq!(json!(names), json!(expected));
    assert_eq!((&shown["count"], &shown["rehearsal"]), (&json!(5), &json!("proven")));
    let original = panel.club.path("club/configuration.json");
    assert_eq!(shown["members"][0]["path"], original.to_str().unwrap());
}

#[test]
fn a_member_is_shown_masked_and_raw_to_who_may_download() {
    let panel = Panel::guarded();
    let admin = panel.token("admin", "admin", &[]);
    let created = admin.ask(&panel, "POST", "/api/backups/create", "");
    assert_eq!(created.status, 200);
    let list = admin.ask(&panel, "GET", "/api/backups", "").json();
    let name = list["backups"][0]["name"].as_str().unwrap().to_owned();
    let of = |member: &str| format!("/api/backups/{name}/files/{member}");
    let reader = panel.token("reader", "read", &[]);
    let shown = reader.ask(&panel, "GET", &of("sync-agent.env"), "").json();
    assert_eq!(shown["form"], "settings");
    assert!(shown["text"].as_str().unwrap().contains("TOKEN="), "{shown}");
    assert!(!shown["text"].as_str().unwrap().contains(OF_THE_CLUB), "{shown}");
    for (guest, status, code) in [(&reader, 403, "not_allowed"), (&Guest::nobody(), 401, "sign_in_needed")] {
        assert_error(&guest.ask(&panel, "GET", &of("sync-agent.env/raw"), ""), status, code);
    }
    let downloader = panel.token("downloader", "download", &[]);
    let raw = downloader.ask(&panel, "GET", &of("sync-agent.env/raw"), "");
    assert_eq!(raw.body, fs::read(panel.club.path("club/.env")).unwrap());
    for member in ["absent", "manifest.json", "..%2Fsite.conf"] {
        let reply = reader.ask(&panel, "GET", &of(member), "");
        assert!([400, 404].contains(&reply.status), "{member}: {}", reply.status);
    }
}

#[test]
fn the_old_script_s_archives_are_looked_into_with_their_warning() {
    let panel = Panel::new();
    panel.place(NAME, &corpus::without_manifest());
    assert_eq!(panel.post(&format!("/api/backups/{NAME}/verify"), "").json()["verification"], "readable");
    let told = panel.get(&diff(NAME, "")).json();
    assert_eq!(told["proven"], false);
    assert!(told["warnings"].to_string().contains("ancien script, sans manifeste"), "{told}");
    let restored = panel.post(&format!("/api/backups/{NAME}/restore"), "{}").json();
    assert!(restored["output"].as_str().unwrap().contains("n'a pu être comparé à rien"), "{restored}");
}

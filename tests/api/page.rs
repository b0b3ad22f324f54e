//! The panel's files, and what every answer says to browsers.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::Reply;
use crate::support::planted::PASSWORD;

const GZIP: (&str, &str) = ("Accept-Encoding", "br, gzip;q=0.8");

fn unpacked(reply: &Reply) -> Vec<u8> {
    assert_eq!(reply.header("Content-Encoding").as_deref(), Some("gzip"));
    let mut plain = Vec::new();
    GzDecoder::new(&*reply.body).read_to_end(&mut plain).unwrap();
    plain
}

/// The versioned folder that the page names.
fn folder(page: &Reply) -> String {
    let page = String::from_utf8(page.body.clone()).unwrap();
    let from = page.find("/assets/").expect("a versioned file");
    page[from..].split('/').take(3).collect::<Vec<_>>().join("/")
}

/// The text of a page.
fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

#[test]
fn the_page_is_the_same_packed_and_plain_and_kept_by_nobody() {
    let panel = Panel::new();
    for path in ["/", "/plain"] {
        let (plain, packed) = (panel.get(path), panel.ask("GET", path, &[GZIP], ""));
        assert_eq!(plain.header("Content-Type").as_deref(), Some("text/html; charset=utf-8"));
        assert_eq!(plain.header("Content-Encoding"), None);
        let since = |page: &[u8]| {
            // All but the moment of asking and the room on the disk.
            let page = String::from_utf8(page.to_vec()).unwrap();
            page.split("<script id=\"told\"").next().unwrap().to_owned()
        };
        assert_eq!(since(&unpacked(&packed)), since(&plain.body));
        for reply in [&plain, &packed] {
            assert_eq!(reply.header("Cache-Control").as_deref(), Some("no-store"));
            assert_eq!(reply.header("Vary").as_deref(), Some("accept-encoding"));
        }
        let refused = panel.ask("GET", path, &[("Accept-Encoding", "gzip;q=0")], "");
        assert_eq!(refused.header("Content-Encoding"), None);
    }
}

#[test]
fn the_sentence_stands_in_the_page_as_the_api_says_it() {
    let panel = Panel::new();
    for language in ["fr", "en"] {
        let asked = ("Accept-Language", language);
        let told = panel.ask("GET", "/api/status", &[asked], "").json();
        let page = text(&panel.ask("GET", "/", &[asked], ""));
        let shown = told["sentence"].as_str().unwrap().trim_end_matches('.').replace('\'', "\u{2019}");
        let shown = shown.replace(" :", if language == "fr" { "\u{a0}:" } else { ":" });
        assert!(page.contains(&format!(">{shown}</h1>")), "{shown}");
        assert!(page.contains(&format!("<title>{shown} · ")), "{shown}");
        assert!(page.contains(&format!("data-state=\"{}\"", told["state"].as_str().unwrap())));
        assert!(page.contains(&format!(" lang=\"{language}\"")));
        assert!(!page.contains("{{") && !page.contains("data-say"), "a gap that nobody filled");
        let embedded = page.split("<script id=\"told\" type=\"application/json\">").nth(1).unwrap();
        let embedded: serde_json::Value =
            serde_json::from_str(embedded.split("</script>").next().unwrap()).unwrap();
        assert_eq!(embedded["causes"], told["causes"]);
    }
}

#[test]
fn text_of_the_box_stays_text_in_a_page() {
    let panel = Panel::new();
    panel.backup();
    let status = serde_json::json!({
        "timestamp": "2024-12-18T03:00:00+01:00", "date": "2024-12-18", "success": false, "archive": null,
        "size": null, "backups_count": 0, "retention_days": 7,
        "error": "</script><img src=x onerror=alert(1)> {{status}} \"quoted\"",
        "warnings": ["<!-- <script>"],
    });
    std::fs::write(panel.club.backup("last-backup-status.json"), status.to_string()).unwrap();
    for path in ["/", "/plain"] {
        let page = text(&panel.get(path));
        assert!(page.contains("&lt;/script&gt;&lt;img src=x"), "{path}: it is told");
        assert!(!page.contains("<img") && !page.contains("<!-- <"), "{path}");
        assert_eq!(page.matches("<script").count(), page.matches("</script>").count(), "{path}");
    }
}

#[test]
fn a_language_is_chosen_for_good_and_only_one_that_is_spoken() {
    let panel = Panel::new();
    for page in ["/", "/plain"] {
        let chosen = panel.get(&format!("{page}?lang=en"));
        assert_eq!((chosen.status, chosen.header("Location").as_deref()), (303, Some(page)));
        let cookie = chosen.header("Set-Cookie").unwrap();
        assert!(cookie.starts_with("neopro_language=en; Path=/; Max-Age=31536000; "), "{cookie}");
        for (cookies, language) in
            [("neopro_language=en", "en"), ("neopro_language=fr", "fr"), ("neopro_language=xx", "fr")]
        {
            let asked = panel.ask("GET", page, &[("Cookie", cookies), ("Accept-Language", "fr")], "");
            assert!(text(&asked).contains(&format!(" lang=\"{language}\"")), "{page} {cookies}");
        }
        assert_error(&panel.get(&format!("{page}?lang=de")), 400, "bad_parameter");
    }
    let english =
        panel.ask("GET", "/api/nothing", &[("Cookie", "neopro_language=en"), ("Accept-Language", "fr")], "");
    assert_eq!(english.header("Content-Language").as_deref(), Some("en"), "errors speak it, too");
}

#[test]
fn a_stranger_is_told_nothing_by_a_page() {
    let panel = Panel::guarded();
    panel.place(NAME, b"0123456789");
    let stranger = |path: &str| {
        let bytes = crate::support::request(panel.daemon.address, "GET", path, &[], b"");
        crate::support::exchange(panel.daemon.address, &bytes).unwrap()
    };
    for path in ["/", "/plain", "/plain?from=0"] {
        let page = stranger(path);
        assert_eq!(page.status, 200);
        let page = text(&page);
        assert!(!page.contains(NAME) && !page.contains("20241218") && !page.contains("2024-12-18"), "{path}");
        assert!(!page.contains("\"causes\":") && !page.contains("Tout va bien"), "{path}");
    }
    let backups = panel.club.backup("").display().to_string();
    assert!(!text(&stranger("/")).contains(&backups));
}

#[test]
fn the_page_without_scripts_has_the_list_in_parts_and_the_downloads() {
    let panel = Panel::new();
    for minute in 0..60 {
        panel.place(&format!("backup-20241218-03{minute:02}00.tar.gz"), b"x");
    }
    let first = text(&panel.get("/plain"));
    assert_eq!(first.matches("<li class=\"row\">").count(), 50);
    assert_eq!(first.matches("href=\"/api/backups/download/backup-2024").count(), 50);
    assert!(first.contains("href=\"/plain?from=50\"") && !first.contains("from=0\""));
    let rest = text(&panel.get("/plain?from=50"));
    assert_eq!(rest.matches("<li class=\"row\">").count(), 10);
    assert!(rest.contains("href=\"/plain?from=0\"") && !rest.contains("from=100"));
    assert_eq!(text(&panel.get("/plain?from=9999999")).matches("<li class=\"row\">").count(), 0);
    assert_error(&panel.get("/plain?from=-1"), 400, "bad_parameter");
}

#[test]
fn a_form_signs_in_as_the_api_does_and_is_noted() {
    let panel = Panel::guarded();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let origin = format!("http://{}", panel.daemon.address);
    let send = |origin: &str, body: &str| {
        let headers = [form[0], ("Origin", origin)];
        let bytes =
            crate::support::request(panel.daemon.address, "POST", "/plain", &headers, body.as_bytes());
        crate::support::exchange(panel.daemon.address, &bytes).unwrap()
    };
    let password = PASSWORD.replace(' ', "+");
    assert_error(&send("http://evil.example", &format!("password={password}")), 403, "foreign_origin");
    assert_error(&send("null", &format!("password={password}")), 403, "foreign_origin");
    for wrong in ["", "password", "user=x", "password=a&password=b", "password=%ff"] {
        let reply = send(&origin, wrong);
        assert!([400, 401].contains(&reply.status), "{wrong}: {}", reply.status);
        assert_eq!(reply.header("Set-Cookie"), None);
    }
    let refused = send(&origin, "password=trois+petits+fours");
    assert_eq!((refused.status, refused.header("Set-Cookie")), (401, None));
    assert!(text(&refused).contains("role=\"alert\""));
    let entered = send(&origin, &format!("password={password}"));
    assert_eq!((entered.status, entered.header("Location").as_deref()), (303, Some("/")));
    let session = entered.header("Set-Cookie").unwrap();
    assert!(
        session.contains("neopro_session=") && session.contains("HttpOnly; SameSite=Strict"),
        "{session}"
    );
    let cookie = session.split(';').next().unwrap();
    let page = panel.ask("GET", "/plain", &[("Cookie", cookie)], "");
    assert!(text(&page).contains("<ul class=\"list\">"));
    let trail = std::fs::read_dir(panel.club.path("state/access")).unwrap();
    let noted: String = trail
        .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok())
        .filter(|text| text.contains("sign_in"))
        .collect();
    assert!(noted.contains("\"failed\"") && noted.contains("\"done\""), "{noted}");
}

#[test]
fn who_signed_in_by_the_form_signs_out_by_it_and_is_known_there() {
    let panel = Panel::guarded();
    let origin = format!("http://{}", panel.daemon.address);
    let send = |headers: &[(&str, &str)], body: &str| {
        let bytes = crate::support::request(panel.daemon.address, "POST", "/plain", headers, body.as_bytes());
        crate::support::exchange(panel.daemon.address, &bytes).unwrap()
    };
    let form = format!("password={}", PASSWORD.replace(' ', "+"));
    let entered = send(&[("Origin", &origin)], &form);
    let cookies: Vec<_> =
        entered.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).collect();
    // What makes a browser known is sent to this page as well.
    assert!(
        cookies.iter().any(|(_, cookie)| cookie.starts_with("neopro_browser=") && cookie.contains("Path=/;"))
    );
    let held: Vec<_> = cookies.iter().map(|(_, cookie)| cookie.split(';').next().unwrap()).collect();
    let held = held.join("; ");
    assert!(text(&panel.ask("GET", "/plain", &[("Cookie", &held)], "")).contains("name=\"leave\""));
    let again = send(&[("Origin", &origin), ("Cookie", &held)], &form);
    assert!(!again.header("Set-Cookie").unwrap().contains("neopro_browser="), "it is known already");
    // One that says no origin has sent its form here all the same.
    let mute = send(&[("Cookie", &held)], &form);
    assert_eq!(mute.status, 303);
    let session = mute.header("Set-Cookie").unwrap().split(';').next().unwrap().to_owned();
    let left = send(&[("Origin", &origin), ("Cookie", &session)], "leave=1");
    assert_eq!((left.status, left.header("Location").as_deref()), (303, Some("/")));
    assert!(left.header("Set-Cookie").unwrap().starts_with("neopro_session=; Path=/; Max-Age=0"));
    let after = text(&panel.ask("GET", "/plain", &[("Cookie", &session)], ""));
    assert!(after.contains("name=\"password\"") && !after.contains("name=\"leave\""));
}

#[test]
fn where_nobody_can_say_who_may_what_there_is_a_page_all_the_same() {
    let panel = Panel::guarded();
    std::fs::write(panel.club.path("state/access/access.json"), "{").unwrap();
    for path in ["/", "/plain"] {
        let bytes = crate::support::request(panel.daemon.address, "GET", path, &[], b"");
        let page = crate::support::exchange(panel.daemon.address, &bytes).unwrap();
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("Content-Type").as_deref(), Some("text/html; charset=utf-8"), "{path}");
        assert!(text(&page).contains("name=\"password\""), "{path}");
    }
}

#[test]
fn every_file_is_served_for_ever_under_its_version() {
    let panel = Panel::new();
    let folder = folder(&panel.get("/"));
    for (file, kind) in [
        ("panel.js", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("text/fr.json", "application/json"),
        ("text/en.json", "application/json"),
    ] {
        let path = format!("{folder}/{file}");
        let (plain, packed) = (panel.get(&path), panel.ask("GET", &path, &[GZIP], ""));
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(unpacked(&packed), plain.body);
        for reply in [&plain, &packed] {
            assert_eq!(reply.header("Content-Type").as_deref(), Some(kind), "{file}");
            let forever = "public, max-age=31536000, immutable";
            assert_eq!(reply.header("Cache-Control").as_deref(), Some(forever), "{file}");
            assert_eq!(reply.header("Vary").as_deref(), Some("accept-encoding"), "{file}");
        }
    }
}

#[test]
fn files_of_another_version_and_of_no_version_are_not_found() {
    let panel = Panel::new();
    let folder = folder(&panel.get("/"));
    for path in [
        "/assets/0000000000000000/panel.js".to_owned(),
        format!("{folder}/nothing.js"),
        format!("{folder}/build.rs"),
        format!("{folder}/%2e%2e/%2e%2e/Cargo.toml"),
        format!("{folder}/..%2f..%2fCargo.toml"),
        format!("{folder}/%ff"),
        "/assets/%ff/panel.js".into(),
        "/assets/panel.js".into(),
    ] {
        assert_error(&panel.get(&path), 404, "not_found");
    }
}

#[test]
fn every_kind_of_answer_protects_the_browser() {
    let panel = Panel::new();
    panel.place(NAME, b"0123456789");
    let asset = format!("{}/panel.js", folder(&panel.get("/")));
    let archive = format!("/api/backups/download/{NAME}");
    let large = "a".repeat(17 << 10);
    let live = panel.events("/api/events", None);
    let mut replies = vec![live.head];
    for (status, method, path, headers) in [
        (200, "GET", "/", vec![]),
        (200, "GET", "/plain", vec![]),
        (303, "GET", "/?lang=en", vec![]),
        (200, "GET", asset.as_str(), vec![]),
        (200, "GET", "/api/backups", vec![]),
        (200, "GET", "/api/openapi.json", vec![]),
        (200, "GET", archive.as_str(), vec![]),
        (206, "GET", archive.as_str(), vec![("Range", "bytes=0-1")]),
        (416, "GET", archive.as_str(), vec![("Range", "bytes=99-")]),
        (200, "HEAD", archive.as_str(), vec![]),
        (400, "GET", "/api/backups/download/x", vec![]),
        (400, "GET", "/api/jobs/%ff", vec![]),
        (403, "POST", "/api/backups/create", vec![("Origin", "http://evil.example")]),
        (404, "GET", "/nothing", vec![]),
        (405, "PATCH", "/api/backups", vec![]),
        (413, "POST", "/api/backups/auto-toggle", vec![("Content-Length", "99999")]),
        (421, "GET", "/", vec![("Host", "evil.example")]),
        (431, "GET", "/api/backups", vec![("Cookie", large.as_str())]),
    ] {
        let reply = panel.ask(method, path, &headers, "");
        assert_eq!(reply.status, status, "{method} {path}");
        let api = !path.starts_with("/assets");
        let cached = reply.header("Cache-Control").unwrap();
        assert_eq!(api, cached.contains("no-store"), "{method} {path}: {cached}");
        replies.push(reply);
    }
    for reply in replies {
        let policy = reply.header("Content-Security-Policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(reply.header("X-Content-Type-Options").as_deref(), Some("nosniff"));
        let referrer = reply.header("Referrer-Policy").unwrap();
        assert!(["no-referrer", "same-origin"].contains(&referrer.as_str()), "{referrer}");
        assert_eq!(reply.header("Cross-Origin-Resource-Policy").as_deref(), Some("same-origin"));
    }
}

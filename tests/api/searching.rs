//! `GET /api/backups` with parameters: pages, search, kinds; and what an archive is among
//! the others.

use std::collections::BTreeSet;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::document::assert_error;
use crate::panel::{NAME, Panel};

fn page(panel: &Panel, query: &str) -> Value {
    let reply = panel.get(&format!("/api/backups?{query}"));
    assert_eq!(reply.status, 200, "{query}: {}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

fn names(list: &Value) -> Vec<&str> {
    list["backups"].as_array().unwrap().iter().map(|backup| backup["name"].as_str().unwrap()).collect()
}

fn figures(list: &Value) -> [u64; 3] {
    ["total", "totalSize", "matching"].map(|key| list[key].as_u64().unwrap())
}

/// Ten days of December, the newest first, each of ten bytes.
fn december(panel: &Panel) -> Vec<String> {
    let names: Vec<_> = (11..=20).rev().map(|day| format!("backup-202412{day}-030000.tar.gz")).collect();
    for name in &names {
        panel.place(name, &[0; 10]);
    }
    names
}

#[test]
fn pages_put_together_are_the_whole_list() {
    let panel = Panel::settled();
    let all = december(&panel);
    let whole = panel.list();
    assert_eq!((names(&whole), figures(&whole)), (all.iter().map(String::as_str).collect(), [10, 100, 10]));
    let mut seen = Vec::new();
    for offset in (0..12).step_by(4) {
        let part = page(&panel, &format!("limit=4&offset={offset}"));
        assert_eq!(figures(&part), [10, 100, 10], "figures are those of all");
        assert_eq!(part["backups"].as_array().unwrap().len(), 4.min(10 - offset));
        seen.extend(part["backups"].as_array().unwrap().clone());
    }
    assert_eq!(json!(seen), whole["backups"], "each as in the whole list");
    assert_eq!(names(&page(&panel, "offset=10")), [""; 0]);
    assert_eq!(names(&page(&panel, "offset=8")), all[8..]);
    assert_eq!(names(&page(&panel, "offset=1000000&limit=500")), [""; 0]);
    assert_eq!(page(&panel, "unknown=1&_=1734490800&limit=500"), whole, "what is not known is left alone");
}

#[test]
fn words_find_archives_in_both_languages_whatever_the_caller_s() {
    let panel = Panel::settled();
    december(&panel);
    panel.place("backup-20250101-153000.tar.gz", b"");
    for language in ["fr", "en"] {
        for (query, found) in [
            ("q=", 11),
            ("q=%20-%20", 11),
            ("q=decembre", 10),
            ("q=D%C3%89CEMBRE", 10),
            ("q=December+3h", 10),
            ("q=mercredi+d%C3%A9c", 2),
            ("q=mercredi", 3),
            ("q=Wednesday+decembre+2024", 2),
            ("q=18/12/2024", 1),
            ("q=2024-12-18", 1),
            ("q=18%20d%C3%A9cembre%20%C3%A0%2003:00", 1),
            ("q=1er+janvier", 1),
            ("q=15:30", 1),
            ("q=15h30", 1),
            ("q=backup-20241218-030000.tar.gz", 1),
            ("q=verified", 0),
            ("q=v%C3%A9rifi%C3%A9e", 0),
            ("q=ecembre", 0),
            ("q=%25%00%F0%9F%8F%90", 11),
        ] {
            let path = format!("/api/backups?{query}");
            let list = panel.ask("GET", &path, &[("Accept-Language", language)], "").json();
            assert_eq!(figures(&list), [11, 100, found], "{query}");
            assert_eq!(names(&list).len() as u64, found, "{query}");
        }
    }
    let list = page(&panel, "q=d%C3%A9cembre&limit=3&offset=1");
    assert_eq!(names(&list), ["19", "18", "17"].map(|day| format!("backup-202412{day}-030000.tar.gz")));
    assert_eq!(figures(&list), [11, 100, 10], "before the limit");
}

#[test]
fn kinds_are_those_of_their_states_and_pins() {
    let panel = Panel::settled();
    let good = panel.backup();
    panel.place(NAME, b"");
    panel.put(&format!("/api/backups/{NAME}/pin"));
    for (query, found) in [
        ("only=verified", vec![good.as_str()]),
        ("only=doubtful", vec![NAME]),
        ("only=pinned", vec![NAME]),
        ("only=pinned&q=verified", vec![]),
        ("only=pinned&q=epinglee", vec![NAME]),
        ("q=pinned", vec![NAME]),
        ("q=v%C3%A9rifi%C3%A9e", vec![good.as_str()]),
    ] {
        let list = page(&panel, query);
        assert_eq!(names(&list), found, "{query}");
        assert_eq!(figures(&list)[0], 2, "{query}");
        assert_eq!(figures(&list)[2], found.len() as u64, "{query}");
    }
    panel.post(&format!("/api/backups/{NAME}/verify"), "");
    assert_eq!(names(&page(&panel, "q=ab%C3%AEm%C3%A9e")), [NAME]);
    assert_eq!(names(&page(&panel, "q=damaged")), [NAME]);
    assert_eq!(names(&page(&panel, "only=doubtful")), [NAME]);
}

#[test]
fn values_that_are_not_allowed_are_refused_by_the_parameter_s_name() {
    let panel = Panel::settled();
    let long = format!("q={}", "x".repeat(101));
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e2", "limit"),
        ("limit=5&limit=5", "limit"),
        ("offset=-1", "offset"),
        ("offset=1000001", "offset"),
        ("offset=99999999999999999999999999", "offset"),
        ("only=all", "only"),
        ("only=", "only"),
        ("only=Pinned", "only"),
        ("q=%ff", "q"),
        ("q=a&q=b", "q"),
        (&long, "q"),
    ] {
        for (language, quoted) in [("fr", format!("« {name} »")), ("en", format!("\"{name}\""))] {
            let path = format!("/api/backups?{query}");
            let reply = panel.ask("GET", &path, &[("Accept-Language", language)], "");
            assert_error(&reply, 400, "bad_parameter");
            let message = reply.json()["message"].as_str().unwrap().to_owned();
            assert!(message.contains(&quoted), "{query}: {message}");
        }
    }
}

#[test]
fn the_last_good_one_and_twins_are_told_on_every_page() {
    let panel = Panel::settled();
    let good = panel.backup();
    for name in ["backup-20241217-030000.tar.gz", NAME, "backup-20241218-030059.tar.gz"] {
        panel.place(name, b"");
    }
    let told = |list: &Value, key: &str| -> Vec<String> {
        let backups = list["backups"].as_array().unwrap().iter().filter(|backup| backup[key] == true);
        backups.map(|backup| backup["name"].as_str().unwrap().to_owned()).collect()
    };
    for query in ["", "limit=500", "q=2024-12-18", "limit=1", "offset=2&limit=1"] {
        let list = page(&panel, query);
        let shown: BTreeSet<_> = names(&list).into_iter().collect();
        assert_eq!(told(&list, "lastGood").contains(&good), shown.contains(good.as_str()), "{query}");
        let twins = shown.iter().filter(|name| name.starts_with("backup-20241218")).count();
        assert_eq!(told(&list, "hasTwin").len(), twins, "{query}");
    }
    let second = panel.backup();
    assert_eq!(told(&panel.list(), "lastGood"), [""; 0], "two are as good as one another");
    // It stays possible: the panel asks for a word, the API does not.
    assert_eq!(panel.delete(&format!("/api/backups/{second}")).status, 200);
    assert_eq!(panel.delete(&format!("/api/backups/{good}")).status, 200);
    assert_eq!(told(&panel.list(), "lastGood"), [""; 0]);
}

#[test]
fn ten_thousand_archives_are_listed_searched_and_paged() {
    let panel = Panel::settled();
    let begin: jiff::civil::DateTime = "2000-01-01T03:00:00".parse().unwrap();
    for day in 0..10_000 {
        let then = begin + jiff::Span::new().days(day);
        panel.place(&then.strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string(), b"");
    }
    let newest = "backup-20270518-030000.tar.gz";
    let first = panel.get("/api/backups?limit=50");
    assert!(first.body.len() < 50_000, "a page has its own length: {}", first.body.len());
    let first = first.json();
    assert_eq!((names(&first).len(), names(&first)[0], figures(&first)), (50, newest, [10_000, 0, 10_000]));
    let last = page(&panel, "limit=50&offset=9990");
    assert_eq!((names(&last).len(), names(&last)[9]), (10, "backup-20000101-030000.tar.gz"));
    assert_eq!(figures(&page(&panel, "limit=1&q=mercredi+24+december"))[2], 4);
    let packed = panel.ask("GET", "/api/backups", &[("Accept-Encoding", "gzip")], "");
    let whole: Value = serde_json::from_reader(GzDecoder::new(&*packed.body)).unwrap();
    assert_eq!((names(&whole).len(), names(&whole)[0]), (10_000, newest));
}

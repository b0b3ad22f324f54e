//! Downloads: whole, in part, resumed, and of a file that vanishes meanwhile.

use std::fs;

use jiff::Timestamp;

use crate::document::assert_error;
use crate::panel::{NAME, Panel};
use crate::support::{Reply, request};

/// More than one of the pieces in which it is sent.
const LENGTH: usize = 600_013;

/// Bytes of which every part differs from every other.
fn content() -> Vec<u8> {
    let mut state = 1_u32;
    let next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(LENGTH).collect()
}

fn path() -> String {
    format!("/api/backups/download/{NAME}")
}

fn panel() -> Panel {
    let panel = Panel::new();
    panel.place(NAME, &content());
    panel.touch(NAME, "2024-12-18T02:00:07.123456789Z".parse::<Timestamp>().unwrap());
    panel
}

fn get(panel: &Panel, headers: &[(&str, &str)]) -> Reply {
    panel.ask("GET", &path(), headers, "")
}

fn range(panel: &Panel, range: &str) -> Reply {
    get(panel, &[("Range", range)])
}

#[test]
fn the_whole_file_comes_with_its_name_size_and_validators() {
    let reply = get(&panel(), &[]);
    assert_eq!(reply.status, 200);
    assert!(reply.body == content(), "the bytes differ");
    for (name, value) in [
        ("Content-Type", "application/gzip"),
        ("Content-Disposition", "attachment; filename=\"backup-20241218-030000.tar.gz\""),
        ("Content-Length", "600013"),
        ("Accept-Ranges", "bytes"),
        ("Last-Modified", "Wed, 18 Dec 2024 02:00:07 GMT"),
    ] {
        assert_eq!(reply.header(name).as_deref(), Some(value));
    }
    assert!(reply.header("ETag").unwrap().starts_with('"'), "strong, or If-Range would not hold");
}

#[test]
fn every_form_of_one_range_is_that_part() {
    let panel = panel();
    let end = LENGTH;
    for (asked, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=262143-262144", 262_143, 262_145),
        ("bytes=600012-600012", end - 1, end),
        ("bytes=600000-", 600_000, end),
        ("bytes=0-", 0, end),
        ("bytes=-1", end - 1, end),
        ("bytes=-500", end - 500, end),
        ("bytes=-600013", 0, end),
        ("bytes=600000-9999999", 600_000, end),
        ("bytes=5-18446744073709551615", 5, end),
    ] {
        let reply = range(&panel, asked);
        assert_eq!(reply.status, 206, "{asked}");
        let said = format!("bytes {from}-{}/{LENGTH}", to - 1);
        assert_eq!(reply.header("Content-Range"), Some(said), "{asked}");
        assert!(reply.body == content()[from..to], "{asked}");
    }
}

#[test]
fn a_suffix_longer_than_the_file_is_the_whole_file() {
    let reply = range(&panel(), "bytes=-9999999");
    assert_eq!((reply.status, reply.body.len()), (206, LENGTH));
}

#[test]
fn a_suffix_longer_than_the_file_can_be_had_beside_a_range_that_cannot() {
    let panel = panel();
    let reply = range(&panel, "bytes=-9999999, 700000-");
    assert_eq!((reply.status, reply.body.len()), (206, LENGTH));
    assert_eq!(range(&panel, "bytes=-9999999,-8888888").status, 200, "several parts");
}

#[test]
fn a_range_outside_the_file_is_refused_with_its_size() {
    let panel = panel();
    for asked in ["bytes=600013-", "bytes=9999999-99999999", "bytes=-0"] {
        let reply = range(&panel, asked);
        assert_error(&reply, 416, "bad_range");
        assert_eq!(reply.header("Content-Range").as_deref(), Some("bytes */600013"), "{asked}");
    }
}

#[test]
fn a_range_of_another_unit_or_of_several_parts_gets_the_whole_file() {
    let panel = panel();
    for asked in ["items=0-5", "bytes 0-5", "bytes=0-1,5-6", "bytes=0-1, -5", ""] {
        assert_eq!(range(&panel, asked).status, 200, "{asked}");
    }
}

#[test]
fn a_range_that_is_no_range_is_never_a_part() {
    let panel = panel();
    for asked in [
        "bytes=5-2",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "bytes=--5",
        "bytes=+5-9",
        "bytes=1-2-3",
        "bytes=99999999999999999999-",
    ] {
        let status = range(&panel, asked).status;
        assert!(matches!(status, 200 | 416), "{asked}: {status}");
    }
}

#[test]
fn an_empty_file_is_downloaded_and_has_no_parts() {
    let panel = Panel::new();
    panel.place(NAME, b"");
    let reply = get(&panel, &[]);
    assert_eq!((reply.status, reply.header("Content-Length").as_deref()), (200, Some("0")));
    assert_error(&range(&panel, "bytes=0-"), 416, "bad_range");
}

#[test]
fn halves_that_are_joined_are_the_file() {
    let panel = panel();
    let mut broken = panel.connect();
    broken.send(&request(panel.daemon.address, "GET", &path(), &[], b""));
    let etag = broken.head().unwrap().header("ETag").unwrap();
    let mut joined = broken.bytes(LENGTH / 2).unwrap();
    drop(broken);
    let rest = format!("bytes={}-", joined.len());
    let resumed = get(&panel, &[("Range", &rest), ("If-Range", &etag)]);
    assert_eq!(resumed.status, 206);
    joined.extend(resumed.body);
    assert!(joined == content(), "the joined halves differ from the file");
}

#[test]
fn if_range_gives_a_part_of_the_same_file_only() {
    let panel = panel();
    let known = get(&panel, &[]);
    let (etag, modified) = (known.header("ETag").unwrap(), known.header("Last-Modified").unwrap());
    let weak = format!("W/{etag}");
    let status = |condition: &str| get(&panel, &[("Range", "bytes=1-"), ("If-Range", condition)]).status;
    assert_eq!(status(&etag), 206);
    assert_eq!(status(&modified), 206);
    for other in [weak.as_str(), "\"other\"", "Tue, 17 Dec 2024 02:00:07 GMT", "what I had", ""] {
        assert_eq!(status(other), 200, "{other}");
    }
    panel.place(NAME, b"another file of this name");
    assert_eq!(status(&etag), 200, "it changed");
}

#[test]
fn who_has_the_file_gets_304() {
    let panel = panel();
    let known = get(&panel, &[]);
    let (etag, modified) = (known.header("ETag").unwrap(), known.header("Last-Modified").unwrap());
    let status = |headers: &[(&str, &str)]| get(&panel, headers).status;
    let (weak, list) = (format!("W/{etag}"), format!("\"a\", {etag}, \"b\""));
    for same in [etag.as_str(), &weak, &list, "*"] {
        assert_eq!(status(&[("If-None-Match", same)]), 304, "{same}");
    }
    assert_eq!(status(&[("If-None-Match", "\"other\"")]), 200);
    assert_eq!(status(&[("If-Modified-Since", &modified)]), 304);
    assert_eq!(status(&[("If-Modified-Since", "Wed, 18 Dec 2024 02:00:06 GMT")]), 200);
    assert_eq!(status(&[("If-Modified-Since", "yesterday")]), 200);
    let both = [("If-None-Match", "\"other\""), ("If-Modified-Since", modified.as_str())];
    assert_eq!(status(&both), 200, "the ETag goes before the date");
    assert_eq!(status(&[("If-None-Match", &etag), ("Range", "bytes=0-1")]), 304);
}

#[test]
fn head_says_what_get_would_send_and_knows_no_ranges() {
    let panel = panel();
    let (get, head) = (get(&panel, &[]), panel.ask("HEAD", &path(), &[("Range", "bytes=0-1")], ""));
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["Content-Length", "Content-Type", "Content-Disposition", "ETag", "Last-Modified"] {
        assert_eq!(head.header(name), get.header(name));
    }
}

#[test]
fn a_file_deleted_while_it_is_downloaded_arrives_whole() {
    // More than the two sockets' buffers hold.
    let large: Vec<u8> = content().iter().copied().cycle().take(32 << 20).collect();
    let panel = Panel::new();
    panel.place(NAME, &large);
    let mut download = panel.connect();
    download.send(&request(panel.daemon.address, "GET", &path(), &[], b""));
    assert_eq!(download.head().unwrap().status, 200);
    let mut received = download.bytes(1000).unwrap();
    assert_eq!(panel.delete(&format!("/api/backups/{NAME}")).json()["message"], "Backup supprimé");
    assert!(!panel.club.backup(NAME).exists());
    received.extend(download.bytes(large.len() - 1000).unwrap());
    assert!(received == large, "the bytes differ");
}

#[test]
fn a_file_cut_short_while_it_is_downloaded_is_never_taken_for_whole() {
    let large = vec![5; 32 << 20];
    let panel = Panel::new();
    panel.place(NAME, &large);
    let mut download = panel.connect();
    download.send(&request(panel.daemon.address, "GET", &path(), &[], b""));
    assert_eq!(download.head().unwrap().header("Content-Length"), Some(large.len().to_string()));
    fs::File::options().write(true).open(panel.club.backup(NAME)).unwrap().set_len(1000).unwrap();
    assert!(download.bytes(large.len()).is_none(), "the connection is cut");
    assert_eq!(panel.get("/api/health").status, 200);
}

#[test]
fn a_file_that_looks_like_an_answer_arrives_as_it_is() {
    let panel = Panel::new();
    // Every piece begins like one of the server's own refusals.
    let line = format!("{:64}", "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let content = line.repeat(20_000).into_bytes();
    panel.place(NAME, &content);
    assert!(get(&panel, &[]).body == content, "the bytes differ");
    let part = range(&panel, "bytes=640000-");
    assert!(part.body == content[640_000..], "the bytes differ");
}

#[test]
fn a_backup_that_was_made_here_arrives_as_it_lies_on_the_card() {
    let panel = Panel::new();
    let name = panel.backup();
    let reply = panel.get(&format!("/api/backups/download/{name}"));
    assert!(reply.body == fs::read(panel.club.backup(&name)).unwrap(), "the bytes differ");
}

#[test]
fn an_archive_of_any_date_can_be_had() {
    let panel = Panel::new();
    panel.place(NAME, b"bytes");
    for year in [1901, 9999] {
        let date = jiff::civil::date(year, 12, 30).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        panel.touch(NAME, date.timestamp());
        assert_eq!(panel.get(&format!("/api/backups/download/{NAME}")).body, b"bytes", "{year}");
    }
}

//! The strict reader against archives that our own writer would never write.

use std::io::{Read, Write};

use flate2::{Compression, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use super::super::*;
use super::{Quiet, STEM, damage, head, proof, written};

/// A tar.gz of raw entries, for what our own writer would never write.
struct Hostile(Builder<GzEncoder<Vec<u8>>>);

impl Hostile {
    fn new() -> Self {
        Self(Builder::new(GzEncoder::new(Vec::new(), Compression::fast())))
    }

    fn entry(mut self, path: &str, kind: EntryType, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn file(self, inner: &str, content: &[u8]) -> Self {
        self.entry(&format!("{STEM}/{inner}"), EntryType::Regular, content)
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap().finish().unwrap()
    }
}

fn manifest_of(members: &str) -> Vec<u8> {
    let head = serde_json::to_string(&head()).unwrap();
    format!("{},\"future\":[1,{{}}],\"members\":{members}}}", head.trim_end_matches('}')).into_bytes()
}

fn listed(name: &str, content: &[u8]) -> String {
    let sha = Digest(Sha256::digest(content).into());
    format!(
        r#"{{"member":"{name}","path":null,"size":{},"mode":"0644","uid":0,"gid":0,"owner":null,"group":null,"mtime":"1970-01-01T00:00:00Z","sha256":"{sha}"}}"#,
        content.len()
    )
}

#[test]
fn an_archive_of_the_old_script_is_readable_without_proof() {
    let plain = Hostile::new().entry(&format!("./{STEM}/"), EntryType::Directory, b"").entry(
        &format!("./{STEM}/site.conf"),
        EntryType::Regular,
        b"A=1",
    );
    let back = proof(&plain.bytes()).unwrap();
    assert_eq!((back.members, back.manifest), (1, None));
}

#[test]
fn a_manifest_with_keys_of_the_future_is_read_and_one_of_a_newer_format_refused() {
    let good = Hostile::new()
        .file("a", b"1")
        .file("manifest.json", &manifest_of(&format!("[{}]", listed("a", b"1"))));
    assert!(proof(&good.bytes()).unwrap().manifest.is_some());
    let newer = String::from_utf8(manifest_of("[]")).unwrap().replace("\"format\":1", "\"format\":2");
    let newer = Hostile::new().file("manifest.json", newer.as_bytes()).bytes();
    assert!(matches!(damage(&newer), Damage::NewerFormat(2)));
}

#[test]
fn every_disagreement_with_the_manifest_is_found() {
    let with =
        |members: &str| Hostile::new().file("a", b"1").file("manifest.json", &manifest_of(members)).bytes();
    let a = listed("a", b"1");
    assert!(matches!(damage(&with(&format!("[{}]", listed("a", b"2")))), Damage::Differs(m) if m == "a"));
    assert!(matches!(damage(&with(&format!("[{a},{}]", listed("b", b"")))), Damage::Missing(m) if m == "b"));
    assert!(matches!(damage(&with("[]")), Damage::Unlisted(1)));
    assert!(matches!(damage(&with(&format!("[{}]", a.replace("0644", "0666")))), Damage::Differs(_)));
    assert!(matches!(damage(&with(&format!("[{}]", a.replace("0644", "rw")))), Damage::Differs(_)));
    assert!(matches!(damage(&with(&format!("[{}]", a.replace("1970", "1971")))), Damage::Differs(_)));
    for bad in ["[", "{}", "[1]", "[],\"members\":[]"] {
        assert!(matches!(damage(&with(bad)), Damage::BadManifest(_)), "{bad}");
    }
    let none = Hostile::new().file("a", b"1").file("manifest.json", b"{\"format\":1}").bytes();
    assert!(matches!(damage(&none), Damage::BadManifest(_)));
    let list = Hostile::new().file("a", b"1").file("manifest.json", b"[]").bytes();
    assert!(matches!(damage(&list), Damage::BadManifest(_)));
}

#[test]
fn a_member_behind_the_manifest_is_refused() {
    let list = format!("[{}]", listed("a", b"1"));
    let bytes =
        Hostile::new().file("a", b"1").file("manifest.json", &manifest_of(&list)).file("b", b"").bytes();
    assert!(matches!(damage(&bytes), Damage::BehindManifest(m) if m == "b"));
}

#[test]
fn every_kind_but_files_is_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::GNULongLink,
        EntryType::Continuous,
    ] {
        let bytes = Hostile::new().entry(&format!("{STEM}/x"), kind, b"").bytes();
        assert!(matches!(damage(&bytes), Damage::ForeignKind { .. }), "{kind:?}");
    }
}

#[test]
fn every_name_that_leads_elsewhere_is_refused() {
    let one_file = |path: &str| Hostile::new().entry(path, EntryType::Regular, b"x").bytes();
    for path in [
        "/etc/passwd",
        "../x",
        "site.conf",
        STEM,
        "backup-1/x",
        &format!("{STEM}/../x"),
        &format!("{STEM}/./x"),
        &format!("{STEM}//x"),
        &format!("/{STEM}/x"),
        &format!("././{STEM}/x"),
    ] {
        assert!(matches!(damage(&one_file(path)), Damage::UnsafeName(_)), "{path}");
    }
    let two =
        Hostile::new().file("a", b"").entry("backup-20241218-030001/b", EntryType::Regular, b"").bytes();
    assert!(matches!(damage(&two), Damage::UnsafeName(_)));
    let full_folder = Hostile::new().entry(&format!("{STEM}/"), EntryType::Directory, b"x").bytes();
    assert!(matches!(damage(&full_folder), Damage::UnsafeName(_)));
}

#[test]
fn duplicates_and_excess_are_refused() {
    let twice = Hostile::new().file("a", b"").file("a", b"").bytes();
    assert!(matches!(damage(&twice), Damage::Duplicate(m) if m == "a"));
    let bytes = Hostile::new().file("a", b"123").file("b", b"456").bytes();
    let limited = |member_bytes, total_bytes, members| {
        let error = read(bytes.as_slice(), Limits { member_bytes, total_bytes, members }, &mut Quiet);
        assert!(matches!(error, Err(ReadError::Damaged(Damage::TooLarge { .. }))));
    };
    limited(2, 100, 100);
    limited(100, 5, 100);
    limited(100, 100, 1);
    let name = "x".repeat(5000);
    let long = Hostile::new().entry("././@LongLink", EntryType::GNULongName, name.as_bytes()).bytes();
    assert!(matches!(damage(&long), Damage::TooLarge { .. }));
    let doubled = Hostile::new().entry("././@LongLink", EntryType::GNULongName, b"a\0").entry(
        "././@LongLink",
        EntryType::GNULongName,
        b"b\0",
    );
    assert!(matches!(damage(&doubled.bytes()), Damage::TooLarge { .. }));
}

#[test]
fn bytes_behind_the_end_are_refused_and_zeros_of_gnu_tar_are_not() {
    let good = written(&[(b"a", b"1")]);
    let garbage = [good.as_slice(), b"x"].concat();
    assert!(matches!(damage(&garbage), Damage::TrailingBytes));
    let second_stream = [good.as_slice(), &good].concat();
    assert!(matches!(damage(&second_stream), Damage::TrailingBytes));

    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(good.as_slice()).read_to_end(&mut tar).unwrap();
    let packed = |tail: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&tar).unwrap();
        gzip.write_all(tail).unwrap();
        gzip.finish().unwrap()
    };
    assert!(proof(&packed(&[0; 10240])).is_ok());
    assert!(matches!(damage(&packed(b"behind the end")), Damage::TrailingBytes));
    assert!(matches!(damage(&packed(&vec![0; 1 << 20])), Damage::TrailingBytes));
}

#[test]
fn empty_foreign_and_hollow_files_are_damaged() {
    assert!(matches!(damage(b""), Damage::Empty));
    assert!(matches!(damage(b"PK\x03\x04 not gzip at all"), Damage::Undecodable(_)));
    assert!(matches!(damage(&Hostile::new().bytes()), Damage::NoMembers));
}

#[test]
fn a_manifest_that_is_made_to_fill_the_memory_is_refused_or_passed_over() {
    let head = String::from_utf8(manifest_of(&format!("[{}]", listed("a", b"1")))).unwrap();
    let with = |from: &str, to: &str| {
        let manifest = head.replace(from, to);
        assert_ne!(manifest, head);
        Hostile::new().file("a", b"1").file("manifest.json", manifest.as_bytes()).bytes()
    };
    let many = format!("\"warnings\":[{}\"\"", "\"x\",".repeat(1_000_000));
    let back = proof(&with("\"warnings\":[\"a \\\"quoted\\\" warning}\"", &many)).unwrap();
    assert!(back.manifest.unwrap().0.warnings.len() < 10_000);
    let long = format!("\"host\":\"{}\"", "x".repeat(1 << 20));
    assert!(matches!(damage(&with("\"host\":\"pi\"", &long)), Damage::BadManifest(_)));
    let deep = format!("\"future\":{}{}", "[".repeat(100), "]".repeat(100));
    assert!(matches!(damage(&with("\"future\":[1,{}]", &deep)), Damage::BadManifest(_)));
    let list = format!("\"sequence\":[{}0]", "0,".repeat(1_000_000));
    assert!(matches!(damage(&with("\"sequence\":7", &list)), Damage::BadManifest(_)));
}

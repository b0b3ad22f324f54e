//! Writing and reading held against each other, and the reader against what is hostile.

use std::io::{Cursor, Read, Write};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::*;
use crate::model::{ArchiveName, MANIFEST_FORMAT, ManifestHead};

const STEM: &str = "backup-20241218-030000";

fn name() -> ArchiveName {
    format!("{STEM}.tar.gz").parse().unwrap()
}

fn head() -> ManifestHead {
    ManifestHead {
        format: MANIFEST_FORMAT,
        program: "neopro-backup test".into(),
        host: "pi".into(),
        sequence: 7,
        created: "2024-12-18T02:00:00Z".parse().unwrap(),
        clock_trusted: true,
        warnings: vec!["a \"quoted\" warning}".into()],
    }
}

fn meta(name: &[u8], size: usize) -> MemberMeta {
    MemberMeta {
        name: name.to_vec(),
        path: Some([b"/club/", name].concat()),
        size: size as u64,
        mode: 0o600,
        uid: 1000,
        gid: 1000,
        owner: Some("pi".into()),
        group: None,
        mtime: "2024-11-01T10:00:00.5Z".parse().unwrap(),
    }
}

fn written(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let spool = std::env::temp_dir();
    let mut writer = ArchiveWriter::new(Vec::new(), &name(), Timestamp::UNIX_EPOCH, &spool).unwrap();
    for (name, content) in members {
        writer.add(meta(name, content.len()), *content).unwrap();
    }
    writer.finish(&head()).unwrap().0
}

fn proof(bytes: &[u8]) -> Result<ReadBack, ReadError> {
    struct Nothing;
    impl Visit for Nothing {}
    read(bytes, Limits::STORED, &mut Nothing)
}

fn damage(bytes: &[u8]) -> Damage {
    match proof(bytes) {
        Err(ReadError::Damaged(damage)) => damage,
        other => panic!("not refused as damaged: {other:?}"),
    }
}

#[test]
fn what_was_written_is_read_back_with_content_modes_and_names() {
    #[derive(Default)]
    struct Seen(Vec<(TarMember, Vec<u8>)>, Vec<String>);
    impl Visit for Seen {
        fn member(&mut self, member: &TarMember, content: &mut dyn Read) -> Result<(), ReadError> {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            self.0.push((member.clone(), bytes));
            Ok(())
        }
        fn listed(&mut self, member: &Member) {
            self.1.push(member.member.clone());
        }
    }
    let long = [b"videos/".as_slice(), "é".repeat(150).as_bytes()].concat();
    let members: [(&[u8], &[u8]); 4] =
        [(b"site.conf", b"A=1\n"), (b"empty", b""), (b"videos/latin-\xe9\n", b"xyz"), (&long, b"long")];
    let mut seen = Seen::default();
    let back = read(written(&members).as_slice(), Limits::STORED, &mut seen).unwrap();

    assert_eq!((back.folder.as_str(), back.members, back.bytes), (STEM, 4, 11));
    assert_eq!(back.manifest.unwrap().0, head());
    for ((name, content), (member, bytes)) in members.iter().zip(&seen.0) {
        assert_eq!((*name, *content), (member.name.as_slice(), bytes.as_slice()));
        assert_eq!((member.mode, member.mtime), (0o600, 1_730_455_200));
    }
    assert_eq!(seen.1[2], "videos/latin-\\xE9\\n");
}

#[test]
fn the_same_members_give_the_same_bytes() {
    let members: [(&[u8], &[u8]); 1] = [(b"site.conf", b"A=1\n")];
    assert_eq!(written(&members), written(&members));
}

#[test]
fn a_source_that_shrinks_or_grows_while_it_is_read_is_cut_to_its_size() {
    let mut writer =
        ArchiveWriter::new(Vec::new(), &name(), Timestamp::UNIX_EPOCH, &std::env::temp_dir()).unwrap();
    assert_eq!(writer.add(meta(b"short", 5), &b"abc"[..]).unwrap().missing, 2);
    assert_eq!(writer.add(meta(b"long", 2), &b"abc"[..]).unwrap().missing, 0);
    assert_eq!(proof(&writer.finish(&head()).unwrap().0).unwrap().bytes, 7);
}

#[test]
fn a_source_that_fails_is_told_from_a_disk_that_fails() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from_raw_os_error(5))
        }
    }
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from_raw_os_error(28))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let spool = std::env::temp_dir();
    let mut writer = ArchiveWriter::new(Vec::new(), &name(), Timestamp::UNIX_EPOCH, &spool).unwrap();
    let added = writer.add(meta(b"x", 5), b"ab".chain(Fails)).unwrap();
    assert_eq!((added.missing, added.failure.unwrap().raw_os_error()), (3, Some(5)));
    assert!(proof(&writer.finish(&head()).unwrap().0).is_ok(), "what was read of it is kept");
    let full = ArchiveWriter::new(Full, &name(), Timestamp::UNIX_EPOCH, &spool)
        .and_then(|writer| writer.finish(&head()).map(drop))
        .unwrap_err();
    assert_eq!(full.raw_os_error(), Some(28));
    assert!(matches!(read(Fails, Limits::STORED, &mut Quiet), Err(ReadError::Io(_))));
}

struct Quiet;
impl Visit for Quiet {}

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
fn every_truncation_is_found() {
    let good = written(&[(b"a", &[7; 3000]), (b"b", b"end")]);
    for length in 0..good.len() {
        assert!(proof(&good[..length]).is_err(), "{length} of {}", good.len());
    }
}

#[test]
fn a_file_on_disk_is_verified() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&written(&[(b"a", b"1")])).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    assert!(verify(&file).unwrap().manifest.is_some());
}

#[test]
fn the_writer_has_room_only_for_what_the_reader_reads() {
    let spool = std::env::temp_dir();
    let writer = ArchiveWriter::new(Vec::new(), &name(), Timestamp::UNIX_EPOCH, &spool).unwrap();
    let longest = 4096 - STEM.len() - 2;
    assert!(writer.has_room_for(&vec![b'x'; longest], 1 << 40));
    assert!(!writer.has_room_for(&vec![b'x'; longest + 1], 0));
    assert!(!writer.has_room_for(b"x", (1 << 40) + 1));
    let name = "é/".repeat(longest / 3) + "x";
    assert!(proof(&written(&[(name.as_bytes(), b"deep")])).is_ok());
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

#[test]
fn a_long_manifest_is_streamed_through_a_file() {
    let names: Vec<String> = (0..3000).map(|i| format!("videos/{i}")).collect();
    let members: Vec<(&[u8], &[u8])> = names.iter().map(|name| (name.as_bytes(), b"x".as_slice())).collect();
    assert_eq!(proof(&written(&members)).unwrap().members, 3000);
}

#[test]
fn every_damage_is_said_with_its_facts_in_both_languages() {
    use crate::text::Language;
    let name = || "site.conf".to_owned();
    let damages = [
        Damage::Empty,
        Damage::CutShort,
        Damage::Undecodable(name()),
        Damage::TrailingBytes,
        Damage::UnsafeName(name()),
        Damage::Duplicate(name()),
        Damage::NoMembers,
        Damage::BehindManifest(name()),
        Damage::BadManifest(name()),
        Damage::NewerFormat(2),
        Damage::Differs(name()),
        Damage::Missing(name()),
        Damage::Unlisted(2),
        Damage::NotWhatWasWritten,
    ]
    .into_iter()
    .chain(
        ["link", "device", "fifo", "sparse", "extension", "other"]
            .map(|kind| Damage::ForeignKind { member: name(), kind }),
    )
    .chain(
        ["name", "member", "total", "members", "manifest"].map(|what| Damage::TooLarge { what, limit: 7 }),
    );
    for damage in damages {
        for language in [Language::French, Language::English] {
            let said = language.say(&damage.sentence());
            assert!(!said.contains("damage.") && !said.contains(['{', '}']), "{said}");
            assert_eq!(said.contains("site.conf"), format!("{damage:?}").contains("site.conf"), "{said}");
        }
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_never_yields_another_content(position: prop::sample::Index, bit in 0u8..8) {
        let good = written(&[(b"configuration.json", b"{\"a\":1}"), (b"site.conf", b"A=1\n")]);
        let truth = proof(&good).unwrap();
        let mut bad = good.clone();
        bad[position.index(good.len())] ^= 1 << bit;
        // gzip's header has bytes without meaning (its time, its system): what
        // still reads must read the same.
        if let Ok(back) = proof(&bad) {
            prop_assert_eq!(back, truth);
        }
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = proof(&bytes);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&bytes).unwrap();
        let _ = read(Cursor::new(gzip.finish().unwrap()), Limits::STORED, &mut Quiet);
    }

    #[test]
    fn any_members_come_back(contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 1..6)) {
        let names: Vec<String> = (0..contents.len()).map(|i| format!("m{i}")).collect();
        let members: Vec<(&[u8], &[u8])> =
            names.iter().map(String::as_bytes).zip(contents.iter().map(Vec::as_slice)).collect();
        let back = proof(&written(&members)).unwrap();
        prop_assert_eq!(back.members, members.len());
    }
}

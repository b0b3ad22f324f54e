//! Writing and reading held against each other.

mod hostile;

use std::io::{Cursor, Read, Write};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use proptest::prelude::*;

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

//! The strict reader of archives: what it accepts is what it says, and is written again as the
//! same; what it refuses is neither listed nor leaves anything behind.
//!
//! The first byte of the input says what the others are: a file as it is, a tar that is packed
//! here, or a tar whose headers get their checksums here, so that the fuzzer need not find them.
#![no_main]

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::LazyLock;

use flate2::{Compression, write::GzEncoder};
use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;
use neopro_backup::archive::{
    ArchiveWriter, Limits, MemberMeta, ReadBack, ReadError, TarMember, Visit, digest_of, read,
};
use neopro_backup::config::Config;
use neopro_backup::jobs;
use neopro_backup::model::{ArchiveName, ManifestHead, Member, escape::escape};
use neopro_backup::store::{Store, StoreError};
use tempfile::TempDir;

/// Small, so that an input that unpacks to much takes no time; the store has its own.
const LIMITS: Limits = Limits { member_bytes: 1 << 20, total_bytes: 2 << 20, members: 40 };

fuzz_target!(|input: &[u8]| {
    let Some((form, bytes)) = input.split_first() else { return };
    let archive = match form % 3 {
        0 => bytes.to_vec(),
        1 => packed(bytes),
        _ => packed(&with_checksums(bytes)),
    };
    let mut seen = Seen::default();
    let back = read(&archive[..], LIMITS, &mut seen);
    if let Ok(back) = &back {
        is_what_it_says(back, &seen);
        is_written_again(back, &seen);
    }
    is_listed_or_gone(&archive, &back);
});

/// All that the reader shows.
#[derive(Default)]
struct Seen {
    members: Vec<(TarMember, Vec<u8>)>,
    listed: Vec<Member>,
}

impl Visit for Seen {
    fn member(&mut self, member: &TarMember, content: &mut dyn Read) -> Result<(), ReadError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        self.members.push((member.clone(), bytes));
        Ok(())
    }

    fn listed(&mut self, member: &Member) {
        self.listed.push(member.clone());
    }
}

fn is_what_it_says(back: &ReadBack, seen: &Seen) {
    assert!(format!("{}.tar.gz", back.folder).parse::<ArchiveName>().is_ok(), "{}", back.folder);
    assert!(!seen.members.is_empty() && back.members == seen.members.len());
    let total: u64 = seen.members.iter().map(|(member, _)| member.size).sum();
    assert!(total == back.bytes && total <= LIMITS.total_bytes && back.members as u64 <= LIMITS.members);
    let mut names = HashSet::new();
    for (member, content) in &seen.members {
        assert_eq!(content.len() as u64, member.size);
        assert!(member.size <= LIMITS.member_bytes && member.mode <= 0o777);
        let leads_on = |part: &[u8]| !part.is_empty() && part != b"." && part != b".." && !part.contains(&0);
        assert!(member.name.split(|byte| *byte == b'/').all(leads_on), "{}", escape(&member.name));
        assert!(names.insert(&member.name), "{} is there twice", escape(&member.name));
    }
    if back.manifest.is_none() {
        assert!(seen.listed.is_empty());
        return;
    }
    assert_eq!(seen.listed.len(), seen.members.len(), "the manifest does not name every member");
    for (listed, (member, content)) in seen.listed.iter().zip(&seen.members) {
        let digest = digest_of(&mut &content[..]).expect("memory can be read").to_string();
        assert_eq!(
            (&listed.member, listed.size, &listed.sha256),
            (&escape(&member.name), member.size, &digest)
        );
        assert_eq!(u32::from_str_radix(&listed.mode, 8), Ok(member.mode));
    }
}

/// What was accepted, written by the writer, reads as the same.
fn is_written_again(back: &ReadBack, seen: &Seen) {
    let name: ArchiveName = format!("{}.tar.gz", back.folder).parse().expect("a folder of this form");
    let folder = &BOX.backups;
    let mut writer = ArchiveWriter::new(Vec::new(), &name, Timestamp::UNIX_EPOCH, folder).expect("memory");
    for (member, content) in &seen.members {
        let mtime = i64::try_from(member.mtime).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        // Years after 9999, which no archive of ours has.
        let Some(mtime) = mtime else { return };
        assert!(writer.has_room_for(&member.name, member.size));
        let meta = MemberMeta {
            name: member.name.clone(),
            path: None,
            size: member.size,
            mode: member.mode,
            uid: 0,
            gid: 0,
            owner: None,
            group: None,
            mtime,
        };
        let added = writer.add(meta, &content[..]).expect("memory takes every member");
        assert!(added.missing == 0 && added.failure.is_none());
    }
    let head = back.manifest.as_ref().map_or_else(plain_head, |(head, _)| head.clone());
    let (archive, digest) = writer.finish(&head).expect("memory takes the manifest");
    let mut again = Seen::default();
    let read = read(&archive[..], Limits::STORED, &mut again).expect("our own archive is accepted");
    assert!(again.members == seen.members, "{:?}", again.members);
    assert_eq!(read, ReadBack { manifest: Some((head, digest)), ..back.clone() });
}

fn plain_head() -> ManifestHead {
    ManifestHead {
        format: 1,
        program: "a program".into(),
        host: "a host".into(),
        sequence: 1,
        created: Timestamp::UNIX_EPOCH,
        clock_trusted: true,
        warnings: Vec::new(),
    }
}

/// A box with no archives.
struct Box {
    _folder: TempDir,
    backups: PathBuf,
    config: Config,
    store: Store,
}

static BOX: LazyLock<Box> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let mut config = Config::default();
    let place = |name: &str| folder.path().join(name);
    (config.paths.backups, config.paths.state, config.paths.runtime) =
        (place("backups"), place("state"), place("run"));
    fs::create_dir(&config.paths.backups).expect("the folder of backups");
    let store = Store::open(&config.paths, TimeZone::UTC).expect("a store");
    Box { backups: config.paths.backups.clone(), _folder: folder, config, store }
});

/// Somebody brings it: it is refused where the reader refuses it, and then nothing of it is there.
fn is_listed_or_gone(archive: &[u8], back: &Result<ReadBack, ReadError>) {
    let mut import = BOX.store.import(archive.len() as u64).expect("room for it");
    import.write(archive).expect("room for it");
    match (jobs::try_import(&BOX.store, &BOX.config, import), back) {
        (Ok(imported), Ok(back)) => assert_eq!(imported.name.stem(), back.folder),
        (Err(StoreError::Refused { .. }), Err(_)) => {}
        // The store bears more than this program does.
        (Ok(_), Err(ReadError::Damaged(neopro_backup::archive::Damage::TooLarge { .. }))) => {}
        (imported, _) => panic!("{imported:?}, and the reader says {back:?}"),
    }
    let left: Vec<_> = fs::read_dir(&BOX.backups).expect("the folder of backups").collect();
    assert!(left.is_empty(), "{left:?}");
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).and_then(|()| gzip.finish()).expect("memory takes every byte")
}

/// The tar with the checksum of each header that is reached put right.
fn with_checksums(tar: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut tar = tar.to_vec();
    let mut place = 0;
    while let Some(header) = tar.get_mut(place..place + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            place += BLOCK;
            continue;
        }
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = header[124..136].iter().take_while(|byte| (b'0'..=b'7').contains(byte));
        let size = digits.fold(0, |size: usize, digit| size * 8 + usize::from(digit - b'0'));
        place += BLOCK + size.div_ceil(BLOCK) * BLOCK;
    }
    tar
}

//! The hot rooms by themselves: `cargo bench`. Compare two figures of one run only;
//! the machines are small and shared.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use neopro_backup::archive::{ArchiveWriter, Limits, MemberMeta, Proof, Staging, read};
use neopro_backup::config::{Config, Paths, Retention};
use neopro_backup::diff::{self, Mask};
use neopro_backup::model::{ArchiveName, Form, MANIFEST_FORMAT, ManifestHead, Verification, escape::escape};
use neopro_backup::sources::{parse_inventory, take_inventory};
use neopro_backup::store::{Store, retention};
use serde_json::json;
use tempfile::TempDir;

/// An inventory's text is what nearly every byte of an archive is.
const LINES: usize = 20_000;
const ARCHIVES: i32 = 10_000;

fn inventory_text() -> Vec<u8> {
    let mut text = Vec::new();
    for n in 0..LINES {
        let name = format!("MATCHS/N1 Féminine/2026-10-{:02} But {n}.mp4", n % 28 + 1);
        writeln!(text, "{}\t2026-01-01T00:00:{:02}Z\t{name}", n * 7919, n % 60).unwrap();
    }
    text
}

fn packed(text: &[u8]) -> Vec<u8> {
    let name: ArchiveName = "backup-20241218-030000.tar.gz".parse().unwrap();
    let mut writer =
        ArchiveWriter::new(Vec::new(), &name, Timestamp::UNIX_EPOCH, &std::env::temp_dir()).unwrap();
    let meta = MemberMeta {
        name: b"videos-inventory.txt".to_vec(),
        path: None,
        size: text.len() as u64,
        mode: 0o644,
        uid: 0,
        gid: 0,
        owner: None,
        group: None,
        mtime: Timestamp::UNIX_EPOCH,
    };
    writer.add(meta, text).unwrap();
    let head = ManifestHead {
        format: MANIFEST_FORMAT,
        program: "bench".into(),
        host: "bench".into(),
        sequence: 1,
        created: Timestamp::UNIX_EPOCH,
        clock_trusted: true,
        warnings: Vec::new(),
    };
    writer.finish(&head).unwrap().0
}

fn archive(criterion: &mut Criterion) {
    let text = inventory_text();
    let bytes = packed(&text);
    let mut group = criterion.benchmark_group("archive");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("write", |bench| bench.iter(|| packed(black_box(&text))));
    group.bench_function("read back", |bench| {
        bench.iter(|| read(black_box(bytes.as_slice()), Limits::STORED, &mut Proof).unwrap());
    });
    // What a restore, and the rehearsal of each night, reads besides: all of it here.
    group.bench_function("read back and stage", |bench| {
        bench.iter(|| {
            let mut staging = Staging::new(&|_| true, &std::env::temp_dir());
            read(black_box(bytes.as_slice()), Limits::STORED, &mut staging).unwrap();
            staging.finish().unwrap()
        });
    });
    group.finish();
}

/// Settings of about 100 KB, as a club has.
fn settings(version: &str) -> Vec<u8> {
    let sponsor =
        |n: i32| json!({ "id": n, "name": format!("Boulangerie {n}"), "token": n * 7, "loop": [n, n + 1] });
    let sponsors: Vec<_> = (0..1500).map(sponsor).collect();
    serde_json::to_vec(&json!({ "version": version, "sponsors": sponsors })).unwrap()
}

fn comparison(criterion: &mut Criterion) {
    let mask = Mask::new(&Config::default().masking.keys);
    let mut compared = |group: &str, form: Form, before: &[u8], after: &[u8]| {
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Bytes((before.len() + after.len()) as u64));
        group.bench_function("compare", |bench| {
            bench.iter(|| {
                let (mut older, mut newer) = (black_box(before), after);
                diff::compare("a", form, Some(&mut older), Some(&mut newer), &mask).unwrap()
            });
        });
        group.finish();
    };
    compared("settings", Form::Json, &settings("1"), &settings("2"));
    let text = inventory_text();
    compared("20,000 videos", Form::Inventory, &text, &text);
}

fn inventory(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    for team in 0..50 {
        let place = folder.path().join(format!("Équipe {team}"));
        fs::create_dir(&place).unwrap();
        for n in 0..100 {
            File::create(place.join(format!("But {n}.mp4"))).unwrap();
        }
    }
    let text = inventory_text();
    let mut group = criterion.benchmark_group("inventory");
    group.throughput(Throughput::Elements(5000));
    group.bench_function("take, 5,000 files", |bench| {
        let spool = std::env::temp_dir();
        bench.iter(|| take_inventory(folder.path(), &spool, &mut |_, _| ()).unwrap());
    });
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("parse", |bench| bench.iter(|| parse_inventory(black_box(text.as_slice())).count()));
    group.bench_function("escape a name", |bench| {
        bench.iter(|| escape(black_box("N1 Féminine\n".as_bytes())));
    });
    group.finish();
}

fn store(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    let at = |name| folder.path().join(name);
    let paths = Paths { backups: at("backups"), state: at("state"), runtime: at("run") };
    fs::create_dir(&paths.backups).unwrap();
    let begin: jiff::civil::DateTime = "2000-01-01T03:00:00".parse().unwrap();
    for n in 0..ARCHIVES {
        let name = ArchiveName::at(begin + jiff::Span::new().days(n));
        File::create(paths.backups.join(name.as_str())).unwrap();
    }
    let store = Store::open(&paths, TimeZone::UTC).unwrap();
    let now: Timestamp = "2027-06-01T03:00:00Z".parse().unwrap();
    let mut archives = store.list().unwrap();
    for archive in &mut archives {
        archive.verification = Verification::Verified;
        archive.modified = archive.created - SignedDuration::from_secs(1);
    }
    let policy = Retention { keep_daily: 30, keep_monthly: 12, ..Config::default().retention };
    let mut group = criterion.benchmark_group("10,000 archives");
    group.sample_size(20);
    group.bench_function("list", |bench| bench.iter(|| store.list().unwrap().len()));
    group.bench_function("retention", |bench| {
        bench.iter(|| retention::decide(black_box(&archives), &policy, now, &TimeZone::UTC).len());
    });
    group.finish();
}

criterion_group!(benches, archive, comparison, inventory, store);
criterion_main!(benches);

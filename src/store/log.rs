//! `backup.log`: one line an event, for people; bounded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;

use jiff::Zoned;

use super::error::{At, StoreError};
use super::{Store, atomic, shared};
use crate::model::{Level, time};

const NAME: &str = "backup.log";
const MODE: u32 = 0o644;
/// A year of nights with ten lines each is about 400 KB.
const LARGEST_BYTES: u64 = 512 << 10;
/// What is left when it has grown too large.
const KEPT_BYTES: u64 = 256 << 10;

impl Store {
    /// Appends one line, under the store's lock where it can be had.
    pub fn log(&self, now: &Zoned, level: Level, text: &str) -> Result<(), StoreError> {
        let _held = self.lock();
        let path = self.backups.join(NAME);
        let word = match level {
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        };
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{} {word} {text}\n", time::rfc3339_local(now));
        let mode = self.log_mode();
        let options = &mut OpenOptions::new();
        let mut file = shared::open(&path, options.append(true).read(true), mode).at("write", &path)?;
        file.write_all(line.as_bytes()).at("write", &path)?;
        if file.metadata().at("read", &path)?.len() > LARGEST_BYTES {
            let kept = last_lines(&mut file, KEPT_BYTES).at("read", &path)?;
            atomic::replace(&path, kept.as_bytes(), mode)?;
        }
        Ok(())
    }

    /// A directory that a group shares has a log that the group's members all append to,
    /// whoever made it.
    fn log_mode(&self) -> u32 {
        let shared = fs::metadata(&self.backups).map_or(0, |found| found.mode() & 0o020);
        MODE | shared
    }

    /// The last lines, at most `bytes` of them; empty where there is no log.
    pub fn log_tail(&self, bytes: u64) -> String {
        let file = atomic::open(&self.backups.join(NAME));
        file.and_then(|mut file| last_lines(&mut file, bytes)).unwrap_or_default()
    }
}

/// Whole lines from the end of the file.
fn last_lines(file: &mut File, bytes: u64) -> io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(bytes);
    file.seek(SeekFrom::Start(from))?;
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    Ok(match from {
        0 => text.into_owned(),
        // The first line is cut somewhere in its middle.
        _ => text.split_once('\n').map_or(String::new(), |(_, whole)| whole.to_owned()),
    })
}

//! `backup.log`: one line an event, for people; bounded.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;

use jiff::{Timestamp, Zoned};
use serde::Serialize;

use super::error::{At, StoreError};
use super::{Store, atomic, shared};
use crate::model::{Level, time};

const NAME: &str = "backup.log";
const MODE: u32 = 0o644;
/// A year of nights with ten lines each is about 400 KB.
const LARGEST_BYTES: u64 = 512 << 10;
/// What is left when it has grown too large.
const KEPT_BYTES: u64 = 256 << 10;
/// What is read of it at most: a line that was just appended may be on top.
const READ_BYTES: u64 = LARGEST_BYTES + (64 << 10);
/// How each level is written.
const WORDS: [(&str, Level); 3] =
    [("INFO", Level::Info), ("WARNING", Level::Warning), ("ERROR", Level::Error)];

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// RFC 3339 with the offset, as it was written; none in lines that are not ours.
    pub at: Option<String>,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// Lines of the log, the newest last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogPart {
    /// The lines.
    pub entries: Vec<LogEntry>,
    /// Whether the log has no others that matter as much.
    pub complete: bool,
}

impl Store {
    /// Appends one line, under the store's lock where it can be had.
    pub fn log(&self, now: &Zoned, level: Level, text: &str) -> Result<(), StoreError> {
        let _held = self.lock();
        let path = self.backups.join(NAME);
        let (word, _) = WORDS.iter().find(|(_, known)| *known == level).expect("every level has a word");
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{} {word} {text}\n", time::rfc3339_local(now));
        let mode = self.log_mode();
        let options = &mut OpenOptions::new();
        let mut file = shared::open(&path, options.append(true).read(true), mode).at("write", &path)?;
        file.write_all(line.as_bytes()).at("write", &path)?;
        if file.metadata().at("read", &path)?.len() > LARGEST_BYTES {
            let (kept, _) = last_lines(&mut file, KEPT_BYTES).at("read", &path)?;
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
        file.and_then(|mut file| last_lines(&mut file, bytes)).map(|(text, _)| text).unwrap_or_default()
    }

    /// The last `most` lines that matter at least so much, of the whole log. Lines of the
    /// script that was here before matter as information; empty ones say nothing.
    pub fn log_part(&self, least: Level, most: usize) -> Result<LogPart, StoreError> {
        let Some((mut file, _)) = self.open_log()? else {
            return Ok(LogPart { entries: Vec::new(), complete: true });
        };
        let (text, whole) = last_lines(&mut file, READ_BYTES).at("read", &self.backups.join(NAME))?;
        let lines = text.lines().rev().filter(|line| !line.trim().is_empty());
        let mut matter = lines.map(LogEntry::read).filter(|entry| entry.level >= least);
        let mut entries: Vec<_> = matter.by_ref().take(most).collect();
        entries.reverse();
        Ok(LogPart { entries, complete: whole && matter.next().is_none() })
    }

    /// The log and its bytes; none where there is no log.
    pub fn open_log(&self) -> Result<Option<(File, u64)>, StoreError> {
        self.check_directory()?;
        let path = self.backups.join(NAME);
        match atomic::open(&path) {
            Ok(file) => {
                let length = file.metadata().at("read", &path)?.len();
                Ok(Some((file, length)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at("read", &path),
        }
    }
}

impl LogEntry {
    /// The line as [`Store::log`] writes it; any other is text.
    fn read(line: &str) -> Self {
        let other = || Self { at: None, level: Level::Info, text: line.to_owned() };
        let mut parts = line.splitn(3, ' ');
        let (Some(at), Some(word), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return other();
        };
        let level = WORDS.iter().find(|(known, _)| *known == word).map(|(_, level)| *level);
        match level.filter(|_| is_moment(at)) {
            Some(level) => Self { at: Some(at.to_owned()), level, text: text.to_owned() },
            None => other(),
        }
    }
}

/// Whether this is a time as our lines begin with it.
fn is_moment(text: &str) -> bool {
    text.len() == "2024-12-18T03:00:00+01:00".len()
        && Timestamp::strptime("%Y-%m-%dT%H:%M:%S%:z", text).is_ok()
}

/// Whole lines from the end of the file, and whether they are all of it.
fn last_lines(file: &mut File, bytes: u64) -> io::Result<(String, bool)> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(bytes);
    file.seek(SeekFrom::Start(from))?;
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    Ok(match from {
        0 => (text.into_owned(), true),
        // The first line is cut somewhere in its middle.
        _ => (text.split_once('\n').map_or(String::new(), |(_, whole)| whole.to_owned()), false),
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn entry(at: Option<&str>, level: Level, text: &str) -> LogEntry {
        LogEntry { at: at.map(str::to_owned), level, text: text.to_owned() }
    }

    #[test]
    fn our_own_lines_are_read_and_all_others_are_text() {
        let at = "2024-12-18T03:00:00+01:00";
        for (word, level) in WORDS {
            let line = format!("{at} {word} two  words ");
            assert_eq!(LogEntry::read(&line), entry(Some(at), level, "two  words "));
        }
        assert_eq!(LogEntry::read(&format!("{at} INFO ")), entry(Some(at), Level::Info, ""));
        for other in [
            "",
            "x",
            "2024-12-18T03:00:00+01:00",
            "2024-12-18T03:00:00+01:00 ERROR",
            "2024-12-18T03:00:00+01:00 FATAL text",
            "2024-12-18T03:00:00+01:00 error text",
            "2024-12-18T03:00:00Z ERROR text",
            "2024-12-18 03:00:00 ERROR text",
            "2024-13-18T03:00:00+01:00 ERROR text",
            "2024-12-18T03:00:00+0100x ERROR text",
            " 2024-12-18T03:00:00+01:00 ERROR text",
            "ERROR 2024-12-18T03:00:00+01:00 text",
        ] {
            assert_eq!(LogEntry::read(other), entry(None, Level::Info, other), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics_or_loses_a_word(line in "(2024-12-18T03:00:0[0-9]\\+01:00 )?(INFO|ERROR|.{0,3}) ?.{0,30}") {
            let read = LogEntry::read(&line);
            prop_assert!(line.ends_with(&read.text));
            prop_assert!(read.at.is_some() || read.text == line);
        }

        #[test]
        fn what_is_written_is_read(second in 0..4_000_000_000_i64, level in 0..3_usize, text in "[ -~é]{0,40}") {
            let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
            let now = Timestamp::from_second(second).unwrap().to_zoned(zone);
            let (word, level) = WORDS[level];
            let at = time::rfc3339_local(&now);
            prop_assert_eq!(LogEntry::read(&format!("{at} {word} {text}")), entry(Some(&at), level, &text));
        }
    }
}

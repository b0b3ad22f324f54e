//! Lists the files of a tree in the contract's form, without reading them.
//!
//! The lines go to a spool while the tree is walked; the header, which counts them,
//! is made afterwards and read first. Uses: model.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use jiff::Timestamp;
use tempfile::SpooledTempFile;

use super::error::SourceError;
use super::new_spool;
use super::unlisted::Unlisted;
use super::walk::{Entry, Found, walk};
use crate::model::Sentence;
use crate::model::escape::{escape, escape_into};
use crate::model::time::rfc3339_utc;

/// How many warnings are kept in full; one more counts the rest.
const MAX_WARNINGS: u64 = 100;

/// Progress is reported once in so many files, and at the end.
const PROGRESS_EVERY: u64 = 256;

/// The list of a tree's files.
#[derive(Debug)]
pub struct Inventory {
    /// How many files are listed.
    pub files: u64,
    /// The sum of their sizes in bytes.
    pub bytes: u64,
    /// The newest modification among them.
    pub newest: Option<Timestamp>,
    /// Why entries are not listed: at most 100 sentences, and one that counts the rest.
    pub warnings: Vec<Sentence>,
    /// How many entries (or whole directories) are not listed.
    pub unlisted: u64,
    /// The `#` lines, with the newline of the last.
    pub header: String,
    lines: SpooledTempFile,
    lines_size: u64,
}

impl Inventory {
    /// Bytes of the whole text, header and lines.
    pub fn size(&self) -> u64 {
        self.header.len() as u64 + self.lines_size
    }

    /// The whole text, from its start at every call.
    ///
    /// # Errors
    /// The spool cannot be rewound.
    pub fn reader(&mut self) -> io::Result<impl Read + '_> {
        self.lines.rewind()?;
        Ok(self.header.as_bytes().chain(&mut self.lines))
    }

    /// The lines without the header, at their start.
    ///
    /// # Errors
    /// The spool cannot be rewound.
    pub fn into_lines(mut self) -> io::Result<SpooledTempFile> {
        self.lines.rewind()?;
        Ok(self.lines)
    }
}

/// Lists every regular file below `root`, and tells `progress` the files and bytes
/// so far. A root that is missing, or is a link, makes an empty list with a warning.
///
/// The list lives in memory up to 1 MiB, else in an unnamed file in `spool_dir`.
///
/// # Errors
/// Only [`SourceError::Spool`]: what cannot be read is a warning.
pub fn take_inventory(
    root: &Path,
    spool_dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Inventory, SourceError> {
    let mut taking = Taking::new(spool_dir);
    walk(root, &mut |found| match found {
        Found::File(entry) => taking.list(&entry, progress),
        Found::Unlisted(unlisted) => {
            taking.warn(&unlisted);
            Ok(())
        }
    })
    .and_then(|()| {
        progress(taking.files, taking.bytes);
        taking.finish(root)
    })
    .map_err(|source| SourceError::Spool { source })
}

/// An inventory in the making.
struct Taking {
    files: u64,
    bytes: u64,
    newest: Option<Timestamp>,
    warnings: Vec<Sentence>,
    warning_lines: String,
    unlisted: u64,
    line: String,
    lines: BufWriter<SpooledTempFile>,
    lines_size: u64,
}

impl Taking {
    fn new(spool_dir: &Path) -> Self {
        Self {
            files: 0,
            bytes: 0,
            newest: None,
            warnings: Vec::new(),
            warning_lines: String::new(),
            unlisted: 0,
            line: String::new(),
            lines: BufWriter::with_capacity(32 << 10, new_spool(spool_dir)),
            lines_size: 0,
        }
    }

    fn list(&mut self, entry: &Entry<'_>, progress: &mut dyn FnMut(u64, u64)) -> io::Result<()> {
        self.line.clear();
        let mtime = rfc3339_utc(entry.mtime);
        write!(self.line, "{}\t{mtime}\t", entry.size).expect("a String takes every write");
        escape_into(entry.path, &mut self.line);
        self.line.push('\n');
        self.lines.write_all(self.line.as_bytes())?;
        self.lines_size += self.line.len() as u64;

        self.files += 1;
        self.bytes = self.bytes.saturating_add(entry.size);
        self.newest = self.newest.max(Some(entry.mtime));
        if self.files.is_multiple_of(PROGRESS_EVERY) {
            progress(self.files, self.bytes);
        }
        Ok(())
    }

    fn warn(&mut self, unlisted: &Unlisted<'_>) {
        self.unlisted += 1;
        if self.unlisted <= MAX_WARNINGS {
            self.warnings.push(unlisted.sentence());
            writeln!(self.warning_lines, "# warning: {unlisted}").expect("a String takes every write");
        }
    }

    fn finish(mut self, root: &Path) -> io::Result<Inventory> {
        let more = self.unlisted.saturating_sub(MAX_WARNINGS);
        if more > 0 {
            self.warnings.push(Sentence::new("source.unlisted.more").with("count", more));
            writeln!(self.warning_lines, "# warning: {more} more not listed")
                .expect("a String takes every write");
        }
        let root = escape(root.as_os_str().as_bytes());
        let (files, bytes) = (self.files, self.bytes);
        Ok(Inventory {
            files,
            bytes,
            newest: self.newest,
            warnings: self.warnings,
            unlisted: self.unlisted,
            header: format!("# root: {root}\n# files: {files}\n# bytes: {bytes}\n{}", self.warning_lines),
            lines: self.lines.into_inner().map_err(io::IntoInnerError::into_error)?,
            lines_size: self.lines_size,
        })
    }
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;

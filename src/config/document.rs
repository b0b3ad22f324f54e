//! A text while it is read: where its lines are, what was set, what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Problem;
use crate::model::{Sentence, escape::escape};

/// Characters of a refused value that its problem quotes.
const EXCERPT_CHARS: usize = 60;
/// Where a value comes from that was chosen in the panel.
const PANEL: &str = "panel";

/// Which values a file has set, and on which lines; and which the panel.
#[derive(Clone, Debug, Default, Eq)]
pub struct Origins {
    file: PathBuf,
    lines: BTreeMap<String, usize>,
    /// What the panel has set.
    panel: BTreeSet<String>,
}

/// Two configurations that ask for the same are equal, whichever file said so.
impl PartialEq for Origins {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Origins {
    /// The file and the line (from 1) that set this dotted key.
    pub fn get(&self, key: &str) -> Option<(&Path, usize)> {
        self.lines.get(key).map(|line| (self.file.as_path(), *line))
    }

    /// Where this dotted key comes from: `FILE:LINE`, `panel` or `default`.
    pub(super) fn of(&self, key: &str) -> String {
        match self.lines.get(key) {
            Some(line) => self.place(*line),
            None if self.panel.contains(key) => PANEL.to_owned(),
            None => "default".to_owned(),
        }
    }

    /// Notes that the panel has set this dotted key.
    pub(super) fn note_panel(&mut self, key: String) {
        self.panel.insert(key);
    }

    /// Forgets what the panel has set.
    pub(super) fn forget_panel(&mut self) {
        self.panel.clear();
    }

    /// Whether the panel has set a key of this section (`retention.`).
    pub fn has_panel(&self, section: &str) -> bool {
        self.panel.iter().any(|key| key.starts_with(section))
    }

    // A comment ends with its line: a file's name must not.
    fn place(&self, line: usize) -> String {
        format!("{}:{line}", escape(self.file.as_os_str().as_encoded_bytes()))
    }

    /// Every dotted key that the file has set, sections too, with its `FILE:LINE`; and those
    /// that the panel has, with `panel`.
    pub(super) fn all(&self) -> BTreeMap<&str, String> {
        let of_file = self.lines.iter().map(|(key, line)| (key.as_str(), self.place(*line)));
        of_file.chain(self.panel.iter().map(|key| (key.as_str(), PANEL.to_owned()))).collect()
    }
}

/// A text and what reading it brings to light.
pub(super) struct Document<'t> {
    text: &'t str,
    /// The bytes at which lines end.
    line_ends: Vec<usize>,
    origins: Origins,
    problems: Vec<Problem>,
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t str, file: &Path) -> Self {
        let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
        let origins = Origins { file: file.to_owned(), ..Origins::default() };
        Self { text, line_ends, origins, problems: Vec::new() }
    }

    /// The line of this byte, from 1.
    fn line(&self, byte: usize) -> usize {
        self.line_ends.partition_point(|end| *end < byte) + 1
    }

    /// Notes that the text sets this key at this byte.
    pub(super) fn set(&mut self, key: String, byte: usize) {
        let line = self.line(byte);
        self.origins.lines.insert(key, line);
    }

    /// Notes a problem; `byte` where the text says anything at all.
    pub(super) fn refuse(&mut self, key: String, byte: Option<usize>, sentence: Sentence) {
        let line = byte.map(|byte| self.line(byte));
        self.problems.push(Problem { file: self.origins.file.clone(), line, key, sentence });
    }

    /// Notes that a line is no TOML, once: what follows the first slip is seldom another.
    pub(super) fn refuse_syntax(&mut self, byte: usize, reason: &str) {
        let line = Some(self.line(byte));
        if self.problems.last().is_none_or(|last| last.line != line) {
            self.refuse(String::new(), Some(byte), Sentence::new("config.syntax").with("reason", reason));
        }
    }

    /// A value as it is written, on one line and not too long.
    pub(super) fn excerpt(&self, span: Range<usize>) -> String {
        let written = self.text.get(span).unwrap_or_default();
        let mut excerpt: String = written.chars().take(EXCERPT_CHARS).collect();
        if excerpt.len() < written.len() {
            excerpt.push('…');
        }
        excerpt.replace(char::is_control, " ")
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was set, or all that is wrong in the order of lines.
    pub(super) fn finish(mut self) -> Result<Origins, Vec<Problem>> {
        if self.is_sound() {
            return Ok(self.origins);
        }
        self.problems.sort_by_key(|problem| problem.line);
        Err(self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_on_their_lines() {
        let document = Document::new("a\r\n\nb", Path::new("x"));
        assert_eq!([0, 2, 3, 4, 5].map(|byte| document.line(byte)), [1, 1, 2, 3, 3]);
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        let text = format!("\"\"\"\n{}\"\"\"", "é".repeat(100));
        let document = Document::new(&text, Path::new("x"));
        let excerpt = document.excerpt(0..text.len());
        assert!(excerpt.starts_with("\"\"\" é") && excerpt.ends_with("é…"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), EXCERPT_CHARS + 1);
        assert_eq!(document.excerpt(0..5000), "");
    }
}

//! What is wrong with a configuration, and where.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use super::MAX_FILE_BYTES;
use crate::model::{Sentence, escape::escape};

/// One thing that a person has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; none where no line says anything.
    pub line: Option<usize>,
    /// The dotted key, `retention.days` or `files[1].path` (from 0); empty for a syntax error.
    pub key: String,
    /// What is wrong and the one thing to do; a key `config.*` of the catalogue.
    pub sentence: Sentence,
}

impl Problem {
    /// `FILE:LINE: KEY`, as far as they are known; on one line.
    pub fn place(&self) -> String {
        let mut place = escape(self.file.as_os_str().as_encoded_bytes());
        if let Some(line) = self.line {
            write!(place, ":{line}").expect("a String takes every write");
        }
        if !self.key.is_empty() {
            write!(place, ": {}", self.key).expect("a String takes every write");
        }
        place
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is absent, forbidden or broken.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("{} is larger than {MAX_FILE_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not UTF-8 text.
    #[error("{}, line {line}: not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first line that is not, from 1.
        line: usize,
    },
    /// The file can be read, but not followed; never empty, in the order of lines.
    #[error("{} problems in the configuration", .0.len())]
    Problems(Vec<Problem>),
}

impl ConfigError {
    /// Each problem's place, `FILE:LINE: KEY`, and its sentence.
    pub fn sentences(&self) -> Vec<(String, Sentence)> {
        let (file, line, sentence) = match self {
            Self::Problems(problems) => {
                return problems.iter().map(|problem| (problem.place(), problem.sentence.clone())).collect();
            }
            Self::Unreadable { path, source } if source.kind() == io::ErrorKind::NotFound => {
                (path, None, Sentence::new("config.absent"))
            }
            Self::Unreadable { path, source } => {
                (path, None, Sentence::new("config.unreadable").with("reason", source))
            }
            Self::TooLarge { path } => {
                (path, None, Sentence::new("config.too_large").with("most", MAX_FILE_BYTES))
            }
            Self::NotUtf8 { path, line } => (path, Some(*line), Sentence::new("config.not_utf8")),
        };
        let problem = Problem { file: file.clone(), line, key: String::new(), sentence };
        vec![(problem.place(), problem.sentence)]
    }
}

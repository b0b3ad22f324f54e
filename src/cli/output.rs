//! What a command prints, and how it says that it failed.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::config::ConfigError;
use crate::http::ServeError;
use crate::jobs::RestoreError;
use crate::model::Sentence;
use crate::store::StoreError;
use crate::supervisor::SupervisorError;
use crate::text::Language;

/// Why a command failed; its lines are for standard error, ready to be read.
#[derive(Debug)]
pub(super) struct Failed {
    lines: Vec<String>,
    status: u8,
}

impl Failed {
    /// Exit status 1.
    pub(super) fn of(language: Language, sentence: &Sentence) -> Self {
        Self { lines: vec![language.say(sentence)], status: 1 }
    }

    /// Exit status 1, and everything was said already.
    pub(super) fn silently() -> Self {
        Self { lines: Vec::new(), status: 1 }
    }

    /// Wrong usage, exit status 2.
    pub(super) fn of_usage(language: Language, sentence: &Sentence) -> Self {
        Self { lines: vec![language.say(sentence)], status: 2 }
    }

    /// Exit status 2, and everything was said already.
    pub(super) fn usage() -> Self {
        Self { lines: Vec::new(), status: 2 }
    }

    /// A configuration that cannot be used: wrong usage, exit status 2.
    pub(super) fn of_config(language: Language, error: &ConfigError) -> Self {
        let line = |(place, sentence)| format!("{place}: {}", language.say(&sentence));
        Self { lines: error.sentences().into_iter().map(line).collect(), status: 2 }
    }

    /// The first of its lines.
    pub(super) fn first(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }

    /// Says it.
    pub(super) fn tell(&self) -> ExitCode {
        let mut errors = io::stderr().lock();
        for line in &self.lines {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(errors, "neopro-backup: {line}");
        }
        ExitCode::from(self.status)
    }
}

/// Turns a room's error into a command's.
pub(super) trait Said<T> {
    fn said(self, language: Language) -> Result<T, Failed>;
}

impl<T> Said<T> for Result<T, StoreError> {
    fn said(self, language: Language) -> Result<T, Failed> {
        self.map_err(|error| Failed::of(language, &error.sentence()))
    }
}

impl<T> Said<T> for Result<T, RestoreError> {
    fn said(self, language: Language) -> Result<T, Failed> {
        self.map_err(|error| Failed::of(language, &error.sentence()))
    }
}

impl<T> Said<T> for Result<T, SupervisorError> {
    fn said(self, language: Language) -> Result<T, Failed> {
        self.map_err(|error| Failed::of(language, &error.sentence()))
    }
}

impl<T> Said<T> for Result<T, ServeError> {
    fn said(self, language: Language) -> Result<T, Failed> {
        self.map_err(|error| Failed::of(language, &error.sentence()))
    }
}

/// One line on standard output. A reader that has gone away (`| head`) is no error.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// One line beside the output proper, on standard error.
pub(super) fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "neopro-backup: {text}");
}

/// A value as JSON on standard output.
pub(super) fn json(value: &impl Serialize) {
    line(&serde_json::to_string_pretty(value).expect("our own values are JSON"));
}

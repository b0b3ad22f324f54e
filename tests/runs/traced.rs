//! Runs under strace, which kills them or makes their system calls fail.

use std::collections::BTreeMap;
use std::fs;

use crate::club::{Club, Said};

/// The calls that change something outside the process.
pub(crate) const CHANGING: [&str; 15] = [
    "openat",
    "write",
    "pwrite64",
    "ftruncate",
    "fallocate",
    "fchmod",
    "fsync",
    "fdatasync",
    "flock",
    "mkdir",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
];

/// A run that something was done to, and strace's lines of the traced calls.
pub(crate) struct Traced {
    pub(crate) said: Said,
    pub(crate) lines: Vec<String>,
}

impl Traced {
    /// The call that was tampered with; none where the run made fewer calls.
    pub(crate) fn injected(&self) -> Option<&str> {
        self.lines.iter().find(|line| line.contains("(INJECTED)")).map(String::as_str)
    }
}

impl Club {
    /// A run with these calls traced, and tampered with as strace's `inject=` says.
    pub(crate) fn trace(&self, calls: &str, inject: Option<&str>) -> Traced {
        self.trace_of(&["run"], calls, inject.as_slice())
    }

    /// The same of any command, tampered with in several ways.
    pub(crate) fn trace_of(&self, arguments: &[&str], calls: &str, inject: &[&str]) -> Traced {
        let log = self.at("strace");
        let trace = format!("trace={calls}");
        let tamper: Vec<_> = inject.iter().map(|inject| format!("inject={inject}")).collect();
        let mut words = vec!["strace", "-f", "-y", "-o", log.to_str().unwrap(), "-e", &trace];
        words.extend(tamper.iter().flat_map(|tamper| ["-e", tamper]));
        let said = Said::of(&mut self.command_by(&words, arguments));
        let lines = fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect();
        Traced { said, lines }
    }

    /// How often a run makes each of these calls.
    pub(crate) fn count_calls(&self, calls: &[&str]) -> BTreeMap<String, usize> {
        let traced = self.trace(&calls.join(","), None);
        traced.said.done();
        let mut counts = BTreeMap::new();
        for line in traced.lines {
            if let Some(call) = call_of(&line).filter(|call| calls.contains(call)) {
                *counts.entry(call.to_owned()).or_default() += 1;
            }
        }
        counts
    }
}

/// The call of one of strace's lines: "PID  call(…".
pub(crate) fn call_of(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    rest.trim_start().split_once('(').map(|(call, _)| call)
}

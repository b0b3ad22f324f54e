//! The backup run and the command line as a black box: every test makes a club in a
//! folder of its own and starts the real binary on it.
//!
//! A test that needs root or another program says `skipped: needs …` where it is
//! missing, and passes; `tests/run` installs what can be installed.

mod access;
mod archive;
mod check;
mod clock;
mod club;
mod commands;
mod configuration;
#[path = "../support/corpus.rs"]
mod corpus;
mod damaged;
mod directory;
mod dry;
mod faults;
mod import;
mod included;
mod inventory;
mod kill;
mod language;
mod lying;
mod memory;
mod older;
mod overlap;
#[allow(dead_code)] // the panel's part of it is not needed here
#[path = "../support/planted.rs"]
mod planted;
mod restore;
mod retention;
mod sources;
mod status;
#[path = "../support/tools.rs"]
mod tools;
mod traced;
#[path = "../support/tree.rs"]
mod tree;
mod unprivileged;

//! The API from outside: the real binary, real connections, every answer held against
//! the document that the daemon serves.

mod access;
mod automatic;
mod bringing;
mod certificate;
mod compressed;
#[path = "../support/corpus.rs"]
mod corpus;
mod create;
mod document;
mod download;
mod events;
mod foreign;
mod guest;
mod headers;
mod journal;
mod keeping;
mod limits;
mod listing;
mod looking;
mod matrix;
mod names;
mod page;
mod panel;
mod proxy;
mod requests;
mod restore;
mod restore_killed;
mod routes;
mod searching;
mod service;
mod sessions;
mod settings;
mod status;
mod stopping;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod systemd;
mod tls;
#[path = "../support/tree.rs"]
mod tree;

// As `corpus` knows it, whichever suite it is part of.
use support::planted;

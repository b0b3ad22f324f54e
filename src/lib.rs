//! Neopro Backup: nightly, verified backups of a Neopro box.
//!
//! The rooms of the house in reading order. A room uses only the rooms above it
//! (`tests/architecture.rs` holds that), so that data flows one way: sources →
//! archive → store, requests go down, facts come up.

pub mod model;

pub mod config;

pub mod text;

pub mod listing;

pub mod sources;

pub mod diff;

pub mod verdict;

pub mod archive;

pub mod store;

pub mod targets;

pub mod jobs;

pub mod supervisor;

pub mod service;

pub mod access;

pub mod http;

pub mod cli;

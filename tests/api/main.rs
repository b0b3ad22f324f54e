//! The API from outside: the real binary, real connections, every answer held against
//! the document that the daemon serves.

mod automatic;
mod certificate;
mod create;
mod document;
mod download;
mod events;
mod foreign;
mod keeping;
mod limits;
mod listing;
mod names;
mod page;
mod panel;
mod requests;
mod routes;
mod service;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod systemd;
mod tls;

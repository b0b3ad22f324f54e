//! The API from outside: the real binary, real connections, every answer held against
//! the document that the daemon serves.

mod access;
mod automatic;
mod certificate;
mod create;
mod document;
mod download;
mod events;
mod foreign;
mod guest;
mod headers;
mod keeping;
mod limits;
mod listing;
mod matrix;
mod names;
mod page;
mod panel;
mod proxy;
mod requests;
mod routes;
mod service;
mod sessions;
mod stopping;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod systemd;
mod tls;

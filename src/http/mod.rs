//! The panel and the API: an accept loop with limits, one route file a noun, errors
//! in the caller's language, live events.
//!
//! A handler parses, makes one call, replies. Nothing here opens an archive's
//! content or a source. A handler that panics answers 500 and the daemon lives on:
//! unwinding is kept for that (the release profile does not abort).
//!
//! Uses: model, config, text, verdict, listing, store, jobs, supervisor, service, access.

mod app;
mod assets;
mod body;
mod compress;
mod connections;
mod cookies;
mod debts;
mod error;
mod failure;
mod gate;
mod guard;
mod hosts;
mod hub;
mod language;
mod meet;
mod page;
mod parameters;
mod peer;
mod plain;
mod presented;
mod pulse;
mod range;
mod refusals;
mod remote;
mod routes;
mod rules;
mod seat;
mod server;
mod shares;
mod spoken;
mod storm;
mod stream;
mod tls;
mod turn;
mod wire;

pub use app::App;
pub use failure::ServeError;
pub use hub::Hub;
pub use pulse::{Felt, News, Pulse, Silent};
pub use range::{Part, part_of};
pub use rules::{ROUTES, Rule};
pub use server::Server;
pub use tls::{Tls, TlsError, fingerprint_of};

//! The panel and the API: an accept loop with limits, one route file a noun, errors
//! in the caller's language, live events.
//!
//! A handler parses, makes one call, replies. Nothing here opens an archive's
//! content or a source. A handler that panics answers 500 and the daemon lives on:
//! unwinding is kept for that (the release profile does not abort).
//!
//! Uses: model, config, text, store, jobs, supervisor, service.

mod app;
mod body;
mod connections;
mod debts;
mod error;
mod failure;
mod guard;
mod hosts;
mod hub;
mod language;
mod peer;
mod pulse;
mod refusals;
mod routes;
mod seat;
mod server;
mod stream;
mod turn;

pub use app::App;
pub use failure::ServeError;
pub use hub::Hub;
pub use pulse::{News, Pulse, Silent};
pub use routes::ROUTES;
pub use server::Server;

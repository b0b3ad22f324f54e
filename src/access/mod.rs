//! Who may do what: the club's password, the code of the first use, sessions, tokens, the
//! throttle against guessing, and the trail of what was done.
//!
//! Everything is kept in one file of the state directory's private folder and can be
//! changed there by the daemon and the command line alike; whoever reads it next sees the
//! change. Time is an argument. Nothing here knows HTTP. Uses: model, config, store.

mod audit;
mod door;
mod error;
mod first_use;
mod gauge;
mod kept;
mod moment;
mod password;
mod people;
mod rights;
mod scripts;
mod secret;
mod sessions;
mod throttle;
mod tokens;
mod visits;

pub use audit::{Actor, Deed, Entry, Outcome, Trail};
pub use door::{Access, Presented};
pub use error::AccessError;
pub use gauge::Weakness;
pub use moment::Moment;
pub use people::{Issued, Visitor};
pub use rights::{Need, Scope, Who};
pub use scripts::TokenView;
pub use throttle::{Paced, Source};
pub use visits::SessionView;

//! The places that a restore writes to, and the only code that changes the club's files.
//!
//! A place is a folder that was opened without following a link, and a name in it. Files
//! are changed as a set: all new contents are written and synced beside the old ones first,
//! an intent is noted, and then each is one rename. What was there keeps a second name
//! until all is well, so that going back is a rename, too. Videos that are missing are put
//! back one by one. Uses: model, archive, store.

mod error;
mod intent;
mod place;
mod switch;
#[cfg(test)]
mod tests;
mod tree;

pub use error::TargetError;
pub use intent::{Entry, Intent, Intents, Phase};
pub use place::{Place, Present};
pub use switch::{Content, New, Switch};
pub use tree::{Copy, Tree};

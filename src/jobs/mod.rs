//! The work: each job a short pipeline over the rooms above, and the facts that it
//! reports while it runs. Blocking code, meant for a process of its own.
//!
//! Uses: model, config, text, sources, archive, store.

mod backup;
mod error;
mod gather;
mod history;
mod journal;
mod pack;
mod reconcile;
mod report;

pub use backup::{Order, backup};
pub use error::JobError;
pub use history::{History, Tail};
pub use journal::Journal;
pub use reconcile::{judge_clock, reconcile};

//! The work: each job a short pipeline over the rooms above, and the facts that it
//! reports while it runs. Blocking code, meant for a process of its own.
//!
//! Uses: model, config, text, sources, archive, diff, store, targets.

mod await_clock;
mod backup;
mod contents;
mod error;
mod gather;
mod history;
mod import;
mod journal;
mod pack;
mod reconcile;
mod report;
mod restore;
mod sheet;
mod tidy;
mod verify;

pub use backup::{Order, backup};
pub use contents::{Contents, Held, Promised, Shown, contents, member, shown};
pub use error::JobError;
pub use history::{History, Tail};
pub use import::{Imported, import, try_import};
pub use journal::Journal;
pub use reconcile::{judge_clock, reconcile};
pub use restore::{
    Requests, Restarted, RestoreError, RestoreOrder, Services, Unmanaged, Wish, compare, preview, restore,
    resume,
};
pub use sheet::{Kind, Line, sheet};
pub use tidy::tidy;
pub use verify::verify;

use jiff::Timestamp;

use crate::model::{JobId, JobKind};

/// An id for a job that begins now.
pub fn new_id(kind: JobKind) -> JobId {
    // Chance keeps two jobs of one millisecond apart; two processes do that too.
    let chance = getrandom::u32().unwrap_or_else(|_| std::process::id());
    JobId::new(kind, Timestamp::now(), chance)
}

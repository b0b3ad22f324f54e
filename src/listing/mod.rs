//! The list as people and programs ask for it: which archives, how many of them, and what
//! each of them is among the others.
//!
//! Pure: archives, zone and moment are arguments, and the order is that of the archives.
//! Uses: model, text.

mod fold;
mod standing;
mod wanted;
mod words;

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::model::{ArchiveView, Judged};
use crate::text::Language;
use standing::Standing;

pub use wanted::{Only, Wanted};
pub use words::{MOST_CHARACTERS, TooLong, Words};

/// The archives that were asked for, and figures of all of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// In the order of the archives.
    pub backups: Vec<Listed>,
    /// Archives in all.
    pub total: usize,
    /// Bytes of all of them.
    pub total_size: u64,
    /// How many are wanted, on this page or not.
    pub matching: usize,
}

/// One archive of the list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// What is said of it alone.
    #[serde(flatten)]
    pub view: ArchiveView,
    /// Whether it is worth more than any other: who deletes it should know.
    pub last_good: bool,
    /// Whether another archive was made in the same minute.
    pub has_twin: bool,
}

/// A part of what is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// How many come before it.
    pub offset: usize,
    /// How many it has at most ([`LARGEST_PAGE`]); without, all that are left.
    pub limit: Option<usize>,
}

/// Archives of the largest page that can be asked for.
pub const LARGEST_PAGE: u16 = 500;

impl Listing {
    /// This page of those of the archives that are wanted, told at this moment.
    pub fn of(
        judged: &[Judged],
        wanted: &Wanted,
        page: Page,
        now: Timestamp,
        zone: &TimeZone,
        language: Language,
    ) -> Self {
        let found = wanted.among(judged, zone);
        let standing = Standing::of(judged, zone);
        let listed = |Judged { archive, kept }: &&Judged| Listed {
            view: ArchiveView::of(archive, kept, now, zone, |sentence| language.say(sentence)),
            last_good: standing.is_last_good(archive),
            has_twin: standing.has_twin(archive),
        };
        let limit = page.limit.unwrap_or(usize::MAX);
        Self {
            backups: found.iter().skip(page.offset).take(limit).map(listed).collect(),
            total: judged.len(),
            total_size: judged.iter().map(|judged| judged.archive.bytes).sum(),
            matching: found.len(),
        }
    }
}

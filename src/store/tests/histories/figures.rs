//! What the histories were made of, so that it is seen that they had everything in them.

use std::fmt;

/// How often each thing was.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) nights: u64,
    pub(super) trusted: u64,
    pub(super) untrusted: u64,
    pub(super) deleted: u64,
    pub(super) held_by_floor: u64,
    pub(super) imported: u64,
    pub(super) decayed: u64,
    /// Archives let go before their days were over by a clock that no machine could tell to be
    /// wrong. No promise, and never one of the floor.
    pub(super) young_in_truth: u64,
}

impl Figures {
    fn all(&self) -> [(&'static str, u64); 8] {
        [
            ("nights", self.nights),
            ("trusted", self.trusted),
            ("untrusted", self.untrusted),
            ("deleted", self.deleted),
            ("held_by_floor", self.held_by_floor),
            ("imported", self.imported),
            ("decayed", self.decayed),
            ("young_in_truth", self.young_in_truth),
        ]
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.nights += other.nights;
        self.trusted += other.trusted;
        self.untrusted += other.untrusted;
        self.deleted += other.deleted;
        self.held_by_floor += other.held_by_floor;
        self.imported += other.imported;
        self.decayed += other.decayed;
        self.young_in_truth += other.young_in_truth;
    }

    /// Whether nothing was left out.
    pub(super) fn has_seen_everything(&self) -> bool {
        self.all().iter().all(|(_, count)| *count > 0)
    }
}

impl fmt::Display for Figures {
    /// `nights=20 trusted=15 …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, count)) in self.all().into_iter().enumerate() {
            write!(f, "{}{name}={count}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

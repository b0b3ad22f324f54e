//! What the nightly timer is set to.

use jiff::{Zoned, civil::Time};

/// What the timer is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automatic {
    /// Whether backups are made by themselves, after a reboot too.
    pub enabled: bool,
    /// Whether the timer is armed now.
    pub active: bool,
    /// When it next fires.
    pub next: Option<Zoned>,
    /// Whether what it fires is going on: systemd arms it again after that, and until then
    /// there is no next time.
    pub firing: bool,
    /// The hour of every night; none where it is set to anything but one plain time a day.
    pub at: Option<Time>,
    /// systemd's own word for it, as `active (waiting)`; none where the timer is ours.
    pub word: Option<String>,
}

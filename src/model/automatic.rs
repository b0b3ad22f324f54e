//! What the nightly timer is set to.

use jiff::Zoned;

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
}

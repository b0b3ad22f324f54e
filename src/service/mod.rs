//! Life as a service: where the log goes, which socket is served, what systemd is
//! told, when to stop. Uses: no other room.

mod logging;
mod notify;
mod socket;
mod stop;

pub use logging::start_logging;
pub use notify::{ready, stopping, watchdog_interval, watchdog_ping};
pub use socket::listener;
pub use stop::Stop;

//! Life as a service: who started this process, where the log goes, which socket is
//! served, what systemd is told, what its units must be like, which user it is, how many
//! connections it has descriptors for, when to stop. Uses: config.

mod descriptors;
mod drop_ins;
mod logging;
mod mount;
mod notify;
mod origin;
mod socket;
mod step_down;
mod stop;

pub use descriptors::affordable_connections;
pub use drop_ins::{DropIn, drop_ins};
pub use logging::{log_to_journal, start_logging};
pub use mount::origin_of;
pub use notify::{is_told, ready, status, stopping, watchdog_interval, watchdog_ping, while_starting};
pub use origin::{by_timer, invocation};
pub use socket::listener;
pub use step_down::{check_owner, step_down};
pub use stop::{Stop, finish_what_is_begun, stop_myself};

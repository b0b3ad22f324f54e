//! Who started this process: what systemd says in the environment.

use std::env;
use std::path::Path;

/// The first eight digits of the invocation's id, as a number; none where systemd did
/// not start this process. They name the job, so that whoever started the unit finds it.
pub fn invocation() -> Option<u32> {
    let id = env::var("INVOCATION_ID").ok()?;
    u32::from_str_radix(id.get(..8)?, 16).ok()
}

/// Whether a timer started this process, perhaps while the machine boots (systemd 252
/// and newer say so; an older one starts runs that do not wait for the clock).
pub fn by_timer() -> bool {
    env::var_os("TRIGGER_UNIT").is_some_and(|unit| Path::new(&unit).extension() == Some("timer".as_ref()))
}

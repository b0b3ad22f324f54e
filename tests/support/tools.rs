//! What a test needs beside this program.

use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::Uid;

/// Root, for tests that mount or become somebody else.
pub(crate) const ROOT: &str = "root";

/// Whether one of these is missing, which is said on standard error: the test ends then.
pub(crate) fn lacks(needs: &[&str]) -> bool {
    let missing = needs.iter().find(|need| !is_there(need));
    if let Some(missing) = missing {
        eprintln!("skipped: needs {missing}");
    }
    missing.is_some()
}

fn is_there(need: &str) -> bool {
    match need {
        ROOT => Uid::effective().is_root(),
        // Both can be there and be forbidden, in a container.
        "strace" => works("strace", &["-f", "-o", "/dev/null", "true"]),
        "unshare" => works("unshare", &["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]),
        "faketime" => faketime().is_some(),
        tool => works("sh", &["-c", "PATH=$PATH:/usr/sbin:/sbin; command -v \"$0\"", tool]),
    }
}

fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let quiet = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Debian's libfaketime, which a dynamic program obeys.
pub(crate) fn faketime() -> Option<String> {
    let arch = std::env::consts::ARCH;
    let path = format!("/usr/lib/{arch}-linux-gnu/faketime/libfaketime.so.1");
    Path::new(&path).exists().then_some(path)
}

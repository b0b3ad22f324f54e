//! The program as a user whom permissions bind, although tests may run as root.

use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::Uid;

use crate::club::{Club, PROGRAM, Said, in_the_field};

/// Debian's `nobody`.
const NOBODY: u32 = 65_534;

impl Club {
    /// Runs the program as its own user, or as nobody where that is root. The club is
    /// nobody's from then on.
    pub(crate) fn say_unprivileged(&self, arguments: &[&str]) -> Said {
        let mut command = if Uid::effective().is_root() {
            give_away(self.folder());
            // Where the tests' own binary lies, nobody may have no way in.
            let program = self.copy_of_the_program();
            let mut setpriv = Command::new("setpriv");
            setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
            setpriv
        } else {
            Command::new(PROGRAM)
        };
        command.args(self.arguments(arguments));
        in_the_field(&mut command);
        Said::of(&mut command)
    }

    pub(crate) fn copy_of_the_program(&self) -> PathBuf {
        let copy = self.at("program");
        if !copy.exists() {
            fs::copy(PROGRAM, &copy).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
        }
        copy
    }
}

fn give_away(path: &Path) {
    lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.symlink_metadata().unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

/// Takes all rights from a path.
pub(crate) fn lock_away(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
}

//! What the units must be told where the configuration is not the default one: the
//! sandbox names the club's user and files, so that it has to follow them. Pure.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::config::{Config, Paths};

/// Hidden or empty in the sandbox, so that what lies there must be named.
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// A file that completes a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropIn {
    /// `UNIT.d/FILE`, below a folder of units.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

/// The drop-ins that make the installed units fit this configuration; none for the
/// defaults, which they fit as they are.
pub fn drop_ins(config: &Config) -> Vec<DropIn> {
    let default = Config::default();
    let is_default = |config: &Config| {
        (&config.club, &config.paths, &config.files, &config.inventories)
            == (&default.club, &default.paths, &default.files, &default.inventories)
    };
    if is_default(config) {
        return Vec::new();
    }
    let drop_in = |unit: &str, text| DropIn { path: Path::new(unit).join("10-configuration.conf"), text };
    vec![drop_in("neopro-admin.service.d", panel(config)), drop_in("neopro-backup.service.d", backup(config))]
}

/// Sees the archives, and none of the club's files.
fn panel(config: &Config) -> String {
    let mut text = own_places(&config.paths);
    writeln!(text, "InaccessiblePaths=").expect("a String takes every write");
    list(&mut text, "InaccessiblePaths", sources(config).filter(|path| !is_home(path)));
    text
}

/// Reads the club's files, and writes archives.
fn backup(config: &Config) -> String {
    let mut text = own_places(&config.paths);
    list(&mut text, "BindReadOnlyPaths", sources(config).filter(|path| is_home(path)));
    writeln!(text, "User={}", config.club.user).expect("a String takes every write");
    text
}

/// An empty value takes back what the unit says; that of `BindPaths` takes back
/// `BindReadOnlyPaths` as well, and has to stand before both.
fn own_places(paths: &Paths) -> String {
    let mut text = "# Made from the configuration of Neopro Backup; change that instead.\n\
                    [Service]\nBindPaths=\nReadWritePaths=\n"
        .to_owned();
    list(&mut text, "BindPaths", [paths.backups.as_path()].into_iter());
    let own = [(&paths.state, Paths::DEFAULT_STATE), (&paths.runtime, Paths::DEFAULT_RUNTIME)];
    list(&mut text, "ReadWritePaths", own.iter().map(|(path, _)| path.as_path()));
    for (path, _) in own.iter().filter(|(path, default)| *path != Path::new(default)) {
        // Shared as the default ones are; nothing below it is touched, as that is not root's alone.
        // Nothing is done to what a link in their place leads to.
        for command in ["mkdir -p -m 2775", "chgrp -h neopro-backup"] {
            let line = format!("ExecStartPre=+-/usr/bin/{command} {}", quoted(path));
            writeln!(text, "{line}").expect("a String takes every write");
        }
    }
    text
}

fn sources(config: &Config) -> impl Iterator<Item = &Path> {
    let files = config.files.iter().map(|file| file.path.as_path());
    files.chain(config.inventories.iter().map(|inventory| inventory.path.as_path()))
}

fn is_home(path: &Path) -> bool {
    HOMES.iter().any(|home| path.starts_with(home))
}

/// Adds to a list of paths. One that is not there is the program's to speak of.
fn list<'p>(text: &mut String, key: &str, paths: impl Iterator<Item = &'p Path>) {
    for path in paths {
        writeln!(text, "{key}=-{}", quoted(path)).expect("a String takes every write");
    }
}

/// The path as a unit file takes it: `%` begins a specifier, `:` ends a path, and what is
/// neither a letter nor a digit nor common in paths is written as its byte.
fn quoted(path: &Path) -> String {
    let mut text = String::new();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'%' => text.push_str("%%"),
            b':' => text.push_str("\\:"),
            b'/' | b'.' | b'_' | b'-' | b'+' | b'@' | b',' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => write!(text, "\\x{byte:02x}").expect("a String takes every write"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Vec<DropIn> {
        drop_ins(&Config::parse(text, Path::new("c.toml")).unwrap())
    }

    #[test]
    fn the_installed_units_fit_the_defaults_as_they_are() {
        assert_eq!(made(""), []);
        assert_eq!(made("[club]\nuser = \"pi\"\n[retention]\ndays = 9\n[ui]\nlanguage = \"en\""), []);
    }

    #[test]
    fn another_user_and_other_places_are_named_to_the_sandbox() {
        let made = made("[club]\nuser = \"neo\"\n[paths]\nbackups = \"/mnt/usb/b\"");
        assert_eq!(made[0].path, Path::new("neopro-admin.service.d/10-configuration.conf"));
        let panel = &made[0].text;
        assert!(panel.contains("\nBindPaths=\nReadWritePaths=\nBindPaths=-/mnt/usb/b\n"), "{panel}");
        assert!(
            panel.contains("\nInaccessiblePaths=\nInaccessiblePaths=-/etc/neopro/site.conf\n"),
            "{panel}"
        );
        assert!(!panel.contains("User="));
        assert_eq!(made[1].path, Path::new("neopro-backup.service.d/10-configuration.conf"));
        let backup = &made[1].text;
        assert!(backup.contains("\nUser=neo\n"), "{backup}");
        assert!(backup.contains("\nBindReadOnlyPaths=-/home/neo/neopro/sync-agent/.env\n"), "{backup}");
        assert!(!backup.contains("/home/pi") && !backup.contains("Path=-/etc/neopro"));
        // systemd has one list of both kinds of binding: emptied behind its first entry, it loses it.
        assert!(!backup.contains("\nBindReadOnlyPaths=\n"), "{backup}");
    }

    #[test]
    fn other_places_for_state_and_events_are_made_where_they_are_missing() {
        let made = made("[paths]\nstate = \"/srv/state\"");
        let lines: Vec<_> = made[1].text.lines().filter(|line| line.starts_with("ExecStartPre")).collect();
        let made = "ExecStartPre=+-/usr/bin/mkdir -p -m 2775 /srv/state";
        assert_eq!(lines, [made, "ExecStartPre=+-/usr/bin/chgrp -h neopro-backup /srv/state"]);
    }

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted(Path::new("/a b%i:\"c\\é")), "/a\\x20b%%i\\:\\x22c\\x5c\\xc3\\xa9");
    }
}

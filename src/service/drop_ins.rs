//! What the units must be told where the configuration is not the default one: the
//! sandbox names the club's user and files, so that it has to follow them. Pure.

use std::collections::BTreeSet;
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
    let told = |config: &Config| {
        let services = config.restore.services.clone();
        (
            config.club.clone(),
            config.paths.clone(),
            config.files.clone(),
            config.inventories.clone(),
            services,
        )
    };
    if told(config) == told(&default) {
        return Vec::new();
    }
    let drop_in = |unit: &str, text| DropIn {
        path: Path::new(&format!("{unit}.d")).join("10-configuration.conf"),
        text,
    };
    vec![
        drop_in("neopro-admin.service", panel(config)),
        drop_in("neopro-backup.service", backup(config)),
        drop_in("neopro-backup-verify.service", verify(config)),
        drop_in("neopro-restore@.service", format!("{HEAD}{}", restore(config))),
        drop_in("neopro-restore-resume.service", resume(config)),
    ]
}

const HEAD: &str = "# Made from the configuration of Neopro Backup; change that instead.\n";

/// Sees the archives, and none of the club's files.
fn panel(config: &Config) -> String {
    let mut text = format!("{HEAD}{}", own_places(&config.paths));
    hide(&mut text, config);
    text
}

/// Reads the club's files, and writes archives.
fn backup(config: &Config) -> String {
    let mut text = format!("{HEAD}{}", own_places(&config.paths));
    list(&mut text, "BindReadOnlyPaths", sources(config).filter(|path| is_home(path)));
    line(&mut text, "User", &config.club.user);
    text
}

/// Reads archives, as the club's user.
fn verify(config: &Config) -> String {
    let mut text = panel(config);
    line(&mut text, "User", &config.club.user);
    text
}

/// Writes the folders of the club's files, and those whose missing videos are put back. Homes are shown whole, so that a link in one is
/// seen as one: systemd would follow it.
fn restore(config: &Config) -> String {
    let (files, paths) = (&config.files, &config.paths);
    let copied = config.inventories.iter().filter(|inventory| inventory.include);
    let folders = files.iter().filter_map(|file| file.path.parent());
    let folders: BTreeSet<_> = folders.chain(copied.map(|inventory| inventory.path.as_path())).collect();
    let own = [paths.backups.as_path(), &paths.state, &paths.runtime];
    let inventories = config.inventories.iter().map(|inventory| inventory.path.as_path());
    let seen = folders.iter().copied().chain(own).chain(inventories);
    let homes: BTreeSet<_> = seen.filter_map(home_of).collect();
    let mut text = "[Service]\nBindReadOnlyPaths=\nReadWritePaths=\n".to_owned();
    list(&mut text, "BindReadOnlyPaths", homes.iter().map(PathBuf::as_path));
    list(&mut text, "ReadWritePaths", folders.into_iter().chain([paths.backups.as_path()]));
    shared(&mut text, paths);
    text
}

/// The same at boot, where something was begun, before the services that read the files.
fn resume(config: &Config) -> String {
    let mut text = format!("{HEAD}[Unit]\nConditionPathExists=\n");
    // Nothing is quoted there; without a condition the program looks by itself.
    match config.paths.state.join("restore/intent.json").to_str() {
        Some(intent) if !intent.contains(char::is_control) => {
            line(&mut text, "ConditionPathExists", &intent.replace('%', "%%"));
        }
        _ => {}
    }
    for service in &config.restore.services {
        line(&mut text, "Before", service);
    }
    text + &restore(config)
}

/// An empty value takes back what the unit says; that of `BindPaths` takes back
/// `BindReadOnlyPaths` as well, and has to stand before both.
fn own_places(paths: &Paths) -> String {
    let mut text = "[Service]\nBindPaths=\nReadWritePaths=\n".to_owned();
    list(&mut text, "BindPaths", [paths.backups.as_path()].into_iter());
    shared(&mut text, paths);
    text
}

/// State and events, which all jobs write.
fn shared(text: &mut String, paths: &Paths) {
    let own = [(&paths.state, Paths::DEFAULT_STATE), (&paths.runtime, Paths::DEFAULT_RUNTIME)];
    list(text, "ReadWritePaths", own.iter().map(|(path, _)| path.as_path()));
    for (path, _) in own.iter().filter(|(path, default)| *path != Path::new(default)) {
        // Shared as the default ones are; nothing below it is touched, as that is not root's alone.
        // Nothing is done to what a link in their place leads to.
        for command in ["mkdir -p -m 2775", "chgrp -h neopro-backup"] {
            line(text, "ExecStartPre", &format!("+-/usr/bin/{command} {}", quoted(path)));
        }
    }
}

/// Hides the club's files that lie outside of homes.
fn hide(text: &mut String, config: &Config) {
    line(text, "InaccessiblePaths", "");
    list(text, "InaccessiblePaths", sources(config).filter(|path| !is_home(path)));
}

fn sources(config: &Config) -> impl Iterator<Item = &Path> {
    let files = config.files.iter().map(|file| file.path.as_path());
    files.chain(config.inventories.iter().map(|inventory| inventory.path.as_path()))
}

fn is_home(path: &Path) -> bool {
    HOMES.iter().any(|home| path.starts_with(home))
}

/// The home that a folder lies in, which its user cannot put a link in the place of.
fn home_of(folder: &Path) -> Option<PathBuf> {
    let (home, below) =
        HOMES.iter().find_map(|home| Some((Path::new(home), folder.strip_prefix(home).ok()?)))?;
    let name = below.components().next().filter(|_| home != Path::new("/root"));
    Some(name.map_or(home.to_owned(), |name| home.join(name)))
}

/// Adds to a list of paths. One that is not there is the program's to speak of.
fn list<'p>(text: &mut String, key: &str, paths: impl Iterator<Item = &'p Path>) {
    for path in paths {
        line(text, key, &format!("-{}", quoted(path)));
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    writeln!(text, "{key}={value}").expect("a String takes every write");
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

    #[test]
    fn a_restore_writes_the_folders_of_the_files_and_sees_homes_as_they_are() {
        let text = "[[files]]\nmember = \"a.json\"\npath = \"/home/neo/x/y/a.json\"\n\
                    [[files]]\nmember = \"b.conf\"\npath = \"/srv/b.conf\"\n\
                    [[inventories]]\nmember = \"v.txt\"\npath = \"/home/films/v\"\n\
                    [[inventories]]\nmember = \"w.txt\"\npath = \"/mnt/w\"\ninclude = true\n\
                    [paths]\nbackups = \"/mnt/usb\"";
        let made = made(text);
        assert_eq!(made[3].path, Path::new("neopro-restore@.service.d/10-configuration.conf"));
        let expected = "[Service]\nBindReadOnlyPaths=\nReadWritePaths=\n\
                        BindReadOnlyPaths=-/home/films\nBindReadOnlyPaths=-/home/neo\n\
                        ReadWritePaths=-/home/neo/x/y\nReadWritePaths=-/mnt/w\nReadWritePaths=-/srv\n\
                        ReadWritePaths=-/mnt/usb\n\
                        ReadWritePaths=-/var/lib/neopro-backup\nReadWritePaths=-/run/neopro-backup\n";
        assert!(made[3].text.ends_with(expected), "{}", made[3].text);
        assert!(made[4].text.ends_with(expected), "{}", made[4].text);
    }

    #[test]
    fn a_restore_is_looked_for_where_the_state_is_before_the_services_that_read_the_files() {
        let made = made("[paths]\nstate = \"/srv/10 %\"\n[restore]\nservices = [\"a\", \"b@c.service\"]");
        assert_eq!(made[4].path, Path::new("neopro-restore-resume.service.d/10-configuration.conf"));
        let expected = "\n[Unit]\nConditionPathExists=\n\
                        ConditionPathExists=/srv/10 %%/restore/intent.json\n\
                        Before=a.service\nBefore=b@c.service\n[Service]\n";
        assert!(made[4].text.contains(expected), "{}", made[4].text);
    }

    #[test]
    fn archives_are_read_as_the_club_s_user_who_sees_nothing_else() {
        let made = made("[club]\nuser = \"neo\"");
        assert_eq!(made[2].path, Path::new("neopro-backup-verify.service.d/10-configuration.conf"));
        let verify = &made[2].text;
        assert!(verify.contains("\nUser=neo\n") && !verify.contains("BindReadOnlyPaths"), "{verify}");
        assert!(verify.contains("\nInaccessiblePaths=-/etc/neopro/site.conf\n"), "{verify}");
    }

    #[test]
    fn a_home_is_what_its_user_cannot_replace() {
        let home = |path| home_of(Path::new(path)).map(|home| home.display().to_string());
        assert_eq!(home("/home/pi/a/b").as_deref(), Some("/home/pi"));
        assert_eq!(home("/home").as_deref(), Some("/home"));
        assert_eq!(home("/root/a").as_deref(), Some("/root"));
        assert_eq!(home("/run/user/7/a").as_deref(), Some("/run/user/7"));
        assert_eq!(home("/srv"), None);
    }
}

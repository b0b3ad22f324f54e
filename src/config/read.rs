//! The file's sections, in the order of the contract, and how they bear on each other.

use std::path::{Path, PathBuf};

use super::contents::Names;
use super::section::Section;
use super::{
    Auth, Club, Config, FileSource, Http, InventorySource, Manager, Masking, Paths, Restore, Retention,
    Schedule, Tls, Ui, rules,
};
use crate::model::Sentence;

/// The whole file. What is refused stands as its default here, so that reading goes on.
pub(super) fn config(root: &mut Section<'_, '_>) -> Config {
    let mut names = Names::new();
    let club = root.section("club", club);
    let default_files = if root.has("files") { Vec::new() } else { FileSource::defaults(&club) };
    let default_inventories =
        if root.has("inventories") { Vec::new() } else { InventorySource::defaults(&club) };
    let defaults = default_files.iter().map(|file| &file.member);
    for member in defaults.chain(default_inventories.iter().map(|inventory| &inventory.member)) {
        names.claim(member).expect("the defaults have different names");
    }

    let paths = root.section("paths", |section| paths(section, &club, &default_inventories));
    // Against a path that was itself refused, nothing can be held.
    let backups = root.is_sound().then(|| paths.backups.clone());
    let files = root.tables("files", |section| file(section, &mut names));
    let inventories =
        root.tables("inventories", |section| inventory(section, &mut names, backups.as_deref()));
    Config {
        club,
        paths,
        files: files.unwrap_or(default_files),
        inventories: inventories.unwrap_or(default_inventories),
        retention: root.section("retention", retention),
        restore: root.section("restore", Restore::read),
        masking: root.section("masking", Masking::read),
        schedule: root.section("schedule", schedule),
        http: root.section("http", http),
        tls: root.section("tls", tls),
        ui: root.section("ui", ui),
        origins: super::Origins::default(),
    }
}

fn club(section: &mut Section<'_, '_>) -> Club {
    Club { user: section.text("user", Club::DEFAULT_USER.to_owned(), rules::user) }
}

fn paths(section: &mut Section<'_, '_>, club: &Club, default_inventories: &[InventorySource]) -> Paths {
    let Paths { backups, state, runtime } = Paths::of(club);
    let paths = Paths {
        backups: section.text("backups", backups, rules::path),
        state: section.text("state", state, rules::path),
        runtime: section.text("runtime", runtime, rules::path),
    };
    for (key, path) in [("state", &paths.state), ("runtime", &paths.runtime)] {
        if *path == paths.backups {
            let key = if section.has(key) { key } else { "backups" };
            section.refuse(key, Sentence::new("config.same_directory").with("found", path.display()));
        }
    }
    for listed in default_inventories {
        if let Err(sentence) = apart(&paths.backups, &listed.path) {
            section.refuse("backups", sentence);
        }
    }
    paths
}

/// The archives must not be in a folder that is listed: they would list themselves,
/// and with `include` each would hold all before it.
fn apart(backups: &Path, listed: &Path) -> Result<(), Sentence> {
    if !backups.starts_with(listed) {
        return Ok(());
    }
    let sentence = Sentence::new("config.backups_listed");
    Err(sentence.with("backups", backups.display()).with("listed", listed.display()))
}

fn file(section: &mut Section<'_, '_>, names: &mut Names) -> Option<FileSource> {
    let member = member(section, names);
    let path = section.needed_text("path", rules::path);
    let required = section.boolean("required", FileSource::DEFAULT_REQUIRED);
    Some(FileSource { member: member?, path: path?, required })
}

fn member(section: &mut Section<'_, '_>, names: &mut Names) -> Option<String> {
    section.needed_text("member", |text| {
        let member = rules::member(text)?;
        names.claim(&member)?;
        Ok(member)
    })
}

fn inventory(
    section: &mut Section<'_, '_>,
    names: &mut Names,
    backups: Option<&Path>,
) -> Option<InventorySource> {
    let member = member(section, names);
    let path = section.needed_text("path", |text| {
        let path = rules::path(text)?;
        backups.map_or(Ok(()), |backups| apart(backups, &path))?;
        Ok(path)
    });
    let include = section.boolean("include", InventorySource::DEFAULT_INCLUDE);
    let inventory = InventorySource { member: member?, path: path?, include };
    // What is copied needs a folder of its own. Only `/` has no name to give it, and `/` holds the
    // archives, so it has been refused already.
    if let Some(Err(sentence)) = inventory.folder().map(|folder| names.claim(folder)) {
        section.refuse("path", sentence);
    }
    Some(inventory)
}

fn retention(section: &mut Section<'_, '_>) -> Retention {
    const MORE: u16 = Retention::DEFAULT_KEEP_MORE;
    Retention {
        days: section.integer("days", Retention::DEFAULT_DAYS, Retention::DAYS),
        keep_last: section.integer("keep_last", Retention::DEFAULT_KEEP_LAST, Retention::KEEP_LAST),
        keep_daily: section.integer("keep_daily", MORE, Retention::KEEP_MORE),
        keep_weekly: section.integer("keep_weekly", MORE, Retention::KEEP_MORE),
        keep_monthly: section.integer("keep_monthly", MORE, Retention::KEEP_MORE),
    }
}

fn schedule(section: &mut Section<'_, '_>) -> Schedule {
    Schedule {
        manager: section.choice("manager", Schedule::DEFAULT_MANAGER, &Manager::NAMES),
        at: section.text("at", Schedule::DEFAULT_AT, rules::time_of_day),
    }
}

fn http(section: &mut Section<'_, '_>) -> Http {
    Http {
        listen: section.text("listen", Http::DEFAULT_LISTEN, rules::listen),
        auth: section.choice("auth", Http::DEFAULT_AUTH, &Auth::NAMES),
        hosts: section.list("hosts", rules::host),
        proxies: section.list("proxies", rules::ip),
        max_connections: section.integer("max_connections", Http::DEFAULT_MAX_CONNECTIONS, Http::CONNECTIONS),
        max_connections_per_address: section.integer(
            "max_connections_per_address",
            Http::DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
            Http::CONNECTIONS,
        ),
    }
}

fn tls(section: &mut Section<'_, '_>) -> Tls {
    let named = section.has("mode");
    let mode = section.choice("mode", "", &Tls::MODES.map(|mode| (mode, mode)));
    let mode = if named { mode } else { Tls::DEFAULT.mode() };
    let (certificate, key) = (tls_file(section, "certificate", mode), tls_file(section, "key", mode));
    match (mode, certificate, key) {
        ("files", Some(certificate), Some(key)) => Tls::Files { certificate, key },
        ("self-signed", ..) => Tls::SelfSigned,
        _ => Tls::DEFAULT,
    }
}

/// A file that one mode needs, and that would seem to encrypt where no mode reads it.
/// Of a mode that was refused (it is empty) nobody knows what it needs.
fn tls_file(section: &mut Section<'_, '_>, key: &'static str, mode: &str) -> Option<PathBuf> {
    let needed = Sentence::new("config.tls_file_needed");
    if mode == "files" && !section.has(key) {
        section.refuse(key, needed.clone());
    }
    section.text(key, None, |text| match (text, mode) {
        ("", "files") => Err(needed),
        ("", _) => Ok(None),
        (path, "files" | "") => rules::path(path).map(Some),
        _ => Err(Sentence::new("config.tls_file_unread")),
    })
}

fn ui(section: &mut Section<'_, '_>) -> Ui {
    Ui { language: section.choice("language", Ui::DEFAULT_LANGUAGE, &Ui::LANGUAGES) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bad, good};
    use super::*;

    /// Section 6 of the contract, to the letter.
    const CONTRACT: &str = r#"
[paths]
backups = "/home/pi/neopro-backups"
state = "/var/lib/neopro-backup"      # what must survive a reboot and is not an archive
runtime = "/run/neopro-backup"        # job events, gone at reboot

[[files]]
member = "configuration.json"         # its name in the archive
path = "/home/pi/neopro/webapp/configuration.json"
required = true
[[files]]
member = "sync-agent.env"
path = "/home/pi/neopro/sync-agent/.env"
[[files]]
member = "site.conf"
path = "/etc/neopro/site.conf"

[[inventories]]
member = "videos-inventory.txt"
path = "/home/pi/neopro/videos"
include = false                       # true copies the files as well

[retention]
days = 7
keep_last = 3
keep_daily = 0
keep_weekly = 0
keep_monthly = 0

[restore]
services = ["neopro-app"]             # started anew after a restore
check_seconds = 10                    # they must stay up as long, or it is taken back
undo_days = 7

[masking]
keys = ["password", "passwd", "pwd", "token", "secret", "key", "credential", "mot_de_passe"]

[schedule]
manager = "auto"                      # "auto", "systemd" or "local"
at = "03:00"                          # the local timer; under systemd the timer unit says when

[http]
listen = "0.0.0.0:8080"               # ignored when a socket is inherited
auth = "password"                     # or "open-lan": the old behaviour
hosts = []                            # further names this device is reached by

[tls]
mode = "off"                          # "self-signed": a certificate of the program's own; "files": yours
certificate = ""                      # PEM, with its chain; for "files"
key = ""                              # PEM

[ui]
language = "fr"                       # or "en"
"#;

    #[test]
    fn the_contract_s_listing_is_the_defaults() {
        let config = good(CONTRACT);
        assert_eq!(config, Config::default());
        assert_eq!(config.set_at("paths.backups"), Some((Path::new("/c.toml"), 3)));
        assert_eq!(config.set_at("files[2].path"), Some((Path::new("/c.toml"), 16)));
        assert_eq!(config.set_at("files[2].required"), None);
        assert!(config.language_is_set());
    }

    #[test]
    fn an_empty_file_is_all_defaults() {
        for text in ["", "\n\n", "# nothing", "\u{feff}", "[retention]\n[http]\n[paths]\n[schedule]\n[ui]"] {
            let config = good(text);
            assert_eq!(config, Config::default(), "{text:?}");
            assert!(!config.language_is_set());
        }
        assert_eq!(Config::default().retention.days, 7);
        assert_eq!(Config::default().http.max_connections, 128);
        assert_eq!(Config::default().http.max_connections_per_address, 32);
    }

    #[test]
    fn every_key_is_followed() {
        let config = good(
            r#"
            paths = { backups = "/b", state = "/s", runtime = "/r" }
            files = [{ member = "a", path = "/a", required = true }]
            retention.days = 3_650
            retention.keep_last = 0x10
            http.listen = "[::1]:80"
            http.hosts = ["Neopro.local", "192.168.1.2"]
            http.proxies = ["127.0.0.1", "::ffff:10.0.0.1"]
            [[inventories]]
            member = "list"
            path = "/v"
            include = true
            [schedule]
            manager = "local"
            at = "23:59"
            [ui]
            language = "en"
            "#,
        );
        assert_eq!(config.paths, Paths { backups: "/b".into(), state: "/s".into(), runtime: "/r".into() });
        assert_eq!(config.files, [FileSource { member: "a".into(), path: "/a".into(), required: true }]);
        assert_eq!(config.inventories[0].folder(), Some("v"));
        assert_eq!((config.retention.days, config.retention.keep_last), (3_650, 16));
        assert_eq!(config.http.listen.to_string(), "[::1]:80");
        assert_eq!(config.http.hosts, ["neopro.local", "192.168.1.2"]);
        assert_eq!(
            config.http.proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["127.0.0.1", "10.0.0.1"]
        );
        assert_eq!(config.schedule.manager, Manager::Local);
        assert_eq!(config.schedule.at.to_string(), "23:59:00");
        assert_eq!(config.ui.language, crate::model::Language::English);
        assert_eq!(good("http.auth = \"open-lan\"").http.auth, Auth::OpenLan);
        assert_eq!(good("schedule.manager = \"systemd\"").schedule.manager, Manager::Systemd);
    }

    #[test]
    fn another_club_user_moves_every_default_below_its_home() {
        let config = good("[club]\nuser = \"neo\"");
        assert_eq!(config.club.user, "neo");
        assert_eq!(config.paths.backups, Path::new("/home/neo/neopro-backups"));
        assert_eq!(config.files[0].path, Path::new("/home/neo/neopro/webapp/configuration.json"));
        assert_eq!(config.files[2].path, Path::new("/etc/neopro/site.conf"));
        assert_eq!(config.inventories[0].path, Path::new("/home/neo/neopro/videos"));
        let set = good("club.user = \"neo\"\npaths.backups = \"/mnt/b\"");
        assert_eq!(set.paths.backups, Path::new("/mnt/b"));
    }

    #[test]
    fn an_empty_list_replaces_the_default_one() {
        let config = good("files = []\ninventories = []");
        assert!(config.files.is_empty() && config.inventories.is_empty());
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let text = r#"colour = "red"
            [paths]
            backups = "relative"
            state = "/a/../b"
            [[files]]
            member = ".hidden"
            [[files]]
            path = 7
            required = "yes"
            [retention]
            days = 0
            keep_last = 2
            [http]
            hosts = ["fine", "http://bad", 3]
            proxies = ["neopro.local"]
            listen = "8080"
        "#;
        let problems = [
            "1 colour unknown",
            "3 paths.backups path_relative",
            "4 paths.state path_parent",
            "5 files[0].path missing",
            "6 files[0].member member_name",
            "7 files[1].member missing",
            "8 files[1].path expected_text",
            "9 files[1].required expected_boolean",
            "11 retention.days out_of_range",
            "12 retention.keep_last out_of_range",
            "14 http.hosts[1] host",
            "14 http.hosts[2] expected_text",
            "15 http.proxies[0] ip",
            "16 http.listen address",
        ];
        assert_eq!(bad(text), problems);
    }

    fn item(list: &str, member: &str, path: &str, more: &str) -> String {
        format!("[[{list}]]\nmember = \"{member}\"\npath = \"{path}\"\n{more}\n")
    }

    #[test]
    fn duplicate_member_is_refused() {
        let twice = item("files", "a", "/a", "") + &item("files", "a", "/b", "");
        assert_eq!(bad(&twice), ["6 files[1].member name_taken"]);
        let across = item("files", "a", "/a", "") + &item("inventories", "a", "/b", "");
        assert_eq!(bad(&across), ["6 inventories[0].member name_taken"]);
        for (list, taken) in [
            ("files", "manifest.json"),
            ("files", "system-info.txt"),
            ("files", "videos-inventory.txt"),
            ("inventories", "configuration.json"),
        ] {
            assert_eq!(bad(&item(list, taken, "/b", "")), [format!("2 {list}[0].member name_taken")]);
        }
        // Its default holder is gone.
        good(&item("files", "site.conf", "/b", ""));
    }

    #[test]
    fn a_folder_of_copies_needs_a_name_of_its_own() {
        let include = "include = true";
        good(&(item("inventories", "a", "/x/v", include) + &item("inventories", "b", "/x/w", include)));
        good(&(item("inventories", "a", "/x/v", include) + &item("inventories", "b", "/y/v", "")));
        let twice = item("inventories", "a", "/x/v", include) + &item("inventories", "b", "/y/v/", include);
        assert_eq!(bad(&twice), ["7 inventories[1].path name_taken"]);
        assert_eq!(
            bad(&item("inventories", "a", "/x/site.conf", include)),
            ["3 inventories[0].path name_taken"]
        );
        assert_eq!(bad(&item("inventories", "a", "/x/a", include)), ["3 inventories[0].path name_taken"]);
    }

    #[test]
    fn backups_below_a_listed_folder_are_refused_where_the_file_says_so() {
        for listed in ["/home/pi/neopro-backups", "/home/pi/", "/"] {
            let text = item("inventories", "a", listed, "include = true");
            assert_eq!(bad(&text), ["3 inventories[0].path backups_listed"]);
        }
        good(&item("inventories", "a", "/home/pi/neopro", ""));
        good(&item("inventories", "a", "/home/pi/neopro-backup", ""));
        let videos = "paths.backups = \"/home/pi/neopro/videos/./b\"\n";
        assert_eq!(bad(videos), ["1 paths.backups backups_listed"]);
        good(&(videos.to_owned() + "inventories = []"));
        // A path that was itself refused says nothing about others.
        let unknown = "paths.backups = 'b'\n".to_owned() + &item("inventories", "a", "/home", "");
        assert_eq!(bad(&unknown), ["1 paths.backups path_relative"]);
    }

    #[test]
    fn tls_is_off_of_the_program_s_own_or_of_two_files() {
        assert_eq!(good("[tls]\nmode = 'self-signed'").tls, Tls::SelfSigned);
        assert_eq!(good("[tls]\nmode = 'self-signed'\ncertificate = ''\nkey = ''").tls, Tls::SelfSigned);
        let files = good("[tls]\nmode = 'files'\ncertificate = '/c.pem'\nkey = '/k.pem'").tls;
        assert_eq!(files, Tls::Files { certificate: "/c.pem".into(), key: "/k.pem".into() });
    }

    #[test]
    fn tls_files_are_needed_by_one_mode_and_refused_by_the_others() {
        let needed = ["2 tls.certificate tls_file_needed", "2 tls.key tls_file_needed"];
        assert_eq!(bad("\n[tls]\nmode = 'files'"), needed);
        assert_eq!(bad("\ntls.mode = 'files'"), needed);
        let one = "[tls]\nmode = 'files'\ncertificate = '/c'\nkey = ''";
        assert_eq!(bad(one), ["4 tls.key tls_file_needed"]);
        let relative = "[tls]\nmode = 'files'\ncertificate = 'c'\nkey = '/../k'";
        assert_eq!(bad(relative), ["3 tls.certificate path_relative", "4 tls.key path_parent"]);
        // Whoever names his files and forgets the mode would believe to be encrypted.
        for mode in ["", "mode = 'off'", "mode = 'self-signed'"] {
            let text = format!("[tls]\n{mode}\ncertificate = '/c'\nkey = '/k'");
            assert_eq!(bad(&text), ["3 tls.certificate tls_file_unread", "4 tls.key tls_file_unread"]);
        }
        assert_eq!(bad("[tls]\nmode = 'file'\ncertificate = '/c'\nkey = '/k'"), ["2 tls.mode not_a_choice"]);
    }

    #[test]
    fn state_and_runtime_are_not_among_the_backups() {
        assert_eq!(bad("[paths]\nstate = '/home/pi/neopro-backups/'"), ["2 paths.state same_directory"]);
        assert_eq!(bad("[paths]\nruntime = '/home/pi/neopro-backups'"), ["2 paths.runtime same_directory"]);
        assert_eq!(bad("[paths]\nbackups = '/run/neopro-backup'"), ["2 paths.backups same_directory"]);
    }
}

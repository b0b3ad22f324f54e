//! What is installed beside the program agrees with it.

use std::path::Path;

use neopro_backup::config::Config;

const SETTINGS: &str = include_str!("../packaging/config.toml");

/// The settings that the file offers, uncommented.
fn offered() -> String {
    let lines = SETTINGS.lines().skip_while(|line| !line.starts_with("# [club]"));
    lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_installed_settings_change_nothing_and_offer_every_default() {
    let path = Path::new("packaging/config.toml");
    assert_eq!(Config::parse(SETTINGS, path).unwrap(), Config::default());
    let offered = Config::parse(&offered(), path).unwrap();
    assert_eq!(offered, Config::default());
    let keys = |config: &Config| {
        let shown = config.show();
        shown.lines().filter(|line| line.contains("# default")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(keys(&offered), Vec::<String>::new(), "every key is there");
}

#[test]
fn the_readme_offers_the_same() {
    let readme = include_str!("../README.md");
    let block = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(Config::parse(block, Path::new("README.md")).unwrap(), Config::default());
}

/// The values of a directive in a unit file, in their order.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    let lines = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.collect()
}

#[test]
fn the_units_fit_the_defaults() {
    let config = Config::default();
    let (panel, backup) =
        (include_str!("../systemd/neopro-admin.service"), include_str!("../systemd/neopro-backup.service"));
    let maybe = |path: &Path| format!("-{}", path.display());
    let at_home = |path: &&Path| path.starts_with("/home");
    let files = config.files.iter().map(|file| file.path.as_path());
    let sources = files.chain(config.inventories.iter().map(|inventory| inventory.path.as_path()));
    let own = format!("-{} -{}", config.paths.state.display(), config.paths.runtime.display());
    for unit in [panel, backup] {
        assert_eq!(values(unit, "BindPaths"), [maybe(&config.paths.backups)]);
        assert_eq!(values(unit, "ReadWritePaths"), [own.as_str()]);
    }
    assert_eq!(values(backup, "User"), [config.club.user.as_str()]);
    let read: Vec<_> = sources.clone().filter(at_home).map(maybe).collect();
    assert_eq!(values(backup, "BindReadOnlyPaths"), read);
    for hidden in sources.filter(|path| !at_home(path)) {
        let folder = hidden.parent().unwrap();
        assert_eq!(values(panel, "InaccessiblePaths"), [maybe(folder)]);
    }
    let hour = format!("*-*-* {}:00", config.schedule.at.strftime("%H:%M"));
    assert_eq!(values(include_str!("../systemd/neopro-backup.timer"), "OnCalendar"), [hour.as_str()]);
    let port = config.http.listen.port().to_string();
    assert_eq!(values(include_str!("../systemd/neopro-admin.socket"), "ListenStream"), [port.as_str()]);
}

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
    for unit in [panel, backup, include_str!("../systemd/neopro-backup-verify.service")] {
        assert_eq!(values(unit, "BindPaths"), [maybe(&config.paths.backups)]);
        assert_eq!(values(unit, "ReadWritePaths"), [own.as_str()]);
    }
    assert_eq!(values(backup, "User"), [config.club.user.as_str()]);
    let read: Vec<_> = sources.clone().filter(at_home).map(maybe).collect();
    assert_eq!(values(backup, "BindReadOnlyPaths"), read);
    let verify = include_str!("../systemd/neopro-backup-verify.service");
    for hidden in sources.filter(|path| !at_home(path)) {
        let folder = hidden.parent().unwrap();
        for unit in [panel, verify] {
            assert_eq!(values(unit, "InaccessiblePaths"), [maybe(folder)]);
        }
    }
    assert_eq!(values(verify, "User"), values(backup, "User"));
    assert_eq!(values(verify, "BindReadOnlyPaths"), Vec::<&str>::new());
    let hour = format!("*-*-* {}:00", config.schedule.at.strftime("%H:%M"));
    assert_eq!(values(include_str!("../systemd/neopro-backup.timer"), "OnCalendar"), [hour.as_str()]);
    let port = config.http.listen.port().to_string();
    assert_eq!(values(include_str!("../systemd/neopro-admin.socket"), "ListenStream"), [port.as_str()]);
}

#[test]
fn a_refused_hour_leaves_no_failed_unit() {
    let auto = include_str!("../systemd/neopro-backup-auto@.service");
    let restore = include_str!("../systemd/neopro-restore@.service");
    for unit in [auto, restore] {
        assert_eq!(values(unit, "CollectMode"), ["inactive-or-failed"]);
    }
}

#[test]
fn purge_forgets_every_file_of_the_store_s() {
    let postrm = include_str!("../packaging/maintainer-scripts/postrm");
    let mut files = Vec::new();
    for entry in std::fs::read_dir("src/store").unwrap() {
        let path = entry.unwrap().path();
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        let program = source.split("#[cfg(test)]").next().unwrap();
        let texts = program
            .split('"')
            .filter(|text| text.strip_suffix(".json").is_some() && !text.contains([' ', '\n']));
        files.extend(texts.map(str::to_owned));
    }
    assert!(files.len() > 5, "{files:?}");
    // The old panel's own, which stays beside the archives.
    for file in files.iter().filter(|file| *file != "last-backup-status.json") {
        assert!(postrm.split_whitespace().any(|word| word == file), "{file}");
    }
}

#[test]
fn the_restore_s_units_fit_the_defaults() {
    let config = Config::default();
    let resume = include_str!("../systemd/neopro-restore-resume.service");
    let maybe = |path: &Path| format!("-{}", path.display());
    let folders = config.files.iter().map(|file| maybe(file.path.parent().unwrap()));
    let club: Vec<_> = [maybe(&config.paths.backups)].into_iter().chain(folders).collect();
    let own = [&config.paths.state, &config.paths.runtime].map(|path| maybe(path));
    for unit in [include_str!("../systemd/neopro-restore@.service"), resume] {
        assert_eq!(values(unit, "ReadWritePaths"), [club.join(" "), own.join(" ")]);
        assert_eq!(values(unit, "BindReadOnlyPaths"), [format!("-/home/{}", config.club.user)]);
        assert_eq!(values(unit, "BindPaths"), Vec::<&str>::new());
    }
    let intent = config.paths.state.join("restore/intent.json");
    assert_eq!(values(resume, "ConditionPathExists"), [intent.display().to_string()]);
    let before = values(resume, "Before")[0];
    for service in config.restore.services.iter().map(String::as_str).chain(["neopro-admin.service"]) {
        assert!(before.split(' ').any(|unit| unit == service), "{service}");
    }
}

/// What protects is the same wherever the same is done.
#[test]
fn both_of_the_restore_s_units_have_one_sandbox() {
    let sandbox = |unit: &'static str| {
        let lines = unit.split_once("MemoryMax=").unwrap().1.split("[Install]").next().unwrap();
        lines.trim().lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>()
    };
    assert_eq!(
        sandbox(include_str!("../systemd/neopro-restore@.service")),
        sandbox(include_str!("../systemd/neopro-restore-resume.service"))
    );
}

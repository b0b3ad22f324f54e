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

//! The configuration: whatever is accepted is shown as a text that says the same, and whatever is
//! refused is refused with a place and a sentence.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use neopro_backup::config::{Config, Retention};
use neopro_backup::model::Language;

fuzz_target!(|text: &str| {
    let file = Path::new("/etc/neopro-backup/config.toml");
    match Config::parse(text, file) {
        Ok(config) => {
            let shown = config.show();
            let again =
                Config::parse(&shown, file).unwrap_or_else(|problems| panic!("{shown}\n{problems:?}"));
            assert_eq!(again, config, "shown otherwise:\n{shown}");
            for (key, bounds) in Retention::BOUNDS {
                assert!(bounds.contains(&config.retention.number(key)), "{key}");
            }
            let paths = [&config.paths.backups, &config.paths.state, &config.paths.runtime];
            assert!(paths.iter().all(|path| path.is_absolute()));
            let _ = config.to_json();
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a word");
            let lines = text.lines().count() + 1;
            for problem in problems {
                assert!(problem.line.is_some_and(|line| 1 <= line && line <= lines), "{problem:?}");
                assert!(!problem.place().contains(char::is_control), "{problem:?}");
                for language in [Language::French, Language::English] {
                    let said = language.say(&problem.sentence);
                    assert!(said != problem.sentence.key, "not in the catalogue: {said}");
                }
            }
        }
    }
});

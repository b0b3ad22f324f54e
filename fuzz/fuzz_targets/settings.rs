//! `settings.json`, which anybody who shares the state directory can write: whatever is accepted
//! lies within its bounds and is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neopro_backup::config::{Config, PanelSettings, Retention};

fuzz_target!(|text: &[u8]| {
    let Ok(settings) = PanelSettings::parse(text) else { return };
    assert_eq!(PanelSettings::parse(&settings.to_text()).as_ref(), Ok(&settings));
    let config = Config::default().with_panel(&settings);
    for (key, bounds) in Retention::BOUNDS {
        assert!(bounds.contains(&config.retention.number(key)), "{key}");
    }
    let untouched =
        Config { retention: Retention::default(), schedule: Config::default().schedule, ..config };
    assert_eq!(untouched, Config::default(), "more than five numbers and an hour");
});

//! The configuration: what a person wrote, laid over the defaults and checked whole.
//!
//! Every problem of a file is found at once, each with its file, line and key; a
//! misspelt key is never swallowed, and a bad file never becomes the defaults.
//! The file is opened once and read; nothing is ever written. Uses: model.

mod contents;
mod document;
mod json;
mod load;
mod near;
mod panel;
mod problem;
mod read;
mod restore;
mod rules;
mod section;
mod settings;
mod show;
#[cfg(test)]
mod testing;

pub use contents::{FileSource, InventorySource, SYSTEM_INFO_MEMBER};
pub use document::Origins;
pub use load::{DEFAULT_FILE, MAX_FILE_BYTES};
pub use panel::{PanelSettings, SettingError, time_of_day};
pub use problem::{ConfigError, Problem};
pub use restore::{Masking, Restore};
pub use settings::{Auth, Club, Config, Http, Manager, Paths, Retention, Schedule, Tls, Ui};

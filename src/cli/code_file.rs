//! The code of the first use in a file beside the configuration, for root alone: the panel
//! itself cannot read it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::setting::Setting;
use crate::config::DEFAULT_FILE;
use crate::store::{self, StoreError};

const NAME: &str = "setup-code";
const MODE: u32 = 0o600;
/// Bytes; a code has nine.
const LONGEST: u64 = 64;

/// The file, for root; nothing for anybody else.
pub(super) struct CodeFile(Option<PathBuf>);

impl CodeFile {
    pub(super) fn of(setting: &Setting) -> Self {
        let folder = setting.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE)).parent();
        let folder = folder.filter(|folder| nix::unistd::geteuid().is_root() && folder.is_dir());
        Self(folder.map(|folder| folder.join(NAME)))
    }

    pub(super) fn read(&self) -> Option<String> {
        let mut text = String::new();
        File::open(self.0.as_ref()?).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        Some(text.trim().to_owned())
    }

    /// Puts the code in the place of the one before.
    pub(super) fn write(&self, code: &str) -> Result<(), StoreError> {
        let Some(path) = &self.0 else { return Ok(()) };
        store::replace(path, format!("{code}\n").as_bytes(), MODE)
    }

    /// Removes it; it may be gone already.
    pub(super) fn remove(&self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

//! Secrets that are planted, and the search for them where none may be.

use std::fs;
use std::path::{Path, PathBuf};

/// What the club's settings hold.
pub(crate) const OF_THE_CLUB: &str = "planted-81f3c0d25e";
/// The club's password.
pub(crate) const PASSWORD: &str = "trois petits tours";
/// The one after it.
pub(crate) const NEXT_PASSWORD: &str = "filet bleu buvette";
/// One that is wrong; who mistypes a password tells most of it.
pub(crate) const WRONG_PASSWORD: &str = "trois petits four";

/// What must never be told, besides what a test is given.
pub(crate) fn all() -> Vec<String> {
    [OF_THE_CLUB, PASSWORD, NEXT_PASSWORD, WRONG_PASSWORD].map(str::to_owned).into()
}

/// Panics where one of them is in there.
pub(crate) fn assert_absent(bytes: &[u8], secrets: &[String], place: &str) {
    let text = String::from_utf8_lossy(bytes);
    let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
    assert!(found.is_none(), "{found:?} is in {place}");
}

/// Panics where a log tells one of them, a token, or what looks like a session's secret.
pub(crate) fn assert_unlogged(log: &str) {
    assert_absent(log.as_bytes(), &all(), "the log");
    let words = log.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_secret = |word: &&str| {
        let digits = word.strip_prefix("neopro_").unwrap_or(word);
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let found = words.clone().find(is_secret);
    assert!(found.is_none(), "{found:?} is in the log");
}

/// Every file below a club's folder but its settings, archives of them, and root's own file
/// of the code.
pub(crate) fn written(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let name = entry.file_name().into_string().unwrap_or_default();
        if kind.is_dir() && name != "club" {
            files.extend(written(&path));
        } else if kind.is_file()
            && !name.ends_with(".tar.gz")
            && !name.ends_with(".partial")
            && name != "setup-code"
        {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_is_planted_is_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::write(folder.path().join("state/x.json"), format!("\"{PASSWORD}\"")).unwrap();
    let [file] = &written(folder.path())[..] else { panic!("one file") };
    let search = || assert_absent(&fs::read(file).unwrap(), &all(), "x");
    assert!(std::panic::catch_unwind(search).is_err());
    for logged in [format!("x={PASSWORD}"), format!("token=neopro_{}", "0a".repeat(32)), "0a".repeat(32)] {
        assert!(std::panic::catch_unwind(|| assert_unlogged(&logged)).is_err(), "{logged}");
    }
    assert_unlogged("archive=backup-20241218-030000.tar.gz job=backup-0193d8a2c4f0-5e1b9c3a");
}

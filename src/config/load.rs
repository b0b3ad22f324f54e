//! From a file or a text to a configuration.

use std::cell::LazyCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml::de::DeTable;

use super::document::Document;
use super::section::Section;
use super::{Config, ConfigError, Problem, read};

/// The file that is read where none is named; it may be absent.
pub const DEFAULT_FILE: &str = "/etc/neopro-backup/config.toml";

/// The largest file that is read, in bytes; the contract's example has 1,100.
pub const MAX_FILE_BYTES: usize = 1 << 20;

impl Config {
    /// Reads this file, which must exist; where none is named, [`DEFAULT_FILE`], whose absence
    /// means all defaults.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        match path {
            Some(path) => load(path),
            None => load_if_there(Path::new(DEFAULT_FILE)),
        }
    }

    /// Reads a text. `origin` is the file's name in problems and in provenance.
    ///
    /// # Errors
    /// All that is wrong, in the order of lines. A text that is not TOML is judged as
    /// TOML only: what its keys say cannot be known.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, Vec<Problem>> {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let mut document = Document::new(text, origin);
        let config = if errors.is_empty() {
            Section::root(tree.get_ref(), &mut document, read::config)
        } else {
            let unplaced = LazyCell::new(|| place_of_unplaced(text));
            for error in errors {
                let place = error.span().map_or_else(|| *unplaced, |span| span.start);
                document.refuse_syntax(place, error.message());
            }
            Self::default()
        };
        Ok(Self { origins: document.finish()?, ..config })
    }
}

/// The byte at which the parser first finds what it gives no place for, a key of too many parts:
/// the end of the first lines of which it says so.
fn place_of_unplaced(text: &str) -> usize {
    let ends: Vec<_> = text.match_indices('\n').map(|(at, _)| at).collect();
    let has_none = |end: &usize| {
        let (_, errors) = DeTable::parse_recoverable(&text[..*end]);
        errors.iter().all(|error| error.span().is_some())
    };
    ends.get(ends.partition_point(has_none)).copied().unwrap_or(text.len())
}

fn load_if_there(path: &Path) -> Result<Config, ConfigError> {
    match load(path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(Config::default())
        }
        other => other,
    }
}

fn load(path: &Path) -> Result<Config, ConfigError> {
    let bytes =
        read_bounded(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        ConfigError::NotUtf8 { path: path.to_owned(), line }
    })?;
    Config::parse(text, path).map_err(ConfigError::Problems)
}

/// The file's bytes; of a larger one, one byte more than is allowed.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bad, parse, what};
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    /// A configuration file with this content, and its folder.
    fn file(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    fn said(error: &ConfigError) -> Vec<(String, String)> {
        error.sentences().into_iter().map(|(place, sentence)| (place, what(&sentence))).collect()
    }

    #[test]
    fn a_named_file_is_read_and_each_value_knows_its_line() {
        let (_folder, path) = file(b"[retention]\n\ndays = 14\n");
        let config = Config::load(Some(&path)).unwrap();
        assert_eq!(config.retention.days, 14);
        assert_eq!(config.set_at("retention.days"), Some((path.as_path(), 3)));
        assert_eq!(config.set_at("retention.keep_last"), None);
    }

    #[test]
    fn only_the_unnamed_file_may_be_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent.toml");
        assert_eq!(load_if_there(&path).unwrap(), Config::default());
        let error = Config::load(Some(&path)).unwrap_err();
        assert_eq!(said(&error), [(path.display().to_string(), "absent".to_owned())]);
        assert!(error.to_string().ends_with("cannot be read"));
    }

    #[test]
    fn the_unnamed_file_is_in_etc() {
        // Most machines that run tests have none; on one that has, both must say the same.
        let unnamed = Config::load(None).map_err(|error| said(&error));
        assert_eq!(unnamed, load_if_there(Path::new(DEFAULT_FILE)).map_err(|error| said(&error)));
    }

    #[test]
    fn what_is_there_but_unreadable_is_never_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_if_there(folder.path()).unwrap_err();
        assert_eq!(said(&error)[0].1, "unreadable");
    }

    #[test]
    fn the_largest_file_is_read_and_a_larger_one_refused() {
        let (_folder, path) = file(&vec![b'\n'; MAX_FILE_BYTES]);
        assert_eq!(Config::load(Some(&path)).unwrap(), Config::default());
        let (_folder, path) = file(&vec![b'\n'; MAX_FILE_BYTES + 1]);
        let error = Config::load(Some(&path)).unwrap_err();
        assert_eq!(said(&error)[0].1, "too_large");
        assert!(error.to_string().contains("1048576"));
    }

    #[test]
    fn a_file_that_is_not_utf8_is_refused_with_its_line() {
        let (_folder, path) = file(b"# fine\n# caf\xe9\n");
        let error = Config::load(Some(&path)).unwrap_err();
        assert_eq!(said(&error), [(format!("{}:2", path.display()), "not_utf8".to_owned())]);
        assert!(error.to_string().contains("line 2"));
    }

    #[test]
    fn problems_are_placed_as_file_line_and_key() {
        let (_folder, path) = file(b"[retention]\ndays = 0\nkeep_last = 2\n");
        let error = Config::load(Some(&path)).unwrap_err();
        assert_eq!(error.to_string(), "2 problems in the configuration");
        let places: Vec<_> = said(&error).into_iter().map(|(place, _)| place).collect();
        let file = path.display();
        assert_eq!(places, [format!("{file}:2: retention.days"), format!("{file}:3: retention.keep_last")]);
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_line() {
        for (text, line) in [("a = 1\nb =", 2), ("\n[a", 2), ("a = 1\na = 2", 2), ("[ui]\n\n[ui]", 3)] {
            let problems = bad(text);
            assert_eq!(problems[0], format!("{line}  syntax"), "{text}");
        }
        assert_eq!(bad("a =\nb = 1\nc = 'x"), ["1  syntax", "3  syntax"]);
        let parts = "a.".repeat(100);
        assert_eq!(bad(&format!("[ui]\n\n{parts}a = 1\n\n[ui.x]\n")), ["3  syntax"]);
        assert_eq!(bad(&format!("\n[{parts}a]")), ["2  syntax"]);
        // The parser has five things to say of the third line.
        assert_eq!(bad("a = [1,\n2\nb = 3"), ["3  syntax"]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "(\\PC|\n){0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn arbitrary_toml_never_panics_and_every_problem_has_a_place(
            lines in proptest::collection::vec(
                ("(|\\[|\\[\\[)(paths|files|http|retention|x)(|\\.days|\\.hosts|\\.member|\\]|\\]\\])",
                 "(| = )(|1|'a'|'/a'|\\[1, '/a'\\]|\\{ member = 'a', path = '/' \\}|-1e3|\\PC{0,5})"),
                0..8,
            )
        ) {
            let lines: Vec<_> = lines.iter().map(|(key, value)| format!("{key}{value}")).collect();
            let text = lines.join("\n");
            if let Err(problems) = parse(&text) {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(problem.line.is_some_and(|line| line <= lines.len() + 1), "{problem:?}");
                    prop_assert!(!problem.place().contains(char::is_control));
                }
            }
        }
    }
}

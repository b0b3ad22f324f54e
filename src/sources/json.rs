//! Whether a text is whole JSON, in little memory whatever the text. Uses: model.

use std::io::{self, BufReader, ErrorKind, Read};

use serde::de::IgnoredAny;

use crate::model::json::Bounded;

/// How deep JSON may nest; what nests deeper counts as no JSON. A configuration
/// has about ten levels, and Node.js would read more of them than anyone writes.
const MAX_NESTING: usize = 128;

/// Reads to the end and says whether it was one JSON value.
///
/// # Errors
/// What the reader answers; a text that is no JSON is no error.
pub fn is_json(reader: impl Read) -> io::Result<bool> {
    // A string that is skipped is not kept, however long it is.
    let bounded = Bounded::new(reader, MAX_NESTING, usize::MAX);
    match serde_json::from_reader::<_, IgnoredAny>(BufReader::new(bounded)) {
        Ok(IgnoredAny) => Ok(true),
        Err(error) if error.io_error_kind().is_none_or(|kind| kind == ErrorKind::InvalidData) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_json_is_told_from_anything_else() {
        for good in [r#"{"a": [1, "x", null]}"#, " [] \n", "1", r#""\"[[""#] {
            assert!(is_json(good.as_bytes()).unwrap(), "{good}");
        }
        for bad in ["", "{", r#"{"a": 1"#, "[1,]", "{} {}", "\u{feff}{}", "nul", r#"{"a": 1}x"#] {
            assert!(!is_json(bad.as_bytes()).unwrap(), "{bad}");
        }
    }

    #[test]
    fn brackets_in_strings_do_not_nest_and_real_ones_are_bounded() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_json(format!("[\"{}\\\"{}\"]", "[".repeat(500), "{".repeat(500)).as_bytes()).unwrap());
        assert!(is_json(nested(MAX_NESTING).as_bytes()).unwrap());
        assert!(!is_json(nested(MAX_NESTING + 1).as_bytes()).unwrap());
        assert!(is_json(format!("[{}[]]", "[],".repeat(1000)).as_bytes()).unwrap());
    }

    #[test]
    fn an_endless_row_of_brackets_ends_at_once() {
        assert!(!is_json(io::repeat(b'[')).unwrap());
    }

    #[test]
    fn a_reader_that_fails_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::TimedOut.into())
            }
        }
        assert_eq!(is_json(Broken).unwrap_err().kind(), ErrorKind::TimedOut);
    }
}

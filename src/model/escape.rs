//! Paths as printable text that can be parsed back exactly.
//!
//! `\` is written `\\`, tab `\t`, newline `\n`, carriage return `\r`; every other
//! control character and every byte that is not valid UTF-8 is `\xHH`.

use std::fmt::Write;

/// The path's bytes as text without control characters.
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    escape_into(bytes, &mut text);
    text
}

/// Appends the path's bytes to `text`, escaped.
pub fn escape_into(bytes: &[u8], text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '\t' => text.push_str("\\t"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                control if control.is_control() => {
                    let mut utf8 = [0; 4];
                    push_hex(control.encode_utf8(&mut utf8).as_bytes(), text);
                }
                plain => text.push(plain),
            }
        }
        push_hex(chunk.invalid(), text);
    }
}

fn push_hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        write!(text, "\\x{byte:02X}").expect("a String takes every write");
    }
}

/// The text holds a `\` that no escape begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a backslash that begins no escape")]
pub struct BadEscape;

/// The bytes that [`escape`] made this text of.
///
/// # Errors
/// [`BadEscape`] for a `\` that is not followed by `\`, `t`, `n`, `r` or `xHH`.
pub fn unescape(text: &str) -> Result<Vec<u8>, BadEscape> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next().ok_or(BadEscape)? {
            b'\\' => b'\\',
            b't' => b'\t',
            b'n' => b'\n',
            b'r' => b'\r',
            b'x' => hex_digit(rest.next())? << 4 | hex_digit(rest.next())?,
            _ => return Err(BadEscape),
        });
    }
    Ok(bytes)
}

fn hex_digit(byte: Option<u8>) -> Result<u8, BadEscape> {
    let digit = char::from(byte.ok_or(BadEscape)?).to_digit(16).ok_or(BadEscape)?;
    u8::try_from(digit).map_err(|_| BadEscape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_contract_s_escapes() {
        assert_eq!(escape(b"a\\b\tc\nd\re\x07f"), "a\\\\b\\tc\\nd\\re\\x07f");
        assert_eq!(escape("É\u{85}".as_bytes()), "É\\xC2\\x85");
        assert_eq!(escape(b"latin-\xe9"), "latin-\\xE9");
    }

    #[test]
    fn a_lone_backslash_is_refused() {
        for bad in ["\\", "\\q", "\\x", "\\x1", "\\xG0", "\\x+1"] {
            assert_eq!(unescape(bad), Err(BadEscape), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_exactly(bytes: Vec<u8>) {
            let text = escape(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescape(&text).unwrap(), bytes);
        }
    }
}

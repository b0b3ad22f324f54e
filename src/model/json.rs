//! A reader that ends JSON which is made to fill memory: the parser remembers every
//! bracket that is open and every string that it has not yet seen the end of.

use std::io::{self, ErrorKind, Read};

/// Passes JSON on until it nests too deep or has too long a string; then the answer
/// is an error of kind `InvalidData`.
pub struct Bounded<R> {
    reader: R,
    most_nesting: usize,
    longest_string: usize,
    depth: usize,
    string: Option<usize>,
    escaped: bool,
}

impl<R> Bounded<R> {
    /// Bounds the brackets that are open at once, and the bytes of a string as they
    /// are written, escapes and all.
    pub fn new(reader: R, most_nesting: usize, longest_string: usize) -> Self {
        Self { reader, most_nesting, longest_string, depth: 0, string: None, escaped: false }
    }

    fn pass(&mut self, byte: u8) {
        match (&mut self.string, byte) {
            (Some(length), _) if self.escaped => {
                self.escaped = false;
                *length += 1;
            }
            (Some(_), b'"') => self.string = None,
            (Some(length), _) => {
                self.escaped = byte == b'\\';
                *length += 1;
            }
            (None, b'"') => self.string = Some(0),
            (None, b'[' | b'{') => self.depth += 1,
            (None, b']' | b'}') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        for byte in &buffer[..count] {
            self.pass(*byte);
            if self.depth > self.most_nesting
                || self.string.is_some_and(|length| length > self.longest_string)
            {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &str) -> bool {
        io::copy(&mut Bounded::new(text.as_bytes(), 3, 5), &mut io::sink()).is_ok()
    }

    #[test]
    fn depth_and_strings_are_bounded_and_what_a_string_holds_is_no_bracket() {
        for good in ["[[[1]]]", "[[],[],[],[]]", r#"["[[[[[", "\"[[[", "12345"]"#, "]]]][[["] {
            assert!(passes(good), "{good}");
        }
        for bad in ["[[[[", r#""123456""#, r#""\"\"\"""#] {
            assert!(!passes(bad), "{bad}");
        }
    }

    #[test]
    fn an_endless_text_ends_at_once() {
        for byte in [b'[', b'"'] {
            let endless = io::repeat(byte).chain(io::repeat(b'x'));
            let outcome = io::copy(&mut Bounded::new(endless, 8, 8).take(1 << 20), &mut io::sink());
            assert_eq!(outcome.is_err(), byte == b'[', "quotes only open and close");
        }
        let open = b"\"".chain(io::repeat(b'x'));
        assert!(io::copy(&mut Bounded::new(open, 8, 8), &mut io::sink()).is_err());
    }
}

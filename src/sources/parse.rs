//! Reads an inventory back, strictly: whatever this program would not have written
//! is refused, and no line can take much memory. Uses: model.

use std::io::{self, BufRead, Read};

use jiff::Timestamp;

use crate::model::escape::{escape, unescape};
use crate::model::time::rfc3339_utc;

/// Bytes of the longest line that is read: 129 names of 255 bytes, each byte
/// written in four, and the columns before them, rounded up.
const MAX_LINE: u64 = 256 << 10;

/// One file of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryLine {
    /// Bytes.
    pub size: u64,
    /// The last modification, in whole seconds.
    pub mtime: Timestamp,
    /// The path relative to the inventory's root; never empty, and no name in it
    /// is empty, `.` or `..`.
    pub path: Vec<u8>,
}

/// Why an inventory cannot be read on; lines count from 1, the header's included.
#[derive(Debug, thiserror::Error)]
pub enum BadLine {
    /// The line is longer than any that this program writes, or its end is missing.
    #[error("line {line}: too long or cut off")]
    Endless {
        /// The line's number.
        line: u64,
    },
    /// The line is not UTF-8.
    #[error("line {line}: not UTF-8")]
    NotUtf8 {
        /// The line's number.
        line: u64,
    },
    /// The line has not three columns.
    #[error("line {line}: not three columns")]
    Columns {
        /// The line's number.
        line: u64,
    },
    /// The first column is not a size.
    #[error("line {line}: not a size")]
    Size {
        /// The line's number.
        line: u64,
    },
    /// The second column is not a time in UTC with seconds.
    #[error("line {line}: not a time")]
    Time {
        /// The line's number.
        line: u64,
    },
    /// The third column is not a relative path, escaped as the contract says.
    #[error("line {line}: not a path")]
    Path {
        /// The line's number.
        line: u64,
    },
    /// The reader failed.
    #[error("line {line}: cannot be read")]
    Read {
        /// The line's number.
        line: u64,
        /// What the reader said.
        source: io::Error,
    },
}

/// The files of an inventory, in its order; the header is skipped. After an error
/// there is nothing more.
pub fn parse_inventory<R: BufRead>(reader: R) -> InventoryLines<R> {
    InventoryLines { reader, buffer: Vec::new(), line: 0, in_header: true, ended: false }
}

/// The iterator of [`parse_inventory`].
#[derive(Debug)]
pub struct InventoryLines<R> {
    reader: R,
    buffer: Vec<u8>,
    line: u64,
    in_header: bool,
    ended: bool,
}

impl<R: BufRead> Iterator for InventoryLines<R> {
    type Item = Result<InventoryLine, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read_line().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: BufRead> InventoryLines<R> {
    fn read_line(&mut self) -> Result<Option<InventoryLine>, BadLine> {
        loop {
            self.line += 1;
            let line = self.line;
            self.buffer.clear();
            let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.buffer);
            if read.map_err(|source| BadLine::Read { line, source })? == 0 {
                return Ok(None);
            }
            let Some((b'\n', text)) = self.buffer.split_last() else {
                return Err(BadLine::Endless { line });
            };
            let text = str::from_utf8(text).map_err(|_| BadLine::NotUtf8 { line })?;
            self.in_header &= text.starts_with('#');
            if !self.in_header {
                return parse_line(text, line).map(Some);
            }
        }
    }
}

fn parse_line(text: &str, line: u64) -> Result<InventoryLine, BadLine> {
    let mut columns = text.split('\t');
    let (Some(size), Some(mtime), Some(path), None) =
        (columns.next(), columns.next(), columns.next(), columns.next())
    else {
        return Err(BadLine::Columns { line });
    };
    Ok(InventoryLine {
        size: canonical(size, u64::to_string).ok_or(BadLine::Size { line })?,
        mtime: canonical(mtime, |time| rfc3339_utc(*time)).ok_or(BadLine::Time { line })?,
        path: parse_path(path).ok_or(BadLine::Path { line })?,
    })
}

/// The value, if the text is exactly how it is written.
fn canonical<T: std::str::FromStr>(text: &str, write: impl Fn(&T) -> String) -> Option<T> {
    text.parse().ok().filter(|value| write(value) == text)
}

fn parse_path(text: &str) -> Option<Vec<u8>> {
    let path = unescape(text).ok()?;
    let plain = |name: &[u8]| !matches!(name, b"" | b"." | b"..") && !name.contains(&0);
    (escape(&path) == text && path.split(|byte| *byte == b'/').all(plain)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIME: &str = "2024-12-18T02:00:00Z";

    fn parse(text: &[u8]) -> Result<Vec<InventoryLine>, String> {
        parse_inventory(text).collect::<Result<_, _>>().map_err(|bad| bad.to_string())
    }

    #[test]
    fn header_lines_are_skipped_and_a_path_may_begin_with_a_number_sign() {
        let text = format!("# root: /v\n# files: 1\n12\t{TIME}\t# not a header\\n\n");
        let line =
            InventoryLine { size: 12, mtime: TIME.parse().unwrap(), path: b"# not a header\n".to_vec() };
        assert_eq!(parse(text.as_bytes()), Ok(vec![line]));
        assert_eq!(parse(b"# root: /v\n"), Ok(vec![]));
        assert_eq!(parse(b""), Ok(vec![]));
    }

    #[test]
    fn what_this_program_would_not_write_is_refused_with_its_line() {
        let refused = [
            (format!("1\t{TIME}\ta"), "line 1: too long or cut off"),
            (format!("1\t{TIME}\n"), "line 1: not three columns"),
            (format!("1\t{TIME}\ta\tb\n"), "line 1: not three columns"),
            (format!("# x\n1\t{TIME}\ta\n# late header\n"), "line 3: not three columns"),
            ("\n".to_owned(), "line 1: not three columns"),
            (format!("+1\t{TIME}\ta\n"), "line 1: not a size"),
            (format!("01\t{TIME}\ta\n"), "line 1: not a size"),
            (format!("18446744073709551616\t{TIME}\ta\n"), "line 1: not a size"),
            ("1\t2024-12-18T03:00:00+01:00\ta\n".to_owned(), "line 1: not a time"),
            ("1\t2024-12-18T02:00:00.5Z\ta\n".to_owned(), "line 1: not a time"),
            ("1\t2024-12-18\ta\n".to_owned(), "line 1: not a time"),
            (format!("1\t{TIME}\t\n"), "line 1: not a path"),
            (format!("1\t{TIME}\t/etc/passwd\n"), "line 1: not a path"),
            (format!("1\t{TIME}\ta/../b\n"), "line 1: not a path"),
            (format!("1\t{TIME}\ta//b\n"), "line 1: not a path"),
            (format!("1\t{TIME}\ta\\q\n"), "line 1: not a path"),
            (format!("1\t{TIME}\t\\x41\n"), "line 1: not a path"),
            (format!("1\t{TIME}\ta\\x00\n"), "line 1: not a path"),
            (format!("1\t{TIME}\ta\u{7}\n"), "line 1: not a path"),
        ];
        for (text, why) in refused {
            assert_eq!(parse(text.as_bytes()).unwrap_err(), why, "{text:?}");
        }
        assert_eq!(parse(b"\xff\n").unwrap_err(), "line 1: not UTF-8");
    }

    #[test]
    fn an_endless_line_ends() {
        let mut lines = parse_inventory(io::BufReader::new(io::repeat(b'#')));
        assert!(matches!(lines.next(), Some(Err(BadLine::Endless { line: 1 }))));
        assert!(lines.next().is_none());
    }

    #[test]
    fn a_reader_that_fails_is_said() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
        let mut lines = parse_inventory(io::BufReader::new(Broken));
        assert_eq!(lines.next().unwrap().unwrap_err().to_string(), "line 1: cannot be read");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_exactly_so(
            lines in proptest::collection::vec(
                "(0|[1-9][0-9]{0,20}|\\+?0[0-9]?)\t(-00)?[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z\t[a/.#\u{85}\\\\xtn0Cé]{1,8}",
                0..4,
            )
        ) {
            let text = lines.join("\n") + "\n";
            let read: Vec<_> = parse_inventory(text.as_bytes()).map_while(Result::ok).collect();
            for (line, text) in read.iter().zip(&lines) {
                let written = format!("{}\t{}\t{}", line.size, rfc3339_utc(line.mtime), escape(&line.path));
                prop_assert_eq!(&written, text);
            }
        }

        #[test]
        fn a_line_is_read_as_it_is_written(
            size: u64, mtime in -62_167_219_200..253_402_000_000_i64,
            path in proptest::collection::vec(proptest::collection::vec(1u8.., 1..6), 1..4)
        ) {
            let slash_free = |name: Vec<u8>| name.into_iter().map(|byte| if byte == b'/' { b'_' } else { byte });
            let names = path.into_iter().map(|name| slash_free(name).collect::<Vec<_>>());
            let path = names.map(|name| if name.iter().all(|byte| *byte == b'.') { b"x".to_vec() } else { name });
            let path = path.collect::<Vec<_>>().join(&b'/');
            let mtime = Timestamp::from_second(mtime).unwrap();
            let text = format!("{size}\t{}\t{}\n", rfc3339_utc(mtime), escape(&path));
            prop_assert_eq!(parse(text.as_bytes()), Ok(vec![InventoryLine { size, mtime, path }]));
        }

        #[test]
        fn no_text_makes_it_panic(text: Vec<u8>) {
            let _ = parse(&text);
        }
    }
}

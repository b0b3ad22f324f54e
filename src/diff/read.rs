//! Reads what is small, and compares as bytes what is not. Uses: model.

use std::io::{self, BufRead, Read};

use super::{LARGEST, MOST_VALUES};
use crate::model::Form;

/// The content, or one byte more than [`LARGEST`] of it.
pub(super) fn start(reader: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// Whether it is not to be read in its form, for the memory that this would take.
pub(super) fn is_too_large(content: &[u8], form: Form) -> bool {
    let parts = match form {
        Form::Json => json_values(content),
        Form::Settings | Form::Inventory | Form::Opaque => {
            content.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count()
        }
    };
    content.len() as u64 > LARGEST || parts > MOST_VALUES
}

/// At least as many values as there are: each but the first stands behind one of these.
fn json_values(content: &[u8]) -> usize {
    let (mut in_string, mut escaped, mut count) = (false, false, 1);
    for byte in content {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// Whether both readers give the same bytes; reads them to their ends, or to where they differ.
pub fn same_bytes(one: &mut dyn BufRead, other: &mut dyn BufRead) -> io::Result<bool> {
    loop {
        let (left, right) = (filled(one)?, filled(other)?);
        let common = left.len().min(right.len());
        if common == 0 {
            return Ok(left.is_empty() && right.is_empty());
        }
        if left[..common] != right[..common] {
            return Ok(false);
        }
        one.consume(common);
        other.consume(common);
    }
}

/// `fill_buf` that an interrupting signal does not end.
fn filled(reader: &mut dyn BufRead) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

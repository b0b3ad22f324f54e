//! JSON as it may be shown. Uses no other room.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::mask::{HIDDEN, Mask};
use super::printable::{LONGEST_VALUE, cut};

/// Writes as the value does, with every secret in it masked; keys are kept.
pub(super) struct Masked<'a> {
    /// What is written.
    pub(super) value: &'a Value,
    /// Which keys' values are secrets.
    pub(super) mask: &'a Mask,
    /// Whether a key above it is one of these.
    pub(super) hidden: bool,
}

impl<'a> Masked<'a> {
    fn of(&self, value: &'a Value, hidden: bool) -> Self {
        Self { value, mask: self.mask, hidden }
    }

    /// In one line of at most 80 characters.
    pub(super) fn compact(&self) -> String {
        if self.hidden {
            return HIDDEN.to_owned();
        }
        // One character more than is shown, each of four bytes, so that the cut is seen.
        let mut text = Limited { text: Vec::new(), most: (LONGEST_VALUE + 1) * 4 };
        // It fails only where it is full, and has what is shown then.
        let _ = serde_json::to_writer(&mut text, self);
        cut(&String::from_utf8_lossy(&text.text), LONGEST_VALUE)
    }

    /// On lines, indented by two spaces; none where this takes more than `most` bytes.
    pub(super) fn pretty(&self, most: usize) -> Option<String> {
        let mut text = Limited { text: Vec::new(), most };
        serde_json::to_writer_pretty(&mut text, self).ok()?;
        String::from_utf8(text.text).ok()
    }
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(map) => serializer.collect_map(map.iter().map(|(key, value)| {
                (self.mask.text(key), self.of(value, self.hidden || self.mask.hides(key)))
            })),
            Value::Array(values) => {
                serializer.collect_seq(values.iter().map(|value| self.of(value, self.hidden)))
            }
            _ if self.hidden => serializer.serialize_str(HIDDEN),
            Value::String(text) => serializer.serialize_str(&self.mask.text(text)),
            plain => plain.serialize(serializer),
        }
    }
}

/// Takes so many bytes and no more.
struct Limited {
    text: Vec<u8>,
    most: usize,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.most - self.text.len());
        self.text.extend_from_slice(&bytes[..taken]);
        // None taken is what `write_all` fails on.
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

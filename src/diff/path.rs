//! Where in JSON a value stands, for people: `sponsors[id=3].name`. Uses no other room.

use std::fmt::{Display, Write};

use serde_json::Value;

use super::mask::{HIDDEN, Mask};
use super::printable::{LONGEST_PATH, cut};

/// Bytes of the longest key or id that is shown; a longer one is an ellipsis.
const LONGEST_KEY: usize = 1_000;

/// One step down.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// Into an object.
    Key(&'a str),
    /// Into an array by place, from 0.
    Index(usize),
    /// Into an array by the `id` of the element.
    Id(&'a Value),
}

/// The steps as text; `.` for none. An id under a hidden key is masked like any value.
pub(super) fn path(steps: &[Step<'_>], mask: &Mask) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for step in steps {
        match *step {
            Step::Key(key) => {
                hidden |= mask.hides(key);
                push_key(key, mask, &mut text);
            }
            Step::Index(index) => push_place(&index, &mut text),
            Step::Id(id) => {
                let shown = if hidden || mask.hides("id") { HIDDEN.to_owned() } else { shown_id(id, mask) };
                push_place(&format_args!("id={shown}"), &mut text);
            }
        }
        if text.len() > LONGEST_PATH * 4 {
            break;
        }
    }
    if text.is_empty() { ".".to_owned() } else { cut(&text, LONGEST_PATH) }
}

fn push_key(key: &str, mask: &Mask, text: &mut String) {
    let begins = |character: char| character.is_alphabetic() || character == '_';
    if key.len() > LONGEST_KEY {
        push_place(&"\"…\"", text);
    } else if key.starts_with(begins) && key.chars().all(|c| begins(c) || c.is_numeric()) {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(key);
    } else {
        push_place(&Value::from(mask.text(key)), text);
    }
}

fn push_place(place: &dyn Display, text: &mut String) {
    write!(text, "[{place}]").expect("a String takes every write");
}

/// A number or a word as it is; any other text, and one that reads as a number, in quotes.
fn shown_id(id: &Value, mask: &Mask) -> String {
    match id.as_str() {
        Some(long) if long.len() > LONGEST_KEY => "…".to_owned(),
        Some(word) if is_word(word) => word.to_owned(),
        Some(text) => Value::from(mask.text(text)).to_string(),
        None => id.to_string(),
    }
}

fn is_word(text: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    !text.is_empty() && text.chars().all(plain) && text.parse::<f64>().is_err()
}

//! Where in JSON a value stands, for people: `sponsors[id=3].name`. Uses no other room.

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
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Id(id) => {
                let shown = if hidden || mask.hides("id") { HIDDEN.to_owned() } else { shown_id(id, mask) };
                text.push_str(&format!("[id={shown}]"));
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
        text.push_str("[\"…\"]");
    } else if key.starts_with(begins) && key.chars().all(|c| begins(c) || c.is_numeric()) {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(key);
    } else {
        text.push_str(&format!("[{}]", Value::from(mask.text(key))));
    }
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

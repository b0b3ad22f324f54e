//! Shows one member for people, with its secrets masked. Uses: model, sources.

use std::fmt::Write;
use std::io::{self, BufRead};

use super::mask::{HIDDEN, Mask};
use super::masked::Masked;
use super::printable;
use super::read::{is_too_large, start};
use super::settings::shown;
use super::units::{Unit, text_of, units};
use crate::model::escape::escape;
use crate::model::time::rfc3339_utc;
use crate::model::{Form, size_in_words};
use crate::sources::parse_inventory;

/// Bytes of the longest view (16 MiB); indentation can make a small JSON longer.
const LONGEST_VIEW: usize = 16 << 20;

/// The content as people may see it; none where it is too large, cannot be read in its
/// form, or has none.
///
/// # Errors
/// What the reader answers.
pub fn view(form: Form, content: &mut dyn BufRead, mask: &Mask) -> io::Result<Option<String>> {
    if form == Form::Opaque {
        return Ok(None);
    }
    let content = start(content)?;
    if is_too_large(&content, form) {
        return Ok(None);
    }
    let text = match form {
        Form::Json => json(&content, mask),
        Form::Settings => Some(settings(&text_of(&content), mask)),
        Form::Inventory => inventory(&content),
        Form::Opaque => None,
    };
    Ok(text.map(|text| printable::lines(&text)))
}

fn json(content: &[u8], mask: &Mask) -> Option<String> {
    let value = serde_json::from_slice(content).ok()?;
    Masked { value: &value, mask, hidden: false }.pretty(LONGEST_VIEW)
}

fn settings(text: &str, mask: &Mask) -> String {
    let mut view = String::with_capacity(text.len());
    for unit in units(text, mask) {
        match unit {
            Unit::Comment { hidden: true, .. } => view.extend(["# ", HIDDEN]),
            Unit::Line { hidden: true, .. } => view.push_str(HIDDEN),
            Unit::Plain(text) | Unit::Comment { text, .. } | Unit::Line { text, .. } => {
                view.push_str(&mask.text(text));
            }
            Unit::Setting { head, hidden: true, .. } => view.extend([head, HIDDEN]),
            Unit::Setting { head, value, .. } => view.extend([head, &shown(value, mask)]),
        }
        view.push('\n');
    }
    view
}

fn inventory(content: &[u8]) -> Option<String> {
    let mut view = String::with_capacity(content.len());
    for line in parse_inventory(content) {
        let line = line.ok()?;
        let (size, time) = (size_in_words(line.size), rfc3339_utc(line.mtime));
        writeln!(view, "{size:>10}  {time}  {}", escape(&line.path)).expect("a String takes every write");
    }
    Some(view)
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;

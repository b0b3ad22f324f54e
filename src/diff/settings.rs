//! Compares two settings files by key, and finds the club's name in one. Uses: model.

use std::collections::BTreeMap;

use super::line::{is_comment, unquoted};
use super::mask::{HIDDEN, Mask};
use super::printable::{LONGEST_PATH, LONGEST_VALUE, cut};
use super::read::is_too_large;
use super::tally::Tally;
use super::units::{Unit, text_of, units};
use crate::model::{DiffState, Form, What};

/// The key whose value is the club's name.
const SITE_NAME: &str = "SITE_NAME";

/// What is compared under one key: a setting, or a line that is none and is its own key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Setting(String),
    Line(&'a str),
}

#[derive(Clone, Copy)]
struct Held<'a> {
    /// As it is written, without its quotes; empty for a line.
    value: &'a str,
    hidden: bool,
}

/// Counts what two contents differ in.
pub(super) fn compare(before: &[u8], after: &[u8], mask: &Mask, tally: &mut Tally) -> DiffState {
    let (before, after) = (text_of(before), text_of(after));
    let (before, mut after) = (held(&before, mask), held(&after, mask));
    for (key, older) in before {
        match after.remove(&key) {
            Some(newer) if newer.value == older.value => {}
            newer => count(&key, Some(older), newer, mask, tally),
        }
    }
    for (key, newer) in after {
        count(&key, None, Some(newer), mask, tally);
    }
    tally.state()
}

/// The settings of a text; of two with one key the last.
fn held<'a>(text: &'a str, mask: &'a Mask) -> BTreeMap<Key<'a>, Held<'a>> {
    let mut all = BTreeMap::new();
    for unit in units(text, mask) {
        match unit {
            Unit::Plain(_) | Unit::Comment { .. } => {}
            Unit::Setting { key, value, hidden, .. } => {
                all.insert(Key::Setting(key), Held { value: unquoted(value), hidden });
            }
            Unit::Line { text, hidden } => {
                all.insert(Key::Line(text.trim()), Held { value: "", hidden });
            }
        }
    }
    all
}

fn count(key: &Key<'_>, before: Option<Held<'_>>, after: Option<Held<'_>>, mask: &Mask, tally: &mut Tally) {
    let what = match (before, after) {
        (None, _) => What::Added,
        (_, None) => What::Removed,
        (Some(_), Some(_)) => What::Changed,
    };
    let hidden = [before, after].into_iter().flatten().any(|held| held.hidden);
    let show = |held: Held<'_>| match key {
        Key::Line(_) => None,
        Key::Setting(_) if hidden => Some(HIDDEN.to_owned()),
        Key::Setting(_) => Some(cut(&shown(held.value, mask), LONGEST_VALUE)),
    };
    let path = || match key {
        Key::Setting(key) => cut(&mask.text(key), LONGEST_PATH),
        Key::Line(_) if hidden => HIDDEN.to_owned(),
        Key::Line(text) => cut(&mask.text(text), LONGEST_VALUE),
    };
    tally.count(what, || (path(), before.and_then(show), after.and_then(show)));
}

/// A value whose key is not hidden, without the secrets in it and in the comment behind it.
pub(super) fn shown(value: &str, mask: &Mask) -> String {
    match comment_of(value) {
        Some(place) if mask.hides(&value[place..]) => {
            format!("{}# {HIDDEN}", mask.text(&value[..place]))
        }
        _ => mask.text(value),
    }
}

/// Where a comment begins behind a value.
fn comment_of(value: &str) -> Option<usize> {
    let spaced = |place: &usize| value[..*place].ends_with([' ', '\t']) && is_comment(&value[*place..]);
    value.match_indices(['#', ';']).map(|(place, _)| place).find(spaced)
}

/// The club's name as its settings tell it: the value of `SITE_NAME`, at most 80 characters.
pub fn site_of(content: &[u8]) -> Option<String> {
    if is_too_large(content, Form::Settings) {
        return None;
    }
    let (text, mask) = (text_of(content), Mask::default());
    let of = |unit| match unit {
        Unit::Setting { key, value, .. } if key == SITE_NAME => Some(value),
        _ => None,
    };
    let value = units(&text, &mask).filter_map(of).last()?;
    let name = match unquoted(value) {
        // As a shell reads it, and the agent.
        plain if plain.len() == value.trim().len() => &plain[..comment_of(plain).unwrap_or(plain.len())],
        quoted => quoted,
    };
    let name = name.trim();
    (!name.is_empty()).then(|| cut(name, LONGEST_VALUE))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;

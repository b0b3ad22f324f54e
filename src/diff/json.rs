//! Compares two JSON values by path. Uses: model.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::mask::{HIDDEN, Mask};
use super::masked::Masked;
use super::path::{Step, path};
use super::printable::{LONGEST_VALUE, cut};
use super::tally::Tally;
use crate::model::{DiffState, What};

/// Counts what two contents differ in; the parser bounds how deep they nest (128).
pub(super) fn compare(before: Vec<u8>, after: Vec<u8>, mask: &Mask, tally: &mut Tally) -> DiffState {
    // Each content is gone before the next is parsed: the values take memory enough.
    let parse = |content: Vec<u8>| serde_json::from_slice::<Value>(&content);
    let (Ok(before), Ok(after)) = (parse(before), parse(after)) else {
        return DiffState::Unreadable;
    };
    Walk { mask, tally, steps: Vec::new() }.values(&before, &after, false);
    tally.state()
}

struct Walk<'a, 't> {
    mask: &'a Mask,
    tally: &'t mut Tally,
    steps: Vec<Step<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn values(&mut self, before: &'a Value, after: &'a Value, hidden: bool) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.objects(before, after, hidden),
            (Value::Array(before), Value::Array(after)) => match (by_id(before), by_id(after)) {
                (Some(older), Some(newer)) => self.arrays_by_id(&older, &newer, hidden),
                _ => self.arrays_by_place(before, after, hidden),
            },
            (before, after) if before == after => {}
            (before, after) => self.count(What::Changed, Some(before), Some(after), hidden),
        }
    }

    fn objects(&mut self, before: &'a Map<String, Value>, after: &'a Map<String, Value>, hidden: bool) {
        for (key, value) in before {
            let hidden = hidden || self.mask.hides(key);
            self.step(Step::Key(key), Some(value), after.get(key), hidden);
        }
        for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            let hidden = hidden || self.mask.hides(key);
            self.step(Step::Key(key), None, Some(value), hidden);
        }
    }

    fn arrays_by_id(&mut self, before: &ById<'a>, after: &ById<'a>, hidden: bool) {
        for (id, element) in before.elements() {
            self.step(Step::Id(id), Some(element), after.get(id), hidden);
        }
        for (id, element) in after.elements().filter(|(id, _)| before.get(id).is_none()) {
            self.step(Step::Id(id), None, Some(element), hidden);
        }
        // The order is a setting, too: it is the one in which sponsors are shown.
        let common = |side: &ById<'a>, other: &ById<'a>| -> Vec<&'a Value> {
            side.order.iter().copied().filter(|id| other.get(id).is_some()).collect()
        };
        let (older, newer) = (common(before, after), common(after, before));
        if older != newer {
            let (mask, steps) = (self.mask, &self.steps);
            let hidden = hidden || mask.hides("id");
            self.tally.count(What::Changed, || {
                (path(steps, mask), Some(ids(&older, mask, hidden)), Some(ids(&newer, mask, hidden)))
            });
        }
    }

    /// What is the same at both ends is not compared: an insertion is one addition, and
    /// not a change of all that stands behind it.
    fn arrays_by_place(&mut self, before: &'a [Value], after: &'a [Value], hidden: bool) {
        let start = before.iter().zip(after).take_while(|(older, newer)| older == newer).count();
        let (before, after) = (&before[start..], &after[start..]);
        let end = before.iter().rev().zip(after.iter().rev()).take_while(|(older, newer)| older == newer);
        let end = end.count();
        let (before, after) = (&before[..before.len() - end], &after[..after.len() - end]);
        for place in 0..before.len().max(after.len()) {
            self.step(Step::Index(start + place), before.get(place), after.get(place), hidden);
        }
    }

    fn step(&mut self, step: Step<'a>, before: Option<&'a Value>, after: Option<&'a Value>, hidden: bool) {
        self.steps.push(step);
        match (before, after) {
            (Some(before), Some(after)) => self.values(before, after, hidden),
            (None, after) => self.count(What::Added, None, after, hidden),
            (before, None) => self.count(What::Removed, before, None, hidden),
        }
        self.steps.pop();
    }

    fn count(&mut self, what: What, before: Option<&Value>, after: Option<&Value>, hidden: bool) {
        let (mask, steps) = (self.mask, &self.steps);
        let show = |value: &Value| Masked { value, mask, hidden }.compact();
        self.tally.count(what, || (path(steps, mask), before.map(show), after.map(show)));
    }
}

/// An array whose elements are objects with an `id` that no other has.
struct ById<'a> {
    order: Vec<&'a Value>,
    elements: HashMap<&'a Value, &'a Value>,
}

impl<'a> ById<'a> {
    fn get(&self, id: &Value) -> Option<&'a Value> {
        self.elements.get(id).copied()
    }

    fn elements(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.order.iter().map(|id| (*id, self.elements[id]))
    }
}

fn by_id(array: &[Value]) -> Option<ById<'_>> {
    let id = |element: &Value| element.get("id").is_some_and(|id| id.is_string() || id.is_number());
    if !array.iter().all(id) {
        return None;
    }
    let order: Vec<_> = array.iter().map(|element| &element["id"]).collect();
    let distinct: HashSet<_> = order.iter().collect();
    let elements = order.iter().copied().zip(array).collect();
    (distinct.len() == order.len()).then_some(ById { order, elements })
}

fn ids(order: &[&Value], mask: &Mask, hidden: bool) -> String {
    if hidden {
        return HIDDEN.to_owned();
    }
    // Each takes a character at least, with its comma two: no more than these are shown.
    let some: Vec<_> =
        order.iter().take(LONGEST_VALUE).map(|value| Masked { value, mask, hidden }.compact()).collect();
    cut(&format!("[{}]", some.join(",")), LONGEST_VALUE)
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

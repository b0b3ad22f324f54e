//! What the room promises of every form: one answer a member, the same whichever way it
//! is asked, and no secret in it.

use std::io::{self, BufReader, Read};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tally::MOST_CHANGES;
use super::*;
use crate::model::{Change, What};

/// The mask that tests use.
pub(super) fn mask() -> Mask {
    Mask::new(&["Password".to_owned(), "token".to_owned(), "secret".to_owned()])
}

/// Compares two contents.
pub(super) fn diff(form: Form, before: impl AsRef<[u8]>, after: impl AsRef<[u8]>) -> MemberDiff {
    compare("m", form, Some(&mut before.as_ref()), Some(&mut after.as_ref()), &mask()).unwrap()
}

/// Each change in one line: `+path after`, `-path before`, `~path before -> after`.
pub(super) fn told(diff: &MemberDiff) -> Vec<String> {
    let tell = |change: &Change| match (change.what, &change.before, &change.after) {
        (What::Added, None, Some(after)) => format!("+{} {after}", change.path),
        (What::Removed, Some(before), None) => format!("-{} {before}", change.path),
        (What::Changed, Some(before), Some(after)) => format!("~{} {before} -> {after}", change.path),
        (What::Added, None, None) => format!("+{}", change.path),
        (What::Removed, None, None) => format!("-{}", change.path),
        _ => panic!("{change:?}"),
    };
    diff.changes.iter().map(tell).collect()
}

pub(super) fn counts(diff: &MemberDiff) -> (u64, u64, u64) {
    (diff.added, diff.removed, diff.changed)
}

/// Any JSON, with few keys and values, so that two have something in common.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4i64).prop_map(Value::from),
        prop_oneof![Just(0.0), Just(-0.0), Just(1.0)].prop_map(|number: f64| Value::from(number)),
        "[ab\u{7f}\u{202e}]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let object = prop::collection::hash_map("[abc ]|id|token", inner.clone(), 0..4);
        let with_id = (0..4u8, inner.clone()).prop_map(|(id, value)| json!({"id": id, "a": value}));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(with_id, 0..4).prop_map(Value::from),
            object.prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_settings() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "(export )?[ABT] ?= ?['\"]?[ab#=\\\\]{0,3}['\"]?".boxed(),
        "[#;\\[]?[ab\\]:\\\\ ]{0,4}".boxed(),
        "TOKEN=[\"'a\\\\]{0,3}".boxed(),
    ];
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

fn assert_swapped(form: Form, one: &[u8], other: &[u8]) -> MemberDiff {
    let (there, back) = (diff(form, one, other), diff(form, other, one));
    assert_eq!((there.state, there.changed), (back.state, back.changed));
    assert_eq!((there.added, there.removed), (back.removed, back.added));
    there
}

proptest! {
    #[test]
    fn anything_is_the_same_as_itself(content: Vec<u8>, value in any_json(), settings in any_settings()) {
        for form in [Form::Json, Form::Settings, Form::Inventory, Form::Opaque] {
            for content in [&content, value.to_string().as_bytes(), settings.as_bytes()] {
                let same = diff(form, content, content);
                prop_assert_eq!(same.state, DiffState::Same);
                prop_assert_eq!((counts(&same), same.changes), ((0, 0, 0), vec![]));
            }
        }
    }

    #[test]
    fn json_is_the_same_exactly_if_the_values_are_equal(a in any_json(), b in any_json()) {
        let (pretty, compact) = (serde_json::to_vec_pretty(&a).unwrap(), serde_json::to_vec(&b).unwrap());
        let there = assert_swapped(Form::Json, &pretty, &compact);
        prop_assert_eq!(there.state == DiffState::Same, a == b, "{} {}", a, b);
        prop_assert_eq!(there.state == DiffState::Same, counts(&there) == (0, 0, 0));
        for text in told(&there) {
            prop_assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", text);
        }
    }

    #[test]
    fn settings_are_counted_alike_from_both_sides(a in any_settings(), b in any_settings()) {
        let there = assert_swapped(Form::Settings, a.as_bytes(), b.as_bytes());
        prop_assert_eq!(there.state == DiffState::Same, counts(&there) == (0, 0, 0));
    }

    #[test]
    fn no_bytes_make_it_panic_or_show_a_control_character(a: Vec<u8>, b: Vec<u8>) {
        for form in [Form::Json, Form::Settings, Form::Inventory, Form::Opaque] {
            for text in told(&diff(form, &a, &b)) {
                prop_assert!(!text.chars().any(char::is_control));
            }
            if let Some(text) = view(form, &mut a.as_slice(), &mask()).unwrap() {
                prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
            }
        }
    }
}

#[test]
fn the_form_is_told_by_the_name() {
    for name in ["configuration.json", "A.JSON"] {
        assert_eq!(form_of(name), Form::Json, "{name}");
    }
    for name in [".env", "sync-agent.env", "site.conf", "a.ini", "b.properties"] {
        assert_eq!(form_of(name), Form::Settings, "{name}");
    }
    for name in ["videos.txt", "json", "env", "conf.d", "key.pem", ""] {
        assert_eq!(form_of(name), Form::Opaque, "{name}");
    }
}

#[test]
fn a_side_that_is_absent_is_said_and_not_counted() {
    struct Unread;
    impl Read for Unread {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("read")
        }
    }
    for form in [Form::Json, Form::Settings, Form::Inventory, Form::Opaque] {
        let ask = |before: Option<&mut dyn BufRead>, after: Option<&mut dyn BufRead>| {
            let diff = compare("a\n", form, before, after, &mask()).unwrap();
            assert_eq!((counts(&diff), diff.changes.len()), ((0, 0, 0), 0));
            assert_eq!((diff.member.as_str(), diff.form), ("a\\n", form));
            diff.state
        };
        assert_eq!(ask(None, Some(&mut BufReader::new(Unread))), DiffState::Added);
        assert_eq!(ask(Some(&mut BufReader::new(Unread)), None), DiffState::Removed);
        assert_eq!(ask(None, None), DiffState::Same);
    }
}

#[test]
fn what_is_too_large_is_compared_as_bytes_to_its_last_one() {
    let size = usize::try_from(LARGEST).unwrap();
    let fits = |last: &str| format!("\"{}{last}\"", "x".repeat(size - 3));
    assert_eq!(diff(Form::Json, fits("a"), fits("b")).changed, 1);
    let large = |last: &str| format!("\"{}{last}\"", "x".repeat(size + 100_000));
    for (last, state) in [("a", DiffState::Same), ("b", DiffState::Changed), ("aa", DiffState::Changed)] {
        let diff = diff(Form::Json, large("a"), large(last));
        assert_eq!((diff.state, diff.form, counts(&diff)), (state, Form::Opaque, (0, 0, 0)));
    }
    assert_eq!(view(Form::Json, &mut large("a").as_bytes(), &mask()).unwrap(), None);
}

#[test]
fn many_short_values_are_too_large_as_well() {
    let numbers = |count: usize, last: &str| format!("[{}{last}]", "0,".repeat(count));
    assert_eq!(diff(Form::Json, numbers(MOST_VALUES - 2, "1"), numbers(MOST_VALUES - 2, "2")).changed, 1);
    let many = diff(Form::Json, numbers(MOST_VALUES, "1"), numbers(MOST_VALUES, "2"));
    assert_eq!((many.state, many.form, many.changed), (DiffState::Changed, Form::Opaque, 0));
    // Commas in a string are none.
    let text = |last: &str| format!("\"\\\"{}{last}\"", ",".repeat(MOST_VALUES));
    assert_eq!(diff(Form::Json, text("1"), text("2")).changed, 1);
    let lines = "A=1\n".repeat(MOST_VALUES + 1);
    assert_eq!(diff(Form::Settings, &lines, format!("{lines}B=1")).form, Form::Opaque);
    assert_eq!(view(Form::Settings, &mut lines.as_bytes(), &mask()).unwrap(), None);
}

#[test]
fn only_the_first_hundreds_of_changes_are_kept_and_all_are_counted() {
    let many: Value = (0..1000).map(|key| (format!("k{key}"), Value::from(1))).collect();
    let diff = diff(Form::Json, "{}", many.to_string());
    assert_eq!((diff.added, diff.changes.len()), (1000, MOST_CHANGES));
    assert_eq!((diff.changes[0].path.as_str(), diff.changes[299].path.as_str()), ("k0", "k299"));
}

#[test]
fn opaque_members_are_never_shown() {
    let diff = diff(Form::Opaque, "secret-a", "secret-b");
    assert_eq!((diff.state, counts(&diff), diff.changes.len()), (DiffState::Changed, (0, 0, 0), 0));
    assert_eq!(view(Form::Opaque, &mut b"x".as_slice(), &mask()).unwrap(), None);
}

#[test]
fn a_reader_that_fails_is_an_error_in_every_form() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let broken = || BufReader::new(b"[".chain(Broken));
    for form in [Form::Json, Form::Settings, Form::Inventory, Form::Opaque] {
        let answer = compare("m", form, Some(&mut broken()), Some(&mut b"[1".as_slice()), &mask());
        assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::TimedOut, "{form:?}");
        if form != Form::Opaque {
            assert!(view(form, &mut broken(), &mask()).is_err());
        }
    }
}

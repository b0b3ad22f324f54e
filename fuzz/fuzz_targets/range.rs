//! The header `Range`: what is sent lies within the file, and is what a naive reading of RFC 9110
//! says, which looks at every byte of a small file by itself.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use neopro_backup::http::{Part, part_of};

/// Bytes of the largest file that is looked at byte by byte.
const SMALL: u64 = 64;

fuzz_target!(|input: (u64, u8, &str)| {
    let (large, small, header) = input;
    within(part_of(header, large), large);
    let length = u64::from(small) % SMALL;
    let part = part_of(header, length);
    within(part, length);
    match asked(header, length) {
        None => assert_eq!(part, Part::Whole, "{header:?} is no range"),
        Some(parts) => match &parts[..] {
            [] => assert_eq!(part, Part::Nowhere, "{header:?} of {length}"),
            [bytes] => {
                let (Some(start), Some(last)) = (bytes.first(), bytes.last()) else { unreachable!() };
                assert_eq!(part, Part::Bytes { start: *start, end: last + 1 }, "{header:?} of {length}");
            }
            _ => assert_eq!(part, Part::Whole, "{header:?} of {length} has several parts"),
        },
    }
});

fn within(part: Part, length: u64) {
    if let Part::Bytes { start, end } = part {
        assert!(start < end && end <= length, "{part:?} of {length}");
    }
}

/// The bytes that each range asks for, of those that are satisfiable; none where the header is not
/// one of the form `bytes=1#( int-range / suffix-range )`.
fn asked(header: &str, length: u64) -> Option<Vec<BTreeSet<u64>>> {
    let (unit, set) = header.split_at_checked(6)?;
    if unit.to_ascii_lowercase() != "bytes=" {
        return None;
    }
    let (mut found, mut any) = (Vec::new(), false);
    for spec in set.split(',') {
        let spec = spec.trim_start_matches([' ', '\t']).trim_end_matches([' ', '\t']);
        // RFC 9110, 5.6.1.2: empty elements of a list are passed over.
        if spec.is_empty() {
            continue;
        }
        any = true;
        let dash = spec.find('-')?;
        let (first, last) = (digits(&spec[..dash])?, digits(&spec[dash + 1..])?);
        let is_asked = |byte: u128| match (first, last) {
            (Some(first), Some(last)) => first <= byte && byte <= last,
            (Some(first), None) => first <= byte,
            (None, Some(last)) => byte + last >= u128::from(length),
            (None, None) => false,
        };
        let is_backwards = matches!((first, last), (Some(first), Some(last)) if last < first);
        if is_backwards || (first, last) == (None, None) {
            return None;
        }
        let bytes: BTreeSet<u64> = (0..length).filter(|byte| is_asked(u128::from(*byte))).collect();
        if !bytes.is_empty() {
            found.push(bytes);
        }
    }
    any.then_some(found)
}

/// A number; within, none for no digits at all; none at all where something else is there. One
/// that is larger than any length counts as just that.
#[allow(clippy::option_option)] // two ways of not being a number, which differ
fn digits(text: &str) -> Option<Option<u128>> {
    let mut number = None;
    for character in text.chars() {
        let digit = u128::from("0123456789".find(character)? as u64);
        number = Some((number.unwrap_or(0) * 10 + digit).min(u128::from(u64::MAX)));
    }
    Some(number)
}

//! What the header `Range` asks of a file, as RFC 9110 has it (14.1 and 14.2). Pure.

/// The bytes of a file that an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All: no part was asked for, or nothing that is understood, or several parts at once,
    /// which are rare and for which the whole file is a legal answer.
    Whole,
    /// From `start` to before `end`; never none.
    Bytes {
        /// The first byte's place.
        start: u64,
        /// The place behind the last byte; within the file.
        end: u64,
    },
    /// Nothing of what was asked for lies in the file.
    Nowhere,
}

/// What this header asks of a file of so many bytes.
pub fn part_of(header: &str, length: u64) -> Part {
    let set = header.split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"));
    let Some((_, set)) = set else { return Part::Whole };
    let blank = |c: char| matches!(c, ' ' | '\t');
    let specs = set.split(',').map(|spec| spec.trim_matches(blank)).filter(|spec| !spec.is_empty());
    let Some(specs) = specs.map(Spec::read).collect::<Option<Vec<_>>>() else { return Part::Whole };
    let mut found = specs.iter().filter_map(|spec| spec.within(length));
    match (found.next(), found.next()) {
        (Some((start, end)), None) => Part::Bytes { start, end },
        (Some(_), Some(_)) => Part::Whole,
        (None, _) if specs.is_empty() => Part::Whole,
        (None, _) => Part::Nowhere,
    }
}

/// One range of the header.
enum Spec {
    /// `FIRST-LAST`, `FIRST-`.
    From { first: u64, last: Option<u64> },
    /// `-BYTES`: so many at the end.
    Last { bytes: u64 },
}

impl Spec {
    /// None where it is none, also where it would end before its beginning.
    fn read(text: &str) -> Option<Self> {
        match text.split_once('-')? {
            ("", bytes) => Some(Self::Last { bytes: number(bytes)? }),
            (first, "") => Some(Self::From { first: number(first)?, last: None }),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From { first, last: Some(last) })
            }
        }
    }

    /// The place of its first byte and that behind its last, where it has any.
    fn within(&self, length: u64) -> Option<(u64, u64)> {
        let (start, end) = match self {
            Self::From { first, last: None } => (*first, length),
            Self::From { first, last: Some(last) } => (*first, last.saturating_add(1).min(length)),
            Self::Last { bytes } => (length.saturating_sub(*bytes), length),
        };
        (start < end).then_some((start, end))
    }
}

/// Digits and nothing else; more of them than fit lie behind the end of every file.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTH: u64 = 100;

    #[test]
    fn one_range_is_the_part_of_it_that_lies_in_the_file() {
        for (header, start, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=0-99", 0, 100),
            ("bytes=99-", 99, 100),
            ("bytes=-1", 99, 100),
            ("bytes=-100", 0, 100),
            ("bytes=5-18446744073709551615", 5, 100),
            ("bytes=5-99999999999999999999", 5, 100),
            ("Bytes=5-6", 5, 7),
            ("bytes=, \t5-6 ,,", 5, 7),
        ] {
            assert_eq!(part_of(header, LENGTH), Part::Bytes { start, end }, "{header}");
        }
    }

    #[test]
    fn what_is_longer_than_the_file_is_all_of_it_also_beside_others() {
        let all = Part::Bytes { start: 0, end: LENGTH };
        assert_eq!(part_of("bytes=-101", LENGTH), all);
        assert_eq!(part_of("bytes=-99999999999999999999", LENGTH), all);
        assert_eq!(part_of("bytes=-1000,500-", LENGTH), all);
        assert_eq!(part_of("bytes=-1000,-2000", LENGTH), Part::Whole);
    }

    #[test]
    fn what_lies_behind_the_end_is_nowhere() {
        for header in ["bytes=100-", "bytes=-0", "bytes=200-300,400-", "bytes=99999999999999999999-"] {
            assert_eq!(part_of(header, LENGTH), Part::Nowhere, "{header}");
        }
        assert_eq!(part_of("bytes=0-", 0), Part::Nowhere);
        assert_eq!(part_of("bytes=-1", 0), Part::Nowhere);
    }

    #[test]
    fn what_is_no_range_or_several_asks_for_the_whole() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=5-2",
            "bytes=+5-9",
            "bytes=5-+9",
            "bytes=--5",
            "bytes=5 -9",
            "bytes=1-2-3",
            "bytes=a-b",
            "bytes =0-1",
            "items=0-5",
            "bytes=0-1,x",
            "bytes=0-1,5-6",
        ] {
            assert_eq!(part_of(header, LENGTH), Part::Whole, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_range_as_it_is_written_is_what_is_sent(length in 1..1_000_u64, start in 0..1_000_u64, bytes in 1..1_000_u64) {
            let (start, end) = (start.min(length - 1), (start.min(length - 1) + bytes).min(length));
            let sent = Part::Bytes { start, end };
            prop_assert_eq!(part_of(&format!("bytes={start}-{}", end - 1), length), sent);
            prop_assert_eq!(part_of(&format!("bytes=-{}", length - start), length), Part::Bytes { start, end: length });
        }

        #[test]
        fn no_header_reaches_beyond_the_file(header in "bytes=[-0-9, ]{0,20}", length: u64) {
            if let Part::Bytes { start, end } = part_of(&header, length) {
                prop_assert!(start < end && end <= length);
            }
        }
    }
}

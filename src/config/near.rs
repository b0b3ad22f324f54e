//! Finds the key that was probably meant.

/// Letters by which a misspelt key may differ from the one that was meant.
const MAX_DISTANCE: usize = 2;

/// The known key nearest to this one, where one is near.
pub(super) fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    // No comparison is needed for what differs in length alone; a key may be a megabyte.
    let close = known.iter().filter(|other| key.len().abs_diff(other.len()) <= MAX_DISTANCE);
    let key = key.to_lowercase().replace('-', "_");
    let (distance, best) = close.map(|other| (distance(&key, other), *other)).min()?;
    // In a word of three letters, two wrong ones are another word.
    (distance <= MAX_DISTANCE.min(best.len() / 3)).then_some(best)
}

/// Letters to insert, delete or replace (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (column, known) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *known);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_key_that_was_meant() {
        let known = ["days", "keep_last", "at", "keep_daily"];
        for (slip, meant) in [
            ("dayz", Some("days")),
            ("day", Some("days")),
            ("keep-last", Some("keep_last")),
            ("Keep_Dayly", Some("keep_daily")),
            ("it", None),
            ("frequency", None),
            ("", None),
        ] {
            assert_eq!(nearest(slip, &known), meant, "{slip}");
        }
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn distances_are_levenshtein_s() {
        for (one, other, steps) in [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "", 2)] {
            assert_eq!(distance(one, other), steps);
        }
    }
}

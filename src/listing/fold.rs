//! Text as it is searched: in lower case and without accents.

/// `Décembre` → `decembre`, whether its accent is part of the letter or comes after it.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).map(plain).collect()
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The letters of the two languages, and of those whose keyboards are near.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        for written in ["décembre", "DÉCEMBRE", "de\u{301}cembre", "Décembre"] {
            assert_eq!(fold(written), "decembre");
        }
        assert_eq!(fold("Abîmée, août, ÇÀ"), "abimee, aout, ca");
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_as_it_is(text in ".*") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}

//! Whether a password is one that a guest would try. Pure.
//!
//! Guesses are throttled to thirty an hour, so it need not withstand millions: it must not
//! be among the first few hundred that come to mind.

use std::ops::RangeInclusive;

use crate::model::Sentence;

/// Characters of a password; the upper bound keeps the work of a hash small.
const LENGTH: RangeInclusive<usize> = 10..=128;
/// Different characters, or beginnings of runs: fewer are obvious.
const LEAST_VARIETY: usize = 5;
/// A repetition of something so short is obvious.
const SHORT_UNIT: usize = 8;
/// Letters that make more than a known word of a password.
const LEAST_REST: usize = 4;
/// Letters of a machine's name that are looked for.
const SHORTEST_NAME: usize = 4;
/// More words than this are a phrase.
const MOST_WORDS: usize = 2;
const KEYBOARDS: [&str; 7] =
    ["azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890"];
/// Longer ones before those that they begin with.
const WORDS: [&str; 61] = [
    "administrateur",
    "administrator",
    "motdepasse",
    "passwort",
    "password",
    "passwd",
    "passe",
    "raspberrypi",
    "raspberry",
    "neopro",
    "sauvegarde",
    "backup",
    "azerty",
    "qwerty",
    "qwertz",
    "admin",
    "bienvenue",
    "bonjour",
    "welcome",
    "changeme",
    "changezmoi",
    "letmein",
    "iloveyou",
    "jetaime",
    "soleil",
    "chouchou",
    "doudou",
    "loulou",
    "marseille",
    "paris",
    "france",
    "football",
    "handball",
    "volleyball",
    "volley",
    "basketball",
    "basket",
    "rugby",
    "tennis",
    "gymnase",
    "stade",
    "salle",
    "club",
    "sports",
    "sport",
    "equipe",
    "match",
    "secret",
    "dragon",
    "monkey",
    "sunshine",
    "princesse",
    "princess",
    "superman",
    "batman",
    "pokemon",
    "starwars",
    "master",
    "hello",
    "default",
    "test",
];

/// Why a password will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than ten characters.
    Short,
    /// More than 128.
    Long,
    /// A known word, a row of keys, a repetition, the machine's own name.
    Obvious,
}

impl Weakness {
    /// What is wrong with it.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Short => Sentence::new("password.short").with("least", LENGTH.start()),
            Self::Long => Sentence::new("password.long").with("most", LENGTH.end()),
            Self::Obvious => Sentence::new("password.obvious"),
        }
    }
}

/// Judges a new password. `names` are words that everybody on this network knows, such as
/// the machine's.
pub(super) fn judge(password: &str, names: &[String]) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < *LENGTH.start() {
        return Err(Weakness::Short);
    }
    if length > *LENGTH.end() {
        return Err(Weakness::Long);
    }
    // A year or signs at either end make no word another; within it, they stand for letters.
    let core = password.trim_matches(|c: char| !c.is_alphabetic());
    let plain: Vec<char> = core.chars().map(simplified).filter(|c| c.is_alphanumeric()).collect();
    if is_monotonous(password) || is_run(password) || is_repetition(&plain) || is_word(&plain, names) {
        return Err(Weakness::Obvious);
    }
    Ok(())
}

/// Without accents, capitals and the usual disguises of letters.
fn simplified(letter: char) -> char {
    match letter.to_lowercase().next().unwrap_or(letter) {
        'à' | 'â' | 'ä' | '@' | '4' => 'a',
        'é' | 'è' | 'ê' | 'ë' | '3' => 'e',
        'î' | 'ï' | '!' | '1' => 'i',
        'ô' | 'ö' | '0' => 'o',
        'û' | 'ü' | 'ù' => 'u',
        'ç' => 'c',
        '$' | '5' => 's',
        plain => plain,
    }
}

fn is_monotonous(password: &str) -> bool {
    let mut letters: Vec<char> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() < LEAST_VARIETY
}

/// `1234567890`, `azertyuiop`, `aaaaabbbbb`: nearly every character follows from the one before.
fn is_run(password: &str) -> bool {
    let letters: Vec<char> = password.to_lowercase().chars().collect();
    let steps = letters.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
    letters.len() - steps < LEAST_VARIETY
}

fn follows(one: char, other: char) -> bool {
    let is_next = u32::from(one).abs_diff(u32::from(other)) <= 1;
    let is_beside = KEYBOARDS.iter().any(|row| {
        let place = |key| row.chars().position(|k| k == key);
        matches!((place(one), place(other)), (Some(a), Some(b)) if a.abs_diff(b) <= 1)
    });
    is_next || is_beside
}

fn is_repetition(letters: &[char]) -> bool {
    (1..=(letters.len() / 2).min(SHORT_UNIT - 1))
        .any(|unit| letters.iter().zip(&letters[unit..]).all(|(a, b)| a == b))
}

/// A known word or two, with next to nothing beside them but digits and signs.
fn is_word(letters: &[char], names: &[String]) -> bool {
    let mut rest: String = letters.iter().collect();
    let mut words = 0;
    let plain = |name: &str| name.chars().map(simplified).filter(|c| c.is_alphanumeric()).collect::<String>();
    // A name as a whole, and its parts: `gym-dupont` is as obvious as `dupont`.
    let own = names.iter().flat_map(|name| std::iter::once(plain(name)).chain(name.split('-').map(plain)));
    for word in own.filter(|name| name.len() >= SHORTEST_NAME).chain(WORDS.map(str::to_owned)) {
        while let Some(place) = rest.find(&word) {
            rest.replace_range(place..place + word.len(), " ");
            words += 1;
        }
    }
    let beside = rest.chars().filter(|c| c.is_alphabetic()).count();
    (1..=MOST_WORDS).contains(&words) && beside < LEAST_REST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_guest_would_try_is_refused() {
        for obvious in [
            "1234567890",
            "0987654321",
            "azertyuiop",
            "AZERTYUIOP1",
            "qwertyuiop",
            "aaaaaaaaaa",
            "abababababab",
            "motdepasse1",
            "M0tdeP@sse2026!",
            "password123",
            "Passw0rd!!2025",
            "neopro2026",
            "NeoProNeoPro",
            "volleyball!",
            "Handball2026",
            "raspberrypi",
            "administrateur",
            "abcdefghijkl",
            "1111122222",
            "bienvenue1",
            "abc123abc123",
            "gymnase-2026",
            "Salle-Rennes1",
            "clubneopro1",
            "sauvegarde35",
        ] {
            assert_eq!(
                judge(obvious, &["Salle-Rennes".into(), "rennes".into()]),
                Err(Weakness::Obvious),
                "{obvious}"
            );
        }
    }

    #[test]
    fn the_machine_s_own_name_is_no_password() {
        for obvious in ["gym-dupont1", "gymdupont1", "Dupont-2026!", "dupontdupont2"] {
            assert_eq!(judge(obvious, &["gym-dupont".into()]), Err(Weakness::Obvious), "{obvious}");
            assert_eq!(judge(obvious, &[]).is_err(), obvious == "dupontdupont2");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(judge("éléphants", &[]), Err(Weakness::Short));
        assert_eq!(judge(&"x9é".repeat(43), &[]), Err(Weakness::Long));
        assert_eq!(judge("", &[]), Err(Weakness::Short));
    }

    #[test]
    fn what_nobody_would_guess_is_taken() {
        for good in [
            "trois petits tours",
            "Vestiaire-nord-42",
            "kX9#mPq2vL",
            "filet bleu buvette",
            "le club joue samedi soir",
            "цветок у окна",
            "gardien du samedi",
            "Tribune7Ouest",
        ] {
            assert_eq!(judge(good, &["neopro".into()]), Ok(()), "{good}");
        }
    }
}

//! The two languages. One catalogue, `assets/text/*.json`, serves the panel, the
//! API and the command line; this room says a [`Sentence`] in one of them.
//!
//! A catalogue maps a key to a template with `{gaps}`, or to the two plural forms
//! `{"one": …, "other": …}`, chosen by the gap `count`. Uses: model.

mod typeset;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::{Gap, Sentence};

pub use crate::model::Language;

#[derive(Deserialize)]
#[serde(untagged)]
enum Template {
    Plain(#[serde(borrow)] Cow<'static, str>),
    Plural {
        #[serde(borrow)]
        one: Cow<'static, str>,
        #[serde(borrow)]
        other: Cow<'static, str>,
    },
}

/// Sentences within sentences that are said. Events files that the club's user may write hold
/// sentences too, and a template that has a gap twice doubles its text with each level.
const DEEPEST: u8 = 4;

/// Borrowed from the program itself: a run that says ten sentences does not copy hundreds.
type Catalogue = HashMap<&'static str, Template>;

static FRENCH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/text/fr.json")));
static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/text/en.json")));

fn read(json: &'static str) -> Catalogue {
    serde_json::from_str(json).expect("the catalogues are read by a test")
}

impl Language {
    /// The first language that the caller prefers and that is spoken here.
    ///
    /// Quality values decide, the order breaks ties; `q=0` refuses.
    pub fn of_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',').take(20) {
            let mut pieces = part.split(';');
            let Some(language) = pieces.next().and_then(|code| Self::of_code(code.trim())) else { continue };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// Says the sentence.
    ///
    /// A key that the catalogue lacks is said as it is: a job of a newer version
    /// may report one. A test holds that this version's keys are all there. So is the key
    /// of a sentence that lies deeper in another than four.
    pub fn say(self, sentence: &Sentence) -> String {
        self.say_within(sentence, DEEPEST)
    }

    /// Says the sentence, and this many levels of those in its gaps.
    fn say_within(self, sentence: &Sentence, levels: u8) -> String {
        let catalogue = match self {
            Self::French => &FRENCH,
            Self::English => &ENGLISH,
        };
        let template = match catalogue.get(sentence.key.as_str()) {
            None => return sentence.key.clone(),
            Some(Template::Plain(template)) => template,
            Some(Template::Plural { one, other }) => {
                let count = match sentence.args.get("count") {
                    Some(Gap::Text(count)) => count.parse::<f64>().ok(),
                    Some(Gap::Sentence(_)) | None => None,
                };
                if self.is_one(count.unwrap_or(2.0)) { one } else { other }
            }
        };
        self.fill(template, sentence, levels)
    }

    /// Says a sentence without gaps.
    pub fn word(self, key: &str) -> String {
        self.say(&Sentence::new(key))
    }

    /// A text as it is shown on a page: curly apostrophes, and the spaces of French.
    pub fn set(self, text: &str) -> String {
        typeset::typeset(text, self == Self::French)
    }

    /// French counts 0 and 1.5 as one; English only 1.
    #[allow(clippy::float_cmp)] // a count that was parsed from an integer is exact
    fn is_one(self, count: f64) -> bool {
        match self {
            Self::French => count.abs() < 2.0,
            Self::English => count == 1.0,
        }
    }

    /// Puts the arguments into the gaps, once: an argument with braces is not filled again.
    fn fill(self, template: &str, sentence: &Sentence, levels: u8) -> String {
        let mut text = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            text.push_str(&rest[..open]);
            rest = &rest[open..];
            let gap = rest.find('}').and_then(|close| Some((sentence.args.get(&rest[1..close])?, close)));
            let Some((value, close)) = gap else {
                text.push('{');
                rest = &rest[1..];
                continue;
            };
            match value {
                Gap::Text(value) => text.push_str(value),
                Gap::Sentence(inner) => match levels.checked_sub(1) {
                    Some(levels) => text.push_str(&self.say_within(inner, levels)),
                    None => text.push_str(&inner.key),
                },
            }
            rest = &rest[close + 1..];
        }
        text.push_str(rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_catalogues_have_the_same_keys_and_gaps() {
        let gaps = |template: &Template| {
            let forms = match template {
                Template::Plain(text) => vec![text],
                Template::Plural { one, other } => vec![one, other],
            };
            let mut gaps: Vec<_> = forms
                .iter()
                .flat_map(|form| form.split('{').skip(1))
                .map(|gap| gap.split('}').next())
                .collect();
            gaps.sort_unstable();
            gaps.dedup();
            format!("{gaps:?}")
        };
        let keys = |catalogue: &Catalogue| {
            let mut keys: Vec<_> = catalogue.iter().map(|(key, t)| format!("{key}: {}", gaps(t))).collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&FRENCH), keys(&ENGLISH));
    }

    #[test]
    fn gaps_are_filled_once() {
        let sentence = Sentence::new("x").with("a", "{b}").with("b", "never");
        assert_eq!(Language::French.fill("<{a}> {unknown} {", &sentence, DEEPEST), "<{b}> {unknown} {");
    }

    #[test]
    fn a_reason_is_said_in_the_language_of_the_whole() {
        let reason = Sentence::new("damage.empty");
        let sentence = Sentence::new("x").with_sentence("reason", reason.clone());
        for language in [Language::French, Language::English] {
            assert_eq!(language.fill("{reason}!", &sentence, DEEPEST), format!("{}!", language.say(&reason)));
        }
        assert_ne!(Language::French.say(&reason), Language::English.say(&reason));
    }

    #[test]
    fn a_sentence_deep_in_others_is_said_by_its_key_alone() {
        let within = |levels: u32| {
            (0..levels).fold(Sentence::new("damage.empty"), |inner, _| {
                Sentence::new("error.other_club").with("here", "x").with_sentence("club", inner)
            })
        };
        for language in [Language::French, Language::English] {
            let word = language.word("damage.empty");
            assert!(language.say(&within(u32::from(DEEPEST))).contains(&word));
            // Its template has the gap twice: said to the end, this is 2^60 times the word.
            let said = language.say(&within(60));
            assert!(said.len() < 8 << 10 && !said.contains(&word), "{} bytes", said.len());
            assert_eq!(said.matches("error.other_club").count(), 2 << DEEPEST);
        }
    }

    #[test]
    fn plural_forms_follow_the_language() {
        assert!(Language::French.is_one(0.0) && Language::French.is_one(1.0));
        assert!(!Language::English.is_one(0.0) && Language::English.is_one(1.0));
    }

    #[test]
    fn accept_language_is_read_as_browsers_write_it() {
        let of = Language::of_accept_language;
        assert_eq!(of("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7"), Some(Language::French));
        assert_eq!(of("de, en;q=0.5, fr;q=0.1"), Some(Language::English));
        assert_eq!(of("en;q=0, fr;q=0.1"), Some(Language::French));
        assert_eq!(of("de"), None);
        assert_eq!(of("é;;;q=,,"), None);
    }
}

//! A sentence for people, not yet said in a language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A key of the catalogue and what goes into its gaps; `text` says it.
///
/// It travels in job events, so that each reader can hear it in his own language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// The key in the catalogue.
    pub key: String,
    /// What fills the `{gaps}`; a gap named `count` also chooses the plural form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Gap>,
}

/// What fills a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gap {
    /// A name, a number, a size: the same in every language.
    Text(String),
    /// Words of the catalogue, said in the language of the whole.
    Sentence(Sentence),
}

impl Sentence {
    /// The sentence of this key, its gaps still open.
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), args: BTreeMap::new() }
    }

    /// The same with one gap filled.
    #[allow(clippy::needless_pass_by_value)] // numbers and names read better without `&`
    pub fn with(mut self, gap: &str, value: impl ToString) -> Self {
        self.args.insert(gap.to_owned(), Gap::Text(value.to_string()));
        self
    }

    /// The same with one gap filled by another sentence, such as a reason.
    pub fn with_sentence(mut self, gap: &str, sentence: Self) -> Self {
        self.args.insert(gap.to_owned(), Gap::Sentence(sentence));
        self
    }
}

//! What the tests of this room share.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Config, Problem};
use crate::model::Sentence;

/// Reads a text as `/c.toml`.
pub(super) fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    Config::parse(text, Path::new("/c.toml"))
}

/// The configuration of a text without problems.
pub(super) fn good(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// `LINE KEY what` of each problem.
pub(super) fn bad(text: &str) -> Vec<String> {
    let say = |problem: Problem| {
        let line = problem.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{line} {} {}", problem.key, what(&problem.sentence))
    };
    parse(text).expect_err(text).into_iter().map(say).collect()
}

/// The sentence's key without `config.`; the catalogue must have it, and every gap be filled.
pub(super) fn what(sentence: &Sentence) -> String {
    let catalogue = include_str!("../../assets/text/en.json");
    let catalogue: BTreeMap<String, Value> = serde_json::from_str(catalogue).unwrap();
    let template = catalogue.get(&sentence.key).and_then(Value::as_str);
    let template = template.unwrap_or_else(|| panic!("{} is not in the catalogue", sentence.key));
    for gap in template.split('{').skip(1).map(|gap| gap.split('}').next().unwrap()) {
        assert!(sentence.args.contains_key(gap), "{}: {gap}", sentence.key);
    }
    sentence.key.trim_start_matches("config.").to_owned()
}

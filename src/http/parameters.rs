//! The parameters of a request's query, each checked. What nobody here knows is left alone:
//! addresses with more in them worked before there were parameters.

use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};
use percent_encoding::percent_decode_str;

use super::app::App;
use super::error::ApiError;
use crate::listing::{MOST_CHARACTERS, Words};
use crate::model::Sentence;

/// The query as it was sent.
pub(super) struct Parameters(String);

impl FromRequestParts<Arc<App>> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl Parameters {
    /// Those of a query, or of a form.
    pub(super) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether it is given at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0
            .split('&')
            .any(|pair| decoded(pair.split('=').next().unwrap_or_default()).as_deref() == Some(name))
    }

    /// What a form's field says; one that has to be there.
    ///
    /// # Errors
    /// 400 where it is not there, or not once.
    pub(super) fn text(&self, name: &str) -> Result<String, ApiError> {
        let most = usize::try_from(super::body::LARGEST_BODY).expect("16 KiB fit any usize");
        let text = self.read(name, Some, || Sentence::new("parameter.text").with("most", most))?;
        text.ok_or_else(ApiError::bad_request)
    }

    /// A whole number within these bounds; none where it is not given.
    ///
    /// # Errors
    /// 400 `bad_parameter`, as all of these.
    pub(super) fn number(
        &self,
        name: &str,
        bounds: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ApiError> {
        let parsed = |text: String| text.parse().ok().filter(|number| bounds.contains(number));
        self.read(name, parsed, || {
            Sentence::new("parameter.number").with("least", bounds.start()).with("most", bounds.end())
        })
    }

    /// What one of these words stands for.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let parsed = |text: String| choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        self.read(name, parsed, || {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            Sentence::new("parameter.choice").with("choices", words.join(", "))
        })
    }

    /// The words of a search; none find everything.
    pub(super) fn words(&self, name: &str) -> Result<Words, ApiError> {
        let words = self.read(
            name,
            |text| text.parse().ok(),
            || Sentence::new("parameter.text").with("most", MOST_CHARACTERS),
        );
        Ok(words?.unwrap_or_default())
    }

    /// What a parameter says, where it says something that is `parsed`, once.
    fn read<T>(
        &self,
        name: &str,
        parsed: impl Fn(String) -> Option<T>,
        expected: impl Fn() -> Sentence,
    ) -> Result<Option<T>, ApiError> {
        let mut given = self.0.split('&').filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key).as_deref() == Some(name)).then_some(value)
        });
        let Some(value) = given.next() else { return Ok(None) };
        let value = decoded(value).filter(|_| given.next().is_none()).and_then(parsed);
        value.map(Some).ok_or_else(|| {
            let mut error = ApiError::of(StatusCode::BAD_REQUEST, "bad_parameter");
            error.sentence = error.sentence.with("name", name).with_sentence("expected", expected());
            error
        })
    }
}

/// The text that a form has written so; none where it is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn limit(query: &str) -> Result<Option<usize>, String> {
        Parameters::of(query).number("limit", 1..=500).map_err(|error| error.code)
    }

    #[test]
    fn numbers_are_read_within_their_bounds_and_given_once() {
        for (query, number) in [
            ("", None),
            ("limit=1", Some(1)),
            ("a=b&limit=500&c", Some(500)),
            ("LIMIT=9", None),
            ("limits=9", None),
        ] {
            assert_eq!(limit(query), Ok(number), "{query}");
        }
        for wrong in [
            "limit",
            "limit=",
            "limit=0",
            "limit=501",
            "limit=-1",
            "limit=x",
            "limit=1.5",
            "limit=1&limit=1",
            "limit=%ff",
            "limit=99999999999999999999999",
            "li%6dit=0",
            "limit=+1",
        ] {
            assert_eq!(limit(wrong), Err("bad_parameter".to_owned()), "{wrong}");
        }
    }

    #[test]
    fn words_are_read_as_forms_and_scripts_write_them() {
        let expected: Words = "mercredi décembre".parse().unwrap();
        for query in ["q=mercredi+d%C3%A9cembre", "q=mercredi%20décembre&only=pinned"] {
            assert_eq!(Parameters::of(query).words("q").ok(), Some(expected.clone()), "{query}");
        }
        assert_eq!(Parameters::of("").words("q").ok(), Some(Words::default()));
        assert_eq!(Parameters::of("q=").words("q").ok(), Some(Words::default()));
        for wrong in [format!("q={}", "x".repeat(101)), "q=%ff".into(), "q=%C3".into()] {
            assert!(Parameters::of(&wrong).words("q").is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_form_s_field_is_read_as_it_was_written(text in ".{0,30}", number in 1..=500_usize) {
            let written = utf8_percent_encode(&text, NON_ALPHANUMERIC);
            let form = Parameters::of(&format!("limit={number}&password={written}&x"));
            prop_assert_eq!(form.text("password").ok(), Some(text));
            prop_assert_eq!(form.number("limit", 1..=500).ok(), Some(Some(number)));
        }

        #[test]
        fn no_query_panics(query in ".{0,60}", hostile in "(q|limit)=[%+&=0-9a-fA-F]{0,20}") {
            for query in [query, hostile] {
                let _ = (limit(&query), Parameters::of(&query).words("q"));
            }
        }
    }
}

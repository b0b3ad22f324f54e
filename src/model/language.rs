//! The two languages. Their sentences are in `text`.

/// A language that readers can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// The default.
    French,
    /// The second.
    English,
}

impl Language {
    /// The language of a code such as `fr`, `en-GB` or `en_US.UTF-8`.
    pub fn of_code(code: &str) -> Option<Self> {
        match code.get(..2)?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// `fr` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn codes_are_read_as_browsers_and_shells_write_them() {
        for language in [Language::French, Language::English] {
            assert_eq!(Language::of_code(language.code()), Some(language));
        }
        assert_eq!(Language::of_code("en_US.UTF-8"), Some(Language::English));
        assert_eq!(Language::of_code("FR-ca"), Some(Language::French));
        for unknown in ["", "f", "de", "é"] {
            assert_eq!(Language::of_code(unknown), None, "{unknown}");
        }
    }
}

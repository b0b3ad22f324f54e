//! Which keys' values are secrets, and what of a text is one. Uses no other room.

/// What stands in the place of a secret, whatever its length.
pub(super) const HIDDEN: &str = "••••••";

/// The words by which the keys of secrets are told.
#[derive(Clone, Debug, Default)]
pub struct Mask(Vec<String>);

impl Mask {
    /// A mask of parts of key names; an empty one is none.
    pub fn new(words: &[String]) -> Self {
        Self(words.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase()).collect())
    }

    /// Whether the key holds one of the words, in capitals or not.
    pub fn hides(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        self.0.iter().any(|word| key.contains(word.as_str()))
    }

    /// A value whose key is not hidden, without what in it is a secret nevertheless: the
    /// userinfo of URLs, `--password=…` and `?token=…`, and private keys.
    pub(super) fn text(&self, text: &str) -> String {
        if holds_private_key(text) {
            return HIDDEN.to_owned();
        }
        self.without_assignments(&without_userinfo(text))
    }

    /// Masks what is assigned to a hidden name within a text, by `=` or `:`.
    fn without_assignments(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(place) = rest.find(['=', ':']) {
            let (before, after) = rest.split_at(place + 1);
            masked.push_str(before);
            rest = after;
            if self.hides(last_name(&before[..place])) {
                let start = after.len() - after.trim_start_matches([' ', '\t', '\\', '"', '\'']).len();
                let length = end_of_assigned(&after[..start], &after[start..], before.ends_with('='));
                if length > 0 {
                    masked.push_str(&after[..start]);
                    masked.push_str(HIDDEN);
                    rest = &after[start + length..];
                }
            }
        }
        masked.push_str(rest);
        masked
    }
}

/// Whether a private key in PEM stands in it.
pub(super) fn holds_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
}

/// The name that stands last in a text, before its quotes and spaces.
fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '\t', '\\', '"', '\'']);
    let is_name = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    &text[text.trim_end_matches(is_name).len()..]
}

/// Bytes of an assigned value: to its quote where one opens before it, else to what
/// divides it from the next. Behind `:` it may hold spaces, as in `Authorization: Bearer x`.
fn end_of_assigned(opening: &str, text: &str, by_equals: bool) -> usize {
    let quote = opening.chars().find(|character| matches!(character, '"' | '\''));
    let ends = |character: char| match quote {
        Some(quote) => character == quote,
        None if by_equals => character.is_whitespace() || "&;,".contains(character),
        None => "\n,;".contains(character),
    };
    text.find(ends).unwrap_or(text.len())
}

/// Masks `user:password` in `scheme://user:password@host`.
///
/// All up to the last `@` is taken for it, because people write passwords with `/` and `@`
/// as they are; a text that begins with a URL is one to its end, spaces and all.
fn without_userinfo(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find("://") {
        let (scheme, after) = rest.split_at(place + 3);
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.\"' \t".contains(c);
        let is_whole = masked.is_empty() && scheme[..place].chars().all(is_scheme);
        let end = if is_whole { after.len() } else { after.find(char::is_whitespace).unwrap_or(after.len()) };
        masked.push_str(scheme);
        match after[..end].rfind('@') {
            Some(host) => {
                masked.push_str(HIDDEN);
                masked.push_str(&after[host..end]);
            }
            None => masked.push_str(&after[..end]),
        }
        rest = &after[end..];
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;

//! Which keys' values are secrets, and what of a text is one. Uses no other room.

use std::ops::Range;

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
        // Each is sought in the text as it is: one may stand in another, or reach into it.
        let mut secrets = userinfos(text);
        secrets.extend(self.assigned(text));
        secrets.sort_unstable_by_key(|secret| secret.start);
        let mut masked = String::with_capacity(text.len());
        let mut shown = 0;
        for secret in secrets {
            if secret.start >= shown {
                masked.push_str(&text[shown..secret.start]);
                masked.push_str(HIDDEN);
            }
            shown = shown.max(secret.end);
        }
        masked.push_str(&text[shown..]);
        masked
    }

    /// Where something is assigned to a hidden name within a text, by `=` or `:`.
    fn assigned(&self, text: &str) -> Vec<Range<usize>> {
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(length) = text[from..].find(['=', ':']) {
            let sign = from + length;
            let mut read = sign + 1;
            if self.hides(last_name(&text[from..sign])) {
                let after = &text[sign + 1..];
                let value = after.trim_start_matches(AROUND);
                let opening = &after[..after.len() - value.len()];
                let start = text.len() - value.len();
                let end = start + length_of_assigned(opening, value, text[sign..].starts_with('='));
                found.extend((start < end).then_some(start..end));
                read = end;
            }
            from = read;
        }
        found
    }
}

/// What may stand between a name, its sign and its value.
const AROUND: [char; 5] = [' ', '\t', '\\', '"', '\''];

/// Whether a private key in PEM stands in it.
pub(super) fn holds_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
}

/// The name that stands last in a text, before its quotes and spaces.
fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches(AROUND);
    let is_name = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    &text[text.trim_end_matches(is_name).len()..]
}

/// Bytes of an assigned value: to its quote where one opens before it, else to what
/// divides it from the next. Behind `:` it may hold spaces, as in `Authorization: Bearer x`.
fn length_of_assigned(opening: &str, text: &str, by_equals: bool) -> usize {
    let quote = opening.chars().find(|character| matches!(character, '"' | '\''));
    let ends = |character: char| match quote {
        Some(quote) => character == quote,
        None if by_equals => character.is_whitespace() || "&;,".contains(character),
        None => "\n,;".contains(character),
    };
    text.find(ends).unwrap_or(text.len())
}

/// Where `user:password` stands in `scheme://user:password@host`.
///
/// All up to the last `@` is taken for it, because people write passwords with `/` and `@`
/// as they are; a text that begins with a URL is one to its end, spaces and all.
fn userinfos(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(length) = text[from..].find("://") {
        let start = from + length + 3;
        let scheme = text[..start - 3].trim_start_matches(AROUND);
        let is_whole = from == 0 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let length = if is_whole { None } else { text[start..].find(char::is_whitespace) };
        let end = length.map_or(text.len(), |length| start + length);
        found.extend(text[start..end].rfind('@').map(|length| start..start + length));
        from = end;
    }
    found
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;

//! What one line of a settings file is, and what quotes are in it. Uses no other room.

/// What a line is on its own.
pub(super) enum Kind<'a> {
    /// White space.
    Blank,
    /// Behind `#` or `;`.
    Comment,
    /// `[name]`.
    Section(&'a str),
    /// The key, and where in the line the value begins.
    Setting(&'a str, usize),
    /// None of these.
    Other,
}

/// Spaces and tabs before the text.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Tells a line by itself: whether it is the middle of a value is not seen on it.
pub(super) fn kind_of(line: &str) -> Kind<'_> {
    let text = line.trim();
    if text.is_empty() {
        return Kind::Blank;
    }
    if is_comment(text) {
        return Kind::Comment;
    }
    if let Some((section, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']'))
        && (rest.trim().is_empty() || is_comment(rest.trim()))
    {
        return Kind::Section(section.trim());
    }
    let Some((head, value)) = line.split_once('=') else { return Kind::Other };
    let head = head.trim();
    let exported = head.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let key = exported.map_or(head, str::trim_start);
    // Anything else before the `=` may be a command with a secret in it.
    let is_plain = |character: char| character.is_alphanumeric() || "_-.[]".contains(character);
    if key.is_empty() || !key.chars().all(is_plain) {
        return Kind::Other;
    }
    Kind::Setting(key, line.len() - value.trim_start_matches([' ', '\t']).len())
}

/// Whether a trimmed text is a comment.
pub(super) fn is_comment(text: &str) -> bool {
    text.starts_with(['#', ';'])
}

/// Whether a value may stand between two of it.
pub(super) fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'')
}

/// Where the quote closes: none that a backslash escapes or a word goes on behind.
pub(super) fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let mut characters = text.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote
            && characters.peek().is_none_or(|(_, next)| next.is_whitespace() || "#;,".contains(*next))
        {
            return Some(place);
        }
    }
    None
}

/// The value without the quotes round it, and without the comment behind these.
pub(super) fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let Some(quote) = value.chars().next().filter(|first| is_quote(*first)) else { return value };
    let Some(end) = closing(&value[1..], quote) else { return value };
    let (inner, rest) = (&value[1..=end], value[end + 2..].trim());
    if rest.is_empty() || is_comment(rest) { inner } else { value }
}

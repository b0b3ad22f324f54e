//! Reads a settings file as units: one setting with all its lines, a comment, any other
//! line; and says which of them hold secrets. Uses no other room.
//!
//! The many formats that look like `KEY=value` disagree on where a value ends. What may
//! belong to a hidden value is taken for a part of it: hiding too much is ugly, too little
//! is a leak.

use super::line::{Kind, closing, indent, is_quote, kind_of};
use super::mask::{Mask, holds_private_key};

/// Lines within which a PEM block must end to be one; the longest keys take about 100.
const LONGEST_PEM: usize = 200;

/// A piece of a settings file; all of them in order are the file.
pub(super) enum Unit<'a> {
    /// A blank line or a section's header.
    Plain(&'a str),
    /// A comment.
    Comment {
        /// The line.
        text: &'a str,
        /// Whether it is shown at all.
        hidden: bool,
    },
    /// `KEY=value`, with the lines on which its value goes on.
    Setting {
        /// `section.key`, or the key alone before the first section.
        key: String,
        /// All that stands before the value.
        head: &'a str,
        /// The value as it is written, quotes and all.
        value: &'a str,
        /// Whether the value is shown.
        hidden: bool,
    },
    /// A line that is none of these.
    Line {
        /// The line.
        text: &'a str,
        /// Whether it is shown at all.
        hidden: bool,
    },
}

/// A content as text with `\n` alone at the ends of its lines.
pub(super) fn text_of(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content).replace("\r\n", "\n").replace('\r', "\n");
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// The units of a text made by [`text_of`].
pub(super) fn units<'a>(text: &'a str, mask: &'a Mask) -> Units<'a> {
    Units {
        text,
        at: 0,
        mask,
        section: "",
        after_hidden: false,
        comment_until: None,
        unclosed: String::new(),
    }
}

/// The iterator of [`units`].
pub(super) struct Units<'a> {
    text: &'a str,
    at: usize,
    mask: &'a Mask,
    section: &'a str,
    /// The last unit was hidden, and a line that is no setting may be its second half.
    after_hidden: bool,
    /// A setting is commented out whose value goes on, up to a comment with this.
    comment_until: Option<&'static str>,
    /// Quotes that nothing closes up to the end, so that it is not searched again.
    unclosed: String,
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let mut end = self.line_end(start);
        let text = &self.text[start..end];
        let kind = kind_of(text);
        let unit = match kind {
            Kind::Blank => Unit::Plain(text),
            Kind::Section(section) => {
                self.section = section;
                Unit::Plain(text)
            }
            Kind::Comment => Unit::Comment { text, hidden: self.hides_comment(text) },
            Kind::Other => Unit::Line {
                text,
                hidden: self.after_hidden || self.mask.hides(text) || holds_private_key(text),
            },
            Kind::Setting(key, value) => self.setting(key, start, start + value, &mut end),
        };
        if !matches!(unit, Unit::Comment { .. }) {
            self.comment_until = None;
        }
        self.after_hidden =
            matches!(unit, Unit::Comment { hidden: true, .. } | Unit::Line { hidden: true, .. });
        self.at = end + 1;
        Some(unit)
    }
}

impl<'a> Units<'a> {
    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |length| at + length)
    }

    /// The line behind the one that ends there.
    fn line_after(&self, end: usize) -> Option<&'a str> {
        (end < self.text.len()).then(|| &self.text[end + 1..self.line_end(end + 1)])
    }

    fn hides_comment(&mut self, text: &str) -> bool {
        if let Some(until) = self.comment_until {
            self.comment_until = (!text.contains(until)).then_some(until);
            return true;
        }
        let hidden = self.mask.hides(text) || holds_private_key(text);
        if hidden {
            let value = text.split_once('=').map_or("", |(_, value)| value.trim_start());
            let opens = |quote| value.starts_with(quote) && value.matches(quote).count() == 1;
            let pem = text.contains("-----BEGIN ") && !text.contains("-----END ");
            let marks = [("\"", opens("\"")), ("'", opens("'")), ("-----END ", pem)];
            self.comment_until = marks.into_iter().find(|(_, is_open)| *is_open).map(|(mark, _)| mark);
        }
        hidden
    }

    fn setting(&mut self, key: &str, start: usize, value: usize, end: &mut usize) -> Unit<'a> {
        let key = if self.section.is_empty() { key.to_owned() } else { format!("{}.{key}", self.section) };
        let line_end = *end;
        let hides = self.mask.hides(&key) || holds_private_key(&self.text[value..line_end]);
        *end = self.value_end(start, value, line_end, hides);
        let text = &self.text[value..*end];
        // A value of several lines may be a settings file itself.
        let hidden = hides || holds_private_key(text) || (*end > line_end && self.mask.hides(text));
        Unit::Setting { key, head: &self.text[start..value], value: text, hidden }
    }

    /// Where the line ends on which the value does.
    fn value_end(&mut self, start: usize, value: usize, line_end: usize, hidden: bool) -> usize {
        let mut end = self.opened_end(value, line_end, hidden);
        let mut last = &self.text[start..end];
        while hidden
            && let Some(next) = self.line_after(end)
            && goes_on(last, next, indent(&self.text[start..]))
        {
            let begin = end + 1;
            end = begin + next.len();
            if let Kind::Setting(_, value) = kind_of(next) {
                end = self.opened_end(begin + value, end, hidden);
            }
            last = &self.text[begin..end];
        }
        end
    }

    /// Where the line ends on which a quote closes, or a PEM block, that opens on this one.
    ///
    /// If this is the line of a hidden setting, then the quote that seems to close may be the
    /// one that opens there, after a stray one above; so its value is hidden as well.
    fn opened_end(&mut self, value: usize, line_end: usize, hidden: bool) -> usize {
        let mut end = self.quoted_end(value, line_end, hidden);
        let mut known = line_end;
        while end > known {
            known = end;
            let begin = self.text[..end].rfind('\n').map_or(0, |place| place + 1);
            if let Kind::Setting(key, value) = kind_of(&self.text[begin..end])
                && self.mask.hides(key)
            {
                end = self.quoted_end(begin + value, end, true);
            }
        }
        self.pem_end(value, end)
    }

    fn quoted_end(&mut self, value: usize, line_end: usize, hidden: bool) -> usize {
        let first = self.text[value..line_end].chars().next();
        let Some(quote) = first.filter(|first| is_quote(*first)) else { return line_end };
        let inner = value + quote.len_utf8();
        if !hidden && self.text[inner..line_end].contains(quote) {
            return line_end;
        }
        match self.closing(inner, quote) {
            Some(closing) => self.line_end(closing),
            None if hidden => self.text.len(),
            None => line_end, // an apostrophe, it seems
        }
    }

    fn closing(&mut self, from: usize, quote: char) -> Option<usize> {
        if self.unclosed.contains(quote) {
            return None;
        }
        let closing = closing(&self.text[from..], quote).map(|place| from + place);
        if closing.is_none() {
            self.unclosed.push(quote);
        }
        closing
    }

    fn pem_end(&self, value: usize, end: usize) -> usize {
        let text = &self.text[value..end];
        let is_open = text.rfind("-----BEGIN ").is_some_and(|begin| !text[begin..].contains("-----END "));
        let mut line_end = end;
        for _ in 0..if is_open { LONGEST_PEM } else { 0 } {
            let Some(line) = self.line_after(line_end) else { break };
            line_end += 1 + line.len();
            if line.contains("-----END ") {
                return line_end;
            }
        }
        end
    }
}

/// Whether a hidden value of a setting indented so far goes on behind its last line: after
/// a backslash, and on a line that is indented deeper or is no setting. One that is shown
/// does not: its lines hide themselves where they must, and not all formats join them.
fn goes_on(last: &str, next: &str, depth: usize) -> bool {
    let backslashes = last.len() - last.trim_end_matches('\\').len();
    let belongs = match kind_of(next) {
        Kind::Blank | Kind::Comment => false,
        Kind::Other => true,
        Kind::Section(_) | Kind::Setting(..) => indent(next) > depth,
    };
    backslashes % 2 == 1 || belongs
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;

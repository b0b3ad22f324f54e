//! Text that a terminal and a browser show as it is: no control characters, none that
//! turn the direction of writing, and no more of it than fits. Uses no other room.

use std::fmt::Write;

/// Characters of a value that are shown.
pub(super) const LONGEST_VALUE: usize = 80;

/// Characters of a path that are shown: a video's may hold several names of 255 bytes.
pub(super) const LONGEST_PATH: usize = 1_000;

/// The first `most` characters, and an ellipsis where there are more.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most) + 8);
    let (mut taken, mut one) = (0, String::new());
    for character in text.chars() {
        one.clear();
        push(character, &mut one);
        taken += one.chars().count();
        if taken > most {
            shown.push('…');
            break;
        }
        shown.push_str(&one);
    }
    shown
}

/// All of it on its lines.
pub(super) fn lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' {
            shown.push('\n');
        } else {
            push(character, &mut shown);
        }
    }
    shown
}

// As JSON writes it, so that compact JSON stays JSON; a backslash stays one, too.
fn push(character: char, text: &mut String) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        unseen if unseen.is_control() || turns(unseen) => {
            write!(text, "\\u{:04x}", u32::from(unseen)).expect("a String takes every write");
        }
        plain => text.push(plain),
    }
}

/// Whether it ends a line or changes the order in which its neighbours are shown.
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

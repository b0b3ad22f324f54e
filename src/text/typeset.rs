//! What a keyboard lacks, and print has. Shared with the build script, which sets the panel's
//! own sentences.

/// Curly apostrophes, and in French the signs that keep to their word ("bien :", "« oui »").
pub(crate) fn typeset(text: &str, french: bool) -> String {
    let curly = text.replace('\'', "\u{2019}");
    if !french {
        return curly;
    }
    let mut set = curly.replace("« ", "«\u{a0}").replace(" à {time}", " à\u{a0}{time}");
    for sign in [':', ';', '?', '!', '»'] {
        set = set.replace(&format!(" {sign}"), &format!("\u{a0}{sign}"));
    }
    set
}

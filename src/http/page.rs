//! A page whose gaps are filled when it is asked for. Pure.

use std::borrow::Cow;

/// Fills each `{{gap}}` of the page once: what is put in is not looked at again. A gap that
/// nobody fills stays empty.
pub(super) fn fill(page: &str, gaps: &[(&str, Cow<'_, str>)]) -> String {
    let mut text = String::with_capacity(page.len() * 2);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("a page closes its gaps");
        text.push_str(before);
        if let Some((_, value)) = gaps.iter().find(|(gap, _)| *gap == name) {
            text.push_str(value);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Text as text: in an element, and in an attribute between quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// JSON that may stand in a `script` element: nothing in it ends the element.
pub(super) fn embed(json: &serde_json::Value) -> String {
    json.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once() {
        let gaps = [("a", Cow::from("{{b}}")), ("b", Cow::from("never"))];
        assert_eq!(fill("<{{a}}|{{c}}>", &gaps), "<{{b}}|>");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("<a b='\"&\"'>"), "&lt;a b=&#39;&quot;&amp;&quot;&#39;&gt;");
        let json = serde_json::json!({ "text": "</script><!--" });
        let embedded = embed(&json);
        assert!(!embedded.contains('<'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&embedded).unwrap(), json);
    }
}

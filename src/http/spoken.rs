//! What jobs report, in the reader's language: a job writes its sentences as keys, and their
//! text in the box's own. Pure.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Sentence;
use crate::text::Language;

/// The report with the text of a log's line, and the message of a failure, in this language.
pub(super) fn spoken(mut report: Value, language: Language) -> Value {
    let said = |value: &Value| Some(language.say(&Sentence::deserialize(value).ok()?));
    if let Some(text) = said(&report["sentence"]) {
        report["text"] = text.into();
    }
    if let Some(failure) = report.pointer_mut("/outcome/failure")
        && let Some(message) = said(&failure["sentence"])
    {
        failure["message"] = message.into();
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sentences_are_said_and_the_rest_stays() {
        let sentence = json!({ "key": "damage.empty" });
        let log = json!({ "event": "log", "sentence": sentence, "text": "as the box says it" });
        let said = spoken(log, Language::English);
        assert_eq!(said["text"], Language::English.word("damage.empty"));
        let done =
            json!({ "outcome": { "success": false, "failure": { "code": "x", "sentence": sentence } } });
        let said = spoken(done, Language::French);
        assert_eq!(said["outcome"]["failure"]["message"], Language::French.word("damage.empty"));
        for plain in
            [json!({ "event": "step", "step": "write" }), json!({ "outcome": null }), json!([1]), json!(null)]
        {
            assert_eq!(spoken(plain.clone(), Language::French), plain);
        }
    }
}

//! The API's document, and answers held against it.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::{Reply, Told};

/// The document as it stands in the repository.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/openapi.json")).unwrap());

/// What a `$ref` leads to; anything else is itself.
pub(crate) fn resolve(value: &'static Value) -> &'static Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(path) => DOCUMENT.pointer(path.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{path}")),
        None => value,
    }
}

/// Panics unless the value is what the schema says.
pub(crate) fn assert_valid(schema: &Value, value: &Value) {
    let mut whole = schema.clone();
    whole["components"] = DOCUMENT["components"].clone();
    let validator = jsonschema::draft202012::new(&whole).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}\n{schema:#}");
}

/// Panics unless the answer is the contract's error of this code.
pub(crate) fn assert_error(reply: &Reply, status: u16, code: &str) {
    let shown = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status, status, "{shown}");
    assert_eq!(reply.header("content-type").as_deref(), Some("application/json"), "{shown}");
    let error = reply.json();
    assert_valid(&json!({ "$ref": "#/components/schemas/Error" }), &error);
    assert_eq!(error["code"], code);
    let message = error["message"].as_str().unwrap();
    assert!(!message.contains('{'), "a gap was left open: {message}");
}

/// The documented operation that such a request reaches.
pub(crate) fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let method = if method == "HEAD" { "get".into() } else { method.to_lowercase() };
    let path = path.split('?').next()?;
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(part, piece)| part.starts_with('{') || part == piece)
    };
    let literal = paths.get(path);
    literal.or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item))?.get(method)
}

/// Panics unless the document foresees this answer.
pub(crate) fn check(method: &str, path: &str, reply: &Reply) {
    let Some(operation) = operation(method, path) else {
        if path.starts_with("/api") {
            let code = if reply.status == 405 { "method_not_allowed" } else { "not_found" };
            let status = if reply.status == 405 { 405 } else { 404 };
            if method != "HEAD" {
                assert_error(reply, status, code);
            }
        }
        return;
    };
    let place = format!("{method} {path}: {}", reply.status);
    let answer = operation["responses"].get(reply.status.to_string());
    let answer = resolve(answer.unwrap_or_else(|| panic!("undocumented: {place}")));
    for (name, header) in answer["headers"].as_object().into_iter().flatten() {
        let header = resolve(header);
        let value = reply.header(name);
        assert!(value.is_some() || header["required"] != true, "{place} lacks {name}");
        assert_valid(&header["schema"], &json!(value.unwrap_or_default()));
    }
    let Some(content) = answer["content"].as_object() else {
        assert!(reply.body.is_empty(), "{place} has a body");
        return;
    };
    let kind = reply.header("content-type").unwrap_or_else(|| panic!("{place} has no type"));
    let media = content.get(&kind).unwrap_or_else(|| panic!("{place} is {kind}"));
    if kind == "application/json" && method != "HEAD" && reply.header("content-encoding").is_none() {
        assert_valid(&media["schema"], &reply.json());
    }
}

/// Panics unless the document foresees this event on this stream.
pub(crate) fn check_event(stream: &str, told: &Told) {
    let data = &operation("GET", stream).unwrap()["responses"]["200"]["content"]["text/event-stream"]["x-event-data"];
    let schema = data.get(&told.name).unwrap_or_else(|| panic!("undocumented event: {told:?}"));
    assert_valid(schema, &told.data);
}

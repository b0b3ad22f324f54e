//! The document agrees with the server, in both directions.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use neopro_backup::http::{ROUTES, Rule};
use serde_json::{Value, json};

use crate::document::{DOCUMENT, resolve};
use crate::panel::Panel;
use crate::support::{exchange, request};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn documented() -> BTreeSet<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().filter(|key| METHODS.contains(&key.as_str()));
            methods.map(move |method| (path.clone(), method.clone()))
        })
        .collect()
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let served = ROUTES
        .iter()
        .flat_map(|(path, rules)| rules.iter().map(|rule| ((*path).to_owned(), rule.method.to_owned())));
    assert_eq!(documented(), served.collect());
}

#[test]
fn every_rule_is_in_the_document() {
    for (path, rules) in ROUTES {
        for rule in *rules {
            let documented = &DOCUMENT["paths"][path][rule.method]["x-needs"];
            assert_eq!(documented, rule.need.code(), "{} {path}", rule.method);
        }
    }
}

#[test]
fn every_operation_says_what_it_takes_and_answers() {
    let mut ids = BTreeSet::new();
    for (path, method) in documented() {
        let item = &DOCUMENT["paths"][&path];
        let operation = &item[&method];
        let place = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place}: operationId twice");
        assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{place}");
        let lists = [&item["parameters"], &operation["parameters"]];
        let parameters: Vec<_> =
            lists.into_iter().filter_map(Value::as_array).flatten().map(resolve).collect();
        for gap in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let named = |p: &&&Value| p["in"] == "path" && p["name"] == gap && p["required"] == true;
            assert!(parameters.iter().any(|p| named(&p)), "{place} does not describe {gap}");
        }
        let answers = operation["responses"].as_object().unwrap();
        for (status, answer) in answers {
            let answer = resolve(answer);
            assert!(answer["description"].is_string(), "{place} {status}");
            if status.as_str() >= "400" {
                let schema = &answer["content"]["application/json"]["schema"];
                assert_eq!(schema["$ref"], "#/components/schemas/Error", "{place} {status}");
            }
        }
        // The guard can refuse any request, and only what changes something by origin.
        for status in ["400", "413", "421", "431", "500"] {
            assert!(answers.contains_key(status), "{place} lacks {status}");
        }
        // The gate refuses whoever lacks what is needed.
        let is_gated = operation["x-needs"] != "nothing";
        assert!(answers.contains_key("401") || !is_gated, "{place}");
        assert_eq!(answers.contains_key("403"), is_gated || method != "get", "{place}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    fn collect<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|value| collect(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut used = BTreeSet::new();
    collect(&DOCUMENT, &mut used);
    let components = DOCUMENT["components"].as_object().unwrap().iter();
    // Schemes are named, not referred to.
    let defined = components.filter(|(kind, _)| *kind != "securitySchemes").flat_map(|(kind, all)| {
        all.as_object().unwrap().keys().map(move |name| format!("#/components/{kind}/{name}"))
    });
    let defined: BTreeSet<_> = defined.collect();
    assert_eq!(used, defined.iter().map(String::as_str).collect());
}

#[test]
fn our_own_shapes_are_strict() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        // The status file may hold other programs' keys.
        if schema["type"] == "object" && name != "Status" {
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
    }
}

#[test]
fn every_code_has_its_sentence_and_every_error_s_sentence_its_code() {
    let catalogue: Value = serde_json::from_str(include_str!("../../assets/text/fr.json")).unwrap();
    let mut from_sentences: BTreeSet<_> = catalogue
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| !key.starts_with("source.unlisted."))
        .filter_map(|key| key.strip_prefix("error.").or(key.starts_with("source.").then_some(key)))
        .collect();
    // Second sentences of codes that have more than one.
    for more in [
        "disk_full_meanwhile",
        "import_name_taken",
        "not_allowed_person",
        "spawn",
        "stillborn",
        "target_full_meanwhile",
    ] {
        assert!(from_sentences.remove(more), "{more}");
    }
    from_sentences.insert("supervisor_unavailable");
    let codes = DOCUMENT["components"]["schemas"]["Code"]["enum"].as_array().unwrap();
    assert_eq!(codes.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(), from_sentences);
}

#[test]
fn every_route_answers_as_documented() {
    let panel = Panel::new();
    let name = panel.backup();
    let job = panel.list()["status"]["job"].as_str().unwrap().to_owned();
    let mut asked = BTreeSet::new();
    for (path, rules) in ROUTES.iter().filter(|(path, _)| !path.starts_with("/api/access")) {
        for Rule { method, .. } in *rules {
            let address =
                path.replace("{name}", &name).replace("{id}", &job).replace("{member}", "site.conf");
            // Last, since it takes away what the others need; streams are followed elsewhere.
            if (*path, *method) == ("/api/backups/{name}", "delete") || *path == "/api/events" {
                continue;
            }
            let body = match *path {
                "/api/backups/auto-toggle" => "{\"enable\":false}",
                "/api/backups/{name}/restore" => "{}",
                "/api/retention" if *method == "put" => "{\"days\":30}",
                "/api/schedule" if *method == "put" => "{\"at\":\"18:30\"}",
                _ => "",
            };
            let reply = panel.ask(&method.to_uppercase(), &address, &[], body);
            // Nothing is no archive; one that is some is taken in elsewhere.
            let expected = if *path == "/api/backups/import" { 422 } else { 200 };
            assert_eq!(reply.status, expected, "{method} {path}");
            asked.insert((*path, *method));
        }
    }
    assert_eq!(panel.delete(&format!("/api/backups/{name}")).status, 200);
    assert_eq!(panel.events("/api/events", None).head.status, 200);
    let of_access = |(path, _): &&(String, String)| path.starts_with("/api/access");
    let others = documented().iter().filter(of_access).count();
    assert_eq!(asked.len() + 2 + others, documented().len());
}

#[test]
fn the_served_document_is_the_one_in_the_repository() {
    let panel = Panel::new();
    let plain = panel.get("/api/openapi.json");
    assert_eq!(plain.json(), *DOCUMENT);
    assert_eq!(plain.json()["info"]["version"], env!("CARGO_PKG_VERSION"));
    let packed = panel.ask("GET", "/api/openapi.json", &[("Accept-Encoding", "gzip")], "");
    assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"));
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
}

#[test]
fn head_answers_as_get_does_without_a_body() {
    let panel = Panel::new();
    for path in ["/api/backups", "/api/health", "/api/openapi.json", "/", "/nothing"] {
        let (get, head) = (panel.get(path), panel.ask("HEAD", path, &[], ""));
        assert_eq!((head.status, head.body), (get.status, Vec::new()), "{path}");
        assert_eq!(head.headers.len(), get.headers.len(), "{path}");
    }
}

#[test]
fn health_says_the_version_and_counts_the_archives() {
    let panel = Panel::new();
    panel.place(crate::panel::NAME, b"");
    let health = panel.get("/api/health").json();
    assert_eq!(health, json!({ "ok": true, "version": env!("CARGO_PKG_VERSION"), "backups": 1 }));
}

#[test]
fn errors_speak_the_caller_s_language_and_french_by_default() {
    let panel = Panel::new();
    let say = |headers: &[(&str, &str)]| {
        let bytes = request(panel.daemon.address, "GET", "/api/nothing", headers, b"");
        let reply = exchange(panel.daemon.address, &bytes).unwrap();
        (reply.json()["message"].as_str().unwrap()[..10].to_owned(), reply.header("content-language"))
    };
    let (french, english) =
        (("Cette adre".to_owned(), Some("fr".into())), ("This addre".to_owned(), Some("en".into())));
    assert_eq!(say(&[]), french);
    assert_eq!(say(&[("Accept-Language", "de")]), french);
    assert_eq!(say(&[("Accept-Language", "fr-CH, en;q=0.5")]), french);
    assert_eq!(say(&[("Accept-Language", "en")]), english);
    assert_eq!(say(&[("Accept-Language", "de, en-GB;q=0.3")]), english);
}

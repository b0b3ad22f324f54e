//! The house stands as ARCHITECTURE.md says: a room uses only the rooms above it,
//! and every sentence that the code says is in the catalogue.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    files.sort();
    files.into_iter().filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?))).collect()
}

/// The rooms in the order of `lib.rs`.
fn rooms() -> Vec<String> {
    let lib = include_str!("../src/lib.rs");
    lib.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

fn room_of(file: &Path) -> Option<String> {
    let below = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let mut parts = below.iter();
    let first = parts.next()?.to_str()?;
    parts.next().map(|_| first.to_owned())
}

/// The rooms that a text names: `crate::room…` and `crate::{room…, …}`.
fn uses(text: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            used.insert(word(rest));
            continue;
        };
        // `{model::{A, B}, store}`: what stands at depth one, behind a brace or comma.
        let (mut depth, mut begins) = (1, true);
        for (place, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if begins && depth == 1 && character.is_alphabetic() => {
                    used.insert(word(&list[place..]));
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            begins = (character == ',' && depth == 1) || (begins && character.is_whitespace());
        }
    }
    used
}

#[test]
fn every_form_of_a_use_is_seen() {
    let text = "use crate::model::A; use crate::{ store::{B, C}, text,\n jobs::d }; crate::http::x()";
    let expected = ["http", "jobs", "model", "store", "text"].map(str::to_owned);
    assert_eq!(uses(text), BTreeSet::from(expected));
}

#[test]
fn a_room_uses_only_the_rooms_above_it() {
    let rooms = rooms();
    assert!(rooms.len() >= 11, "{rooms:?}");
    let mut checked = 0;
    for (file, text) in sources("src") {
        let Some(room) = room_of(&file) else { continue };
        let place =
            rooms.iter().position(|known| *known == room).unwrap_or_else(|| panic!("{room}: not in lib.rs"));
        // Test code may use what it likes.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let is_test = file.components().any(|part| part.as_os_str() == "tests")
            || file.file_name().unwrap().to_str().unwrap().ends_with("tests.rs");
        for used in uses(code).into_iter().filter(|_| !is_test) {
            let Some(other) = rooms.iter().position(|known| *known == used) else { continue };
            assert!(other <= place, "{} uses {used}, which stands below {room}", file.display());
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} uses seen");
}

#[test]
fn http_never_opens_an_archive_or_a_source() {
    for (file, text) in sources("src/http") {
        for room in ["archive", "sources", "cli"] {
            assert!(!uses(&text).contains(room), "{} uses {room}", file.display());
        }
    }
}

/// Texts in quotes that look like keys of the catalogue.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

#[test]
fn every_key_of_the_catalogue_is_said_somewhere_and_every_key_said_is_there() {
    let catalogue: serde_json::Value = serde_json::from_str(include_str!("../assets/text/fr.json")).unwrap();
    let keys: BTreeSet<&str> = catalogue.as_object().unwrap().keys().map(String::as_str).collect();
    let mut code: String = sources("src").into_iter().map(|(_, text)| text).collect();
    for (file, text) in sources("assets") {
        if file.extension().is_some_and(|kind| kind == "js" || kind == "html") {
            code.push_str(&text);
        }
    }
    // Keys that are put together from a prefix and a code: `error.{code}`.
    let prefixes: BTreeSet<String> = code
        .split(['"', '`', '\''])
        .filter_map(|text| Some(text.split_once(['{', '$'])?.0))
        .filter(|prefix| prefix.ends_with(['.', '_']) && prefix.len() > 3 && !prefix.contains(' '))
        .map(str::to_owned)
        .collect();
    let said: BTreeSet<&str> = code.split(['"', '`', '\'']).collect();
    let unsaid: Vec<_> = keys
        .iter()
        .filter(|key| {
            !said.contains(**key) && !prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
        })
        .collect();
    assert!(unsaid.is_empty(), "in the catalogue, said nowhere: {unsaid:?}");

    let groups: BTreeSet<&str> = keys.iter().filter_map(|key| key.split('.').next()).collect();
    for (file, text) in sources("src") {
        for line in text.lines().filter(|line| line.contains("Sentence::new(\"") || line.contains(".word(\""))
        {
            for key in quoted(line).filter(|text| text.contains('.')) {
                let known = keys.contains(key) || !groups.contains(key.split('.').next().unwrap());
                assert!(known, "{}: {key} is not in the catalogue", file.display());
            }
        }
    }
}

//! Build script: makes the panel's files ready to be sent, and puts them, compressed, where
//! `http` embeds them as `NAME.gz`; browsers ask for nothing better than gzip over plain http.
//!
//! - Pages (`*.html`) are made once a language, as `NAME.fr.html` and `NAME.en.html`: what has
//!   `data-say="KEY"` gets that sentence of the catalogue as its text, `data-say-ATTRIBUTE="KEY"`
//!   as that attribute. `{{assets}}` becomes `/assets/VERSION`, VERSION being a hash of all files,
//!   so that each may be cached for ever. Other `{{gaps}}` are filled by `http` when the page is
//!   asked for.
//! - Style sheets (`style/*.css`) become one, `style.css`.
//! - All of these lose their indentation and the lines that only comment.
//! - Catalogues (`text/*.json`) keep what scripts say.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, error};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[path = "../src/text/typeset.rs"]
mod typeset;

type Failure = Box<dyn error::Error>;

/// The languages, with the file of each in `assets/text`.
const LANGUAGES: [&str; 2] = ["fr", "en"];
fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=assets");
    println!("cargo:rerun-if-changed=src/text/typeset.rs");
    let files = read_all(Path::new("assets"))?;
    let version = version_of(&files);
    println!("cargo:rustc-env=PANEL_ASSETS_VERSION={version}");

    let target = PathBuf::from(env::var("OUT_DIR")?).join("assets");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    for (name, content) in made(&files, &format!("/assets/{version}"))? {
        let place = target.join(format!("{name}.gz"));
        fs::create_dir_all(place.parent().ok_or("a file has a folder")?)?;
        let mut gzip = GzEncoder::new(File::create(place)?, Compression::best());
        gzip.write_all(content.as_bytes())?;
        gzip.finish()?;
    }
    Ok(())
}

/// Every file but this one, by its name below the folder.
fn read_all(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    let mut files = BTreeMap::new();
    for path in paths.iter().filter(|path| !path.ends_with("build.rs")) {
        let name = path.strip_prefix(folder)?.to_str().ok_or("an asset's name is not UTF-8")?;
        files.insert(name.to_owned(), fs::read_to_string(path)?);
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn version_of(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in files {
        hash.update(name);
        hash.update(content);
    }
    let hash = hash.finalize();
    format!("{:016x}", u64::from_be_bytes(*hash.first_chunk().expect("a hash is longer")))
}

/// The files as they are sent.
fn made(files: &BTreeMap<String, String>, place: &str) -> Result<BTreeMap<String, String>, Failure> {
    let of_kind = |kind: &'static str| files.iter().filter(move |(name, _)| name.ends_with(kind));
    let mut made = BTreeMap::new();
    let scripts: String = of_kind(".js").map(|(_, script)| script.as_str()).collect();
    for language in LANGUAGES {
        let catalogue = read_catalogue(&files[&format!("text/{language}.json")], language)?;
        for (name, page) in of_kind(".html") {
            let page = page.replace("{{assets}}", place);
            let name = name.replace(".html", &format!(".{language}.html"));
            made.insert(name, bare(&spoken(&page, &catalogue)?));
        }
        let said: BTreeMap<_, _> = catalogue.into_iter().filter(|(key, _)| is_said(key, &scripts)).collect();
        made.insert(format!("text/{language}.json"), serde_json::to_string(&said)?);
    }
    for (name, script) in of_kind(".js") {
        made.insert(name.clone(), bare(script));
    }
    let sheets: Vec<_> = of_kind(".css").map(|(_, sheet)| bare(sheet)).collect();
    made.insert("style.css".to_owned(), sheets.concat());
    for (name, content) in files {
        if [".svg", "openapi.json"].iter().any(|ending| name.ends_with(ending)) {
            made.insert(name.clone(), content.clone());
        }
    }
    Ok(made)
}

/// A catalogue as it is shown: set as print is, in that language.
fn read_catalogue(json: &str, language: &str) -> Result<BTreeMap<String, Value>, Failure> {
    let mut catalogue: BTreeMap<String, Value> = serde_json::from_str(json)?;
    let set = |text: &mut Value| {
        let plain = text.as_str().expect("a sentence is a text");
        *text = typeset::typeset(plain, language == "fr").into();
    };
    for sentence in catalogue.values_mut() {
        match sentence {
            Value::Object(forms) => forms.values_mut().for_each(set),
            plain => set(plain),
        }
    }
    Ok(catalogue)
}

/// Whether a script names the key, or the beginning of it before a gap.
fn is_said(key: &str, scripts: &str) -> bool {
    let named = |quote: char| scripts.contains(&format!("{quote}{key}{quote}"));
    let begun = |end: usize| scripts.contains(&format!("`{}${{", &key[..=end]));
    ['\'', '`'].into_iter().any(named) || key.match_indices(['.', '_']).any(|(end, _)| begun(end))
}

/// The page with its sentences.
fn spoken(page: &str, catalogue: &BTreeMap<String, Value>) -> Result<String, Failure> {
    const MARK: &str = " data-say";
    let mut text = String::with_capacity(page.len() * 2);
    let mut rest = page;
    // What is to stand behind the end of the element's first tag.
    let mut content = String::new();
    while let Some(next) = rest.find([' ', '>']) {
        text.push_str(&rest[..next]);
        rest = &rest[next..];
        if let Some(said) = rest.strip_prefix(MARK) {
            let (attribute, said) = said.split_once("=\"").ok_or("data-say without a key")?;
            let (key, after) = said.split_once('"').ok_or("data-say without an end")?;
            let sentence = catalogue.get(key).and_then(Value::as_str).ok_or(format!("no sentence {key}"))?;
            let sentence = sentence.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            match attribute.strip_prefix('-') {
                None => content = sentence,
                Some(attribute) => {
                    let attribute = if attribute == "label" { "aria-label" } else { attribute };
                    text.extend([" ", attribute, "=\"", &sentence, "\""]);
                }
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('>') {
            text.push('>');
            text.push_str(&std::mem::take(&mut content));
            rest = after;
        } else {
            text.push(' ');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    Ok(text)
}

/// Without indentation and without the lines that only comment, which are for who reads the
/// source: a comment begins and ends with a line.
fn bare(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut within = false;
    for line in source.lines().map(str::trim) {
        let begins = line.starts_with("/*") || line.starts_with("<!--");
        within |= begins;
        if !within && !line.is_empty() && !line.starts_with("//") {
            text.push_str(line);
            text.push('\n');
        }
        within &= !line.ends_with("*/") && !line.ends_with("-->");
    }
    text
}

//! Build script: puts the panel's files, compressed, where `http::panel` embeds them.
//!
//! Every file becomes `NAME.gz`; browsers ask for nothing better than gzip over
//! plain http. `{{assets}}` in a page becomes `/assets/VERSION`, VERSION being a
//! hash of all files, so that each may be cached for ever.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, error};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn error::Error>> {
    let source = Path::new("assets");
    println!("cargo:rerun-if-changed=assets");
    let mut files = Vec::new();
    collect(source, &mut files)?;
    files.retain(|file| !file.ends_with("build.rs"));
    files.sort();

    let mut hash = Sha256::new();
    for file in &files {
        hash.update(file.as_os_str().as_encoded_bytes());
        hash.update(fs::read(file)?);
    }
    let hash = hash.finalize();
    let version = format!("{:016x}", u64::from_be_bytes(hash[..8].try_into()?));
    println!("cargo:rustc-env=PANEL_ASSETS_VERSION={version}");

    let target = PathBuf::from(env::var("OUT_DIR")?).join("assets");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    for file in &files {
        let mut content = fs::read(file)?;
        if file.extension().is_some_and(|kind| kind == "html") {
            content = String::from_utf8(content)?.replace("{{assets}}", &format!("/assets/{version}")).into();
        }
        let name = file.strip_prefix(source)?.to_str().ok_or("an asset's name is not UTF-8")?;
        let place = target.join(format!("{name}.gz"));
        fs::create_dir_all(place.parent().ok_or("a file has a folder")?)?;
        let mut gzip = GzEncoder::new(File::create(place)?, Compression::best());
        gzip.write_all(&content)?;
        gzip.finish()?;
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

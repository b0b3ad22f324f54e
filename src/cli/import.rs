//! `import`: takes in an archive from elsewhere, as the panel does.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::jobs;
use crate::model::Sentence;
use crate::store::{Import, Store};
use crate::text::Language;

/// Bytes that are written to the card at once.
const PIECE: usize = 256 << 10;

/// `import`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive; - for standard input
    file: PathBuf,
    /// Read it to its end and say what it is worth; list nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists the archive under the name that it gives itself, once it was read to its end.
pub(super) fn import(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = setting.store()?;
    let copied = copy(&store, &args.file, language)?;
    let take_in = if args.dry_run { jobs::try_import } else { jobs::import };
    let imported = take_in(&store, &setting.config, copied).said(language)?;
    let warnings: Vec<_> = imported.warnings.iter().map(|warning| language.say(warning)).collect();
    if args.json {
        let told = json!({ "name": imported.name, "known": imported.known, "warnings": warnings });
        output::json(&told);
        return Ok(());
    }
    let sentence = Sentence::new(match (imported.known, args.dry_run) {
        (true, _) => "import.known",
        (false, true) => "import.would",
        (false, false) => "import.done",
    });
    output::line(&language.say(&sentence.with("name", &imported.name)));
    for warning in &warnings {
        output::line(&format!("! {warning}"));
    }
    Ok(())
}

fn copy(store: &Store, path: &Path, language: Language) -> Result<Import, Failed> {
    let failed = |error: io::Error| {
        let sentence = Sentence::new("import.unreadable").with("path", path.display());
        Failed::of(language, &sentence.with("reason", error))
    };
    let (mut file, length): (Box<dyn Read>, u64) = if path == Path::new("-") {
        (Box::new(io::stdin().lock()), 0)
    } else {
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        (Box::new(file), length)
    };
    let mut import = store.import(length).said(language)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(import),
            Ok(count) => import.write(&piece[..count]).said(language)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

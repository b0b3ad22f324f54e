//! `config check`, `config show` and `config units`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::output::{self, Failed};
use super::serve::open_door;
use super::setting::{self, Setting};
use crate::config::Config;
use crate::model::Sentence;
use crate::service::{self, DropIn};
use crate::store::Store;

/// `config`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name every problem with its file, line and key
    Check,
    /// Print what is in force and where each value comes from
    Show,
    /// Print what systemd's units must be told of this configuration, or write it to a folder
    /// of units, as the installed generator does at each boot and reload
    Units {
        /// The folder
        folder: Option<PathBuf>,
    },
}

pub(super) fn config(args: &Args, file: Option<&Path>) -> Result<(), Failed> {
    match &args.what {
        What::Units { folder } => units(&Setting::load(file)?, folder.as_deref()),
        What::Check => check(args.json, file),
        What::Show => {
            let config = Setting::load(file)?.config;
            let config = Store::of(&config.paths, setting::zone()).in_force(&config);
            if args.json {
                output::json(&config.to_json());
            } else {
                output::line(config.show().trim_end());
            }
            Ok(())
        }
    }
}

fn units(setting: &Setting, folder: Option<&Path>) -> Result<(), Failed> {
    for DropIn { path, text } in service::drop_ins(&setting.config) {
        let Some(folder) = folder else {
            output::line(&format!("# {}\n{text}", path.display()));
            continue;
        };
        let path = folder.join(path);
        write(&path, &text).map_err(|error| {
            let sentence = Sentence::new("config_units.not_written");
            Failed::of(setting.language, &sentence.with("path", path.display()).with("reason", error))
        })?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// Exit status 2 where something is wrong.
fn check(as_json: bool, file: Option<&Path>) -> Result<(), Failed> {
    if as_json {
        let language = setting::of_environment();
        let problems: Vec<Value> = match Config::load(file) {
            Ok(_) => Vec::new(),
            Err(error) => {
                let problem =
                    |(place, sentence)| json!({ "place": place, "message": language.say(&sentence) });
                error.sentences().into_iter().map(problem).collect()
            }
        };
        output::json(&json!({ "good": problems.is_empty(), "problems": problems }));
        return if problems.is_empty() { Ok(()) } else { Err(Failed::usage()) };
    }
    let setting = Setting::load(file)?;
    output::line(&setting.language.word("config_check.good"));
    if let Some(warning) = open_door(setting.config.http.listen, &setting) {
        output::line(&setting.language.say(&warning));
    }
    Ok(())
}

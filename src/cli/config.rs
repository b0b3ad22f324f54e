//! `config check` and `config show`.

use std::path::Path;

use serde_json::{Value, json};

use super::output::{self, Failed};
use super::setting::{self, Setting};
use crate::config::Config;
use crate::model::Sentence;

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
}

pub(super) fn config(args: &Args, file: Option<&Path>) -> Result<(), Failed> {
    match args.what {
        What::Check => check(args.json, file),
        What::Show => {
            let config = Setting::load(file)?.config;
            if args.json {
                output::json(&config.to_json());
            } else {
                output::line(config.show().trim_end());
            }
            Ok(())
        }
    }
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
    let address = setting.config.http.listen;
    if !address.ip().is_loopback() {
        let warning = Sentence::new("serve.no_password").with("address", address);
        output::line(&setting.language.say(&warning));
    }
    Ok(())
}

//! `config check` and `config show`.

use std::path::Path;

use super::output::{self, Failed};
use super::setting::Setting;
use crate::model::Sentence;

/// `config`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name every problem with its file, line and key
    Check,
    /// Print what is in force and where each value comes from
    Show,
}

pub(super) fn config(args: &Args, file: Option<&Path>) -> Result<(), Failed> {
    let setting = Setting::load(file)?;
    match args.what {
        What::Check => {
            output::line(&setting.language.word("config_check.good"));
            let address = setting.config.http.listen;
            if !address.ip().is_loopback() {
                let warning = Sentence::new("serve.no_password").with("address", address);
                output::line(&setting.language.say(&warning));
            }
        }
        What::Show => output::line(setting.config.show().trim_end()),
    }
    Ok(())
}

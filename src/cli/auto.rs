//! `auto`: whether a backup is made every night by itself.

use serde_json::json;

use super::output::{self, Failed, Said};
use super::runtime::runtime;
use super::serve::supervisor;
use super::setting::{self, Setting};
use crate::config::time_of_day;
use crate::http::ServeError;
use crate::model::{Sentence, time};
use crate::store::Store;
use crate::supervisor::{Automatic, Wish, is_systemd_manager};

/// `auto`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Turn it on or off, or set the hour: on, off, at HH:MM; without it, say what it is
    #[arg(value_name = "on|off|at")]
    wish: Option<String>,
    /// The hour, after "at"
    #[arg(value_name = "HH:MM")]
    hour: Option<String>,
    /// Say what would be changed; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// What is asked for; none where only what it is.
    fn wish(&self) -> Result<Option<Wish>, Sentence> {
        let usage = || Sentence::new("auto.usage");
        match (self.wish.as_deref(), self.hour.as_deref()) {
            (None, _) => Ok(None),
            (Some("at"), Some(hour)) => {
                time_of_day(hour).map(|at| Some(Wish::At(at))).map_err(|error| error.sentence())
            }
            (Some("at"), None) | (Some(_), Some(_)) => Err(usage()),
            (Some(wish), None) => wish.parse().map(Some).map_err(|_| usage()),
        }
    }
}

pub(super) fn auto(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let wish = args.wish().map_err(|sentence| Failed::of_usage(language, &sentence))?;
    let store = if is_systemd_manager(setting.config.schedule.manager) {
        // systemd is asked, and nothing of the store.
        Store::of(&setting.config.paths, setting::zone())
    } else if wish.is_some() && !args.dry_run {
        setting.store()?
    } else {
        setting.store_to_read()?
    };
    let supervisor = supervisor(setting, &store).map_err(ServeError::Runtime).said(language)?;
    let runtime = runtime().map_err(ServeError::Runtime).said(language)?;
    let automatic = runtime.block_on(async {
        match wish {
            None => supervisor.automatic().await,
            Some(wish) if args.dry_run => supervisor.foresee(wish).await,
            Some(wish) => supervisor.set_automatic(wish).await,
        }
    });
    tell(&automatic.said(language)?, args.json, setting);
    Ok(())
}

fn tell(automatic: &Automatic, as_json: bool, setting: &Setting) {
    let Automatic { enabled, active, next, at, .. } = automatic;
    let next = next.as_ref().map(time::as_systemd_writes);
    let at = at.map(time::hour);
    if as_json {
        output::json(&json!({ "enabled": enabled, "active": active, "nextRun": next, "at": at }));
        return;
    }
    let sentence = match next {
        _ if !enabled && *active => Sentence::new("auto.until_reboot"),
        _ if !enabled => Sentence::new("auto.off"),
        _ if !active => Sentence::new("auto.paused"),
        Some(next) => Sentence::new("auto.on").with("next", next),
        None => Sentence::new("auto.on_running"),
    };
    output::line(&setting.language.say(&sentence));
}

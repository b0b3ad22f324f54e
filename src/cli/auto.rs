//! `auto`: whether a backup is made every night by itself.

use serde_json::json;

use super::output::{self, Failed, Said};
use super::runtime::runtime;
use super::serve::supervisor;
use super::setting::{self, Setting};
use crate::http::ServeError;
use crate::model::{Sentence, time};
use crate::store::Store;
use crate::supervisor::{Automatic, is_systemd_manager};

/// `auto`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Turn it on or off; without it, say what it is
    state: Option<State>,
    /// Say what would be changed; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum State {
    On,
    Off,
}

pub(super) fn auto(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = if is_systemd_manager(setting.config.schedule.manager) {
        // systemd is asked, and nothing of the store.
        Store::of(&setting.config.paths, setting::zone())
    } else if args.state.is_some() && !args.dry_run {
        setting.store()?
    } else {
        setting.store_to_read()?
    };
    let supervisor = supervisor(setting, &store).map_err(ServeError::Runtime).said(language)?;
    let runtime = runtime().map_err(ServeError::Runtime).said(language)?;
    let automatic = runtime.block_on(async {
        match args.state {
            None => supervisor.automatic().await,
            Some(state) if args.dry_run => supervisor.foresee(state == State::On).await,
            Some(state) => supervisor.set_automatic(state == State::On).await,
        }
    });
    tell(&automatic.said(language)?, args.json, setting);
    Ok(())
}

fn tell(automatic: &Automatic, as_json: bool, setting: &Setting) {
    let Automatic { enabled, active, next, .. } = automatic;
    let next = next.as_ref().map(time::as_systemd_writes);
    if as_json {
        output::json(&json!({ "enabled": enabled, "active": active, "nextRun": next }));
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

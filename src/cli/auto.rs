//! `auto`: the nightly timer of machines without systemd.

use jiff::Timestamp;
use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::model::{Sentence, time};
use crate::supervisor;

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
    let changes = args.state.is_some() && !args.dry_run;
    let store = if changes { setting.store()? } else { setting.store_to_read()? };
    let now = Timestamp::now();
    let schedule = match args.state {
        Some(state) if !args.dry_run => {
            supervisor::switch_local(&store, state == State::On).said(language)?
        }
        Some(state) => {
            let mut schedule = store.schedule(now);
            schedule.enabled = state == State::On;
            schedule
        }
        None => store.schedule(now),
    };
    let now = now.to_zoned(store.zone().clone());
    let automatic = supervisor::automatic_of(schedule, setting.config.schedule.at, &now);
    let next = automatic.next.as_ref().map(time::as_systemd_writes);
    if args.json {
        output::json(&json!({ "enabled": automatic.enabled, "active": automatic.active, "nextRun": next }));
        return Ok(());
    }
    let sentence = match next {
        Some(next) => Sentence::new("auto.on").with("next", next),
        None => Sentence::new("auto.off"),
    };
    output::line(&language.say(&sentence));
    Ok(())
}

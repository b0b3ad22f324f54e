//! `run`: one backup, now.

use std::time::Duration;

use jiff::Timestamp;

use super::output::{self, Failed};
use super::progress::follow;
use super::setting::{self, Setting};
use crate::jobs::{self, Order};
use crate::model::{JobId, JobKind};
use crate::service;

/// A run that a timer starts may be one that the machine made up for while it booted. So
/// long it waits for a time server; a gym without a network gets its backup all the same.
const CLOCK_PATIENCE: Duration = Duration::from_mins(10);

/// `run`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Wait for a run that is going on, instead of failing
    #[arg(long)]
    wait: bool,
    /// Print the job's events as JSON lines
    #[arg(long)]
    json: bool,
    /// Say what would be saved and deleted; write nothing
    #[arg(long, conflicts_with = "json")]
    dry_run: bool,
    /// The job's id, where whoever started it has chosen one
    #[arg(long, hide = true)]
    job: Option<JobId>,
}

pub(super) fn run(args: Args, setting: &Setting) -> Result<(), Failed> {
    if args.dry_run {
        return preview(setting);
    }
    follow(args.json, setting.language, |told| {
        super::restoring::go_back_here(setting);
        let of_unit =
            || service::invocation().map(|chance| JobId::new(JobKind::Backup, Timestamp::now(), chance));
        let id = args.job.or_else(of_unit).unwrap_or_else(|| jobs::new_id(JobKind::Backup));
        let clock = service::by_timer().then_some(CLOCK_PATIENCE);
        let order = Order { id, language: setting.language, zone: setting::zone(), wait: args.wait, clock };
        jobs::backup(&setting.config, order, told)
    })
}

/// What a backup now would save, and what it would let go.
fn preview(setting: &Setting) -> Result<(), Failed> {
    for file in &setting.config.files {
        output::line(&format!("{} <- {}", file.member, file.path.display()));
    }
    for inventory in &setting.config.inventories {
        output::line(&format!("{} <- {}/", inventory.member, inventory.path.display()));
    }
    super::prune::plan(setting, false)
}

//! `prune`: lets retention have its way now.

use jiff::Timestamp;
use serde_json::json;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::config::Retention;
use crate::jobs;
use crate::model::Sentence;
use crate::store::retention::Verdict;
use crate::text::Language;

/// `prune`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print each archive's verdict and reason; delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn prune(args: &Args, setting: &Setting) -> Result<(), Failed> {
    if args.dry_run {
        return plan(setting, args.json);
    }
    let language = setting.language;
    let store = setting.store()?;
    jobs::reconcile(&store, &setting.config, &mut |_, _| ()).said(language)?;
    let (trust, reading) = jobs::judge_clock(&store);
    if !trust.is_trusted() {
        return Err(Failed::of(language, &Sentence::new(&format!("run.clock_{}", trust.code()))));
    }
    let pruned = store.lock().and_then(|held| {
        let policy = store.retention_to_delete_by(&setting.config)?;
        Ok((store.prune(&policy, reading.wall, &held)?, policy))
    });
    let (pruned, policy) = pruned.said(language)?;
    print(&pruned.verdicts, &policy, language, args.json);
    Ok(())
}

/// Prints what a prune would do now.
pub(super) fn plan(setting: &Setting, as_json: bool) -> Result<(), Failed> {
    let store = setting.store_to_read()?;
    let policy = store.retention_to_delete_by(&setting.config).said(setting.language)?;
    let plan = store.plan_prune(&policy, Timestamp::now()).said(setting.language)?;
    print(&plan, &policy, setting.language, as_json);
    let (trust, _) = jobs::judge_clock(&store);
    if !trust.is_trusted() {
        let sentence = Sentence::new(&format!("run.clock_{}", trust.code()));
        output::remark(&setting.language.say(&sentence));
    }
    Ok(())
}

/// A verdict and its reason a line.
fn print(verdicts: &[Verdict], policy: &Retention, language: Language, as_json: bool) {
    let reason = |verdict: &Verdict| language.say(&verdict.sentence(policy));
    if as_json {
        let row = |verdict: &Verdict| json!({ "name": verdict.name, "keep": verdict.keeps(), "reason": reason(verdict) });
        output::json(&verdicts.iter().map(row).collect::<Vec<_>>());
    } else {
        for verdict in verdicts {
            output::line(&format!("{}  {}", verdict.name, reason(verdict)));
        }
    }
}

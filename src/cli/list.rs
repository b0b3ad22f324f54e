//! `list`: the archives, newest first.

use clap::value_parser;
use jiff::Timestamp;

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::listing::{LARGEST_PAGE, Listing, Only, Page, Wanted, Words};
use crate::model::{Sentence, size_in_words};

/// `list`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of which every one of these words is said: a day, an hour, a state, in French or English
    #[arg(long, value_name = "WORDS")]
    search: Option<Words>,
    /// Only those of one kind
    #[arg(long, value_name = "KIND")]
    only: Option<Kind>,
    /// At most so many (1 to 500), the newest
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=i64::from(LARGEST_PAGE)))]
    limit: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// They agree with their manifests
    Verified,
    /// Damaged, not read back yet, or could not be put back in a rehearsal
    Doubtful,
    /// A person asked to keep them
    Pinned,
}

impl From<Kind> for Only {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Verified => Self::Verified,
            Kind::Doubtful => Self::Doubtful,
            Kind::Pinned => Self::Pinned,
        }
    }
}

pub(super) fn list(args: Args, setting: &Setting) -> Result<(), Failed> {
    let language = setting.language;
    let store = setting.store_to_read()?;
    let now = Timestamp::now();
    let judged = store.judged(&store.in_force(&setting.config).retention, now).said(language)?;
    let is_part = args.search.is_some() || args.only.is_some() || args.limit.is_some();
    let wanted = Wanted { words: args.search.unwrap_or_default(), only: args.only.map(Only::from) };
    let page = Page { limit: args.limit.map(usize::from), ..Page::default() };
    let listing = Listing::of(&judged, &wanted, page, now, store.zone(), language);
    if args.json {
        output::json(&listing);
        return Ok(());
    }
    for view in listing.backups.iter().map(|listed| &listed.view) {
        let state = language.word(&format!("verification.{}", view.verification));
        let pin = if view.pinned { language.word("list.pinned") } else { String::new() };
        let problem = view.problem.as_deref().unwrap_or_default();
        let row = format!("{}  {:>9}  {:>10}  {state} {pin} {problem}", view.name, view.size, view.age);
        output::line(row.trim_end());
    }
    let sum = if is_part {
        Sentence::new("list.matching")
            .with("matching", listing.matching)
            .with("total", listing.total)
            .with("shown", listing.backups.len())
    } else {
        let size = size_in_words(listing.total_size);
        Sentence::new("list.total").with("count", listing.total).with("size", size)
    };
    output::line(&language.say(&sum));
    Ok(())
}

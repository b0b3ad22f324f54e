//! `show`: what an archive holds, read from the archive itself.

use std::io::Read;

use serde_json::{Value, json};

use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::archive::{self, Limits, ReadBack, ReadError, TarMember, Visit};
use crate::model::{ArchiveName, Member, Sentence, escape::escape, size_in_words};
use crate::store::{Store, StoreError};
use crate::text::Language;

/// Members that are printed; a copied film library has more than anyone reads.
const MOST: usize = 1000;

/// `show`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive
    name: ArchiveName,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Seen {
    members: Vec<TarMember>,
    listed: Vec<Member>,
}

impl Visit for Seen {
    fn member(&mut self, member: &TarMember, _: &mut dyn Read) -> Result<(), ReadError> {
        if self.members.len() < MOST {
            self.members.push(member.clone());
        }
        Ok(())
    }

    fn listed(&mut self, member: &Member) {
        if self.listed.len() < MOST {
            self.listed.push(member.clone());
        }
    }
}

pub(super) fn show(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let store = setting.store_to_read()?;
    let mut seen = Seen::default();
    let back = read(&store, &args.name, &mut seen, setting.language)?;
    if args.json {
        output::json(&as_json(&args.name, &back, &seen));
    } else {
        print(&back, &seen, setting.language);
    }
    Ok(())
}

fn read(store: &Store, name: &ArchiveName, seen: &mut Seen, language: Language) -> Result<ReadBack, Failed> {
    let file = store.open_archive(name).said(language)?;
    archive::read(&file, Limits::STORED, seen).map_err(|error| {
        let sentence = match error {
            ReadError::Io(error) => StoreError::of("read", store.directory(), error).sentence(),
            ReadError::Damaged(damage) => {
                Sentence::new("show.damaged").with("name", name).with_sentence("reason", damage.sentence())
            }
        };
        Failed::of(language, &sentence)
    })
}

fn as_json(name: &ArchiveName, back: &ReadBack, seen: &Seen) -> Value {
    let head = back.manifest.as_ref().map(|(head, _)| head);
    let plain = |member: &TarMember| json!({ "member": escape(&member.name), "size": member.size });
    let members: Vec<Value> = match head {
        Some(_) => seen.listed.iter().map(|member| json!(member)).collect(),
        None => seen.members.iter().map(plain).collect(),
    };
    json!({
        "name": name,
        "verification": if head.is_some() { "verified" } else { "readable" },
        "manifest": head,
        "count": back.members,
        "bytes": back.bytes,
        "members": members,
    })
}

fn print(back: &ReadBack, seen: &Seen, language: Language) {
    match &back.manifest {
        Some((head, _)) => {
            output::line(&format!("{} · {} · {}", head.program, head.host, head.created));
            head.warnings.iter().for_each(|warning| output::line(&format!("! {warning}")));
        }
        None => output::line(&language.word("show.no_manifest")),
    }
    for member in &seen.members {
        let (size, name) = (size_in_words(member.size), escape(&member.name));
        output::line(&format!("{:04o} {size:>10}  {name}", member.mode));
    }
    if back.members > seen.members.len() {
        let more = Sentence::new("show.more").with("count", back.members - seen.members.len());
        output::line(&language.say(&more));
    }
}

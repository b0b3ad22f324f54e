//! `passwd`: the club's password and the code of the first use, for whoever is on the
//! machine itself.

use std::io::{self, BufRead, IsTerminal, Read};

use serde_json::json;

use super::code_file::CodeFile;
use super::door::{door, failed, to_change};
use super::output::{self, Failed, Said};
use super::setting::Setting;
use crate::access::{Access, Actor, Deed, Entry, Moment, Outcome};
use crate::config::Tls;
use crate::http::fingerprint_of;
use crate::model::Sentence;

/// Bytes that are read of a password which is piped in.
const LONGEST_LINE: u64 = 4096;

/// `passwd`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show the code with which the panel is claimed at its first use; makes one where there is none
    #[arg(long)]
    code: bool,
    /// Say what would be changed; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long, requires = "code")]
    json: bool,
}

pub(super) fn passwd(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let door = door(setting)?;
    if args.code {
        return code(args, &door, setting);
    }
    let new = ask(setting)?;
    door.judge(&new).map_err(|error| failed(setting, &error))?;
    if args.dry_run {
        tell(args, setting, "passwd.would", None);
        return Ok(());
    }
    // It opens nothing once there is a password; only root may remove it.
    CodeFile::of(setting).remove();
    to_change(&door, setting)?;
    door.reset_password(&new, Moment::now()).map_err(|error| failed(setting, &error))?;
    door.trail().note(&Entry::new(Actor::CommandLine, None, Deed::Password, Outcome::Done));
    tell(args, setting, "passwd.done", None);
    Ok(())
}

/// The new password: twice from a terminal, which does not show it, and once from a pipe.
fn ask(setting: &Setting) -> Result<String, Failed> {
    let language = setting.language;
    let unread =
        |error: io::Error| Failed::of(language, &Sentence::new("passwd.unread").with("reason", error));
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().lock().take(LONGEST_LINE).read_line(&mut line).map_err(unread)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let prompt = |key| rpassword::prompt_password(language.word(key) + " ").map_err(unread);
    let new = prompt("passwd.new")?;
    if new == prompt("passwd.again")? {
        Ok(new)
    } else {
        Err(Failed::of(language, &Sentence::new("passwd.differ")))
    }
}

/// Shows the code: the one that is kept for root where it is still the right one, else a new
/// one. The door itself knows a hash only.
fn code(args: &Args, door: &Access, setting: &Setting) -> Result<(), Failed> {
    let refused = |error| failed(setting, &error);
    let file = CodeFile::of(setting);
    if door.is_claimed().map_err(refused)? {
        if !args.dry_run {
            file.remove();
        }
        tell(args, setting, "passwd.claimed", None);
        return Ok(());
    }
    let kept = file.read();
    if let Some(kept) = kept.filter(|code| door.is_code(code).unwrap_or(false)) {
        tell(args, setting, "passwd.code", Some(&kept));
        return Ok(());
    }
    if args.dry_run {
        tell(args, setting, "passwd.would_make_code", None);
        return Ok(());
    }
    let code = Access::new_code().map_err(refused)?;
    // Before root steps down; a cut between the two is healed by the next call.
    file.write(&code).said(setting.language)?;
    to_change(door, setting)?;
    door.set_code(&code).map_err(refused)?;
    tracing::warn!("{}", setting.language.say(&Sentence::new("serve.first_use").with("code", &code)));
    tell(args, setting, "passwd.code", Some(&code));
    Ok(())
}

fn tell(args: &Args, setting: &Setting, key: &str, code: Option<&str>) {
    // What a browser shows of the program's own certificate, to be compared by a person.
    let own = args.code && setting.config.tls == Tls::SelfSigned;
    let fingerprint = own.then(|| fingerprint_of(&setting.config.paths.state)).flatten();
    if args.json {
        let claimed = key == "passwd.claimed";
        output::json(&json!({ "claimed": claimed, "code": code, "fingerprint": fingerprint }));
        return;
    }
    output::line(&setting.language.say(&Sentence::new(key).with("code", code.unwrap_or(""))));
    if let Some(fingerprint) = fingerprint {
        let sentence = Sentence::new("passwd.fingerprint").with("fingerprint", fingerprint);
        output::line(&setting.language.say(&sentence));
    }
}

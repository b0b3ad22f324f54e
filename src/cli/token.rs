//! `token`: what scripts show to the API.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;

use super::door::{door, failed, to_change};
use super::output::{self, Failed};
use super::setting::{Setting, zone};
use crate::access::{Access, AccessError, Actor, Deed, Entry, Moment, Outcome, Scope, TokenView};
use crate::model::{Sentence, time};

/// `token`'s arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// Say what would be changed; change nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a token; it is shown this once
    Add {
        /// Letters, digits, `.`, `_` and `-`, at most 40
        name: String,
        /// What it is good for
        #[arg(long)]
        scope: ScopeName,
        /// Its last day (2027-06-30) or how many days it lives (90d); for ever without
        #[arg(long, value_name = "DATE|DAYSd", value_parser = expiry)]
        expires: Option<Expiry>,
    },
    /// List the tokens
    List,
    /// Revoke a token, at once
    Revoke {
        /// Its name
        name: String,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ScopeName {
    /// List, status, jobs
    Read,
    /// The same, and making backups
    Create,
    /// As read, and downloading archives
    Download,
    /// Everything but passwords, sessions and tokens
    Admin,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Create => Self::Create,
            ScopeName::Download => Self::Download,
            ScopeName::Admin => Self::Admin,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Expiry {
    Days(u16),
    On(Date),
}

fn expiry(text: &str) -> Result<Expiry, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).map(Expiry::Days);
    days.or_else(|| text.parse().ok().map(Expiry::On)).ok_or_else(|| "write 90d or 2027-06-30".to_owned())
}

/// The moment at which it ends: that of the day behind its last, by this machine's zone.
fn end(expiry: Expiry, now: Moment) -> Option<Timestamp> {
    match expiry {
        Expiry::Days(days) => now.wall.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok(),
        Expiry::On(date) => Some(date.checked_add(1.day()).ok()?.to_zoned(zone()).ok()?.timestamp()),
    }
}

pub(super) fn token(args: &Args, setting: &Setting) -> Result<(), Failed> {
    let door = door(setting)?;
    match &args.what {
        What::List => list(args, &door, setting),
        What::Add { name, scope, expires } => add(args, &door, setting, name, (*scope).into(), *expires),
        What::Revoke { name } => revoke(args, &door, setting, name),
    }
}

fn add(
    args: &Args,
    door: &Access,
    setting: &Setting,
    name: &str,
    scope: Scope,
    expires: Option<Expiry>,
) -> Result<(), Failed> {
    let refused = |error| failed(setting, &error);
    let now = Moment::now();
    let expires =
        expires.map(|expiry| end(expiry, now).ok_or(AccessError::BadExpiry)).transpose().map_err(refused)?;
    let sentence = |key: &str| Sentence::new(key).with("name", name).with("scope", scope.code());
    if args.dry_run {
        door.foresee_token(name, scope, expires, now).map_err(refused)?;
        if args.json {
            output::json(&json!({ "name": name, "scope": scope, "expires": expires, "token": null }));
        } else {
            output::line(&setting.language.say(&sentence("token.would_add")));
        }
        return Ok(());
    }
    to_change(door, setting)?;
    let token = door.add_token(name, scope, expires, now).map_err(refused)?;
    note(door, Deed::TokenAdd, name);
    if args.json {
        output::json(&json!({ "name": name, "scope": scope, "expires": expires, "token": token }));
    } else {
        // Alone on standard output, for whoever pipes it on.
        output::remark(&setting.language.say(&sentence("token.added")));
        output::line(&token);
    }
    Ok(())
}

fn revoke(args: &Args, door: &Access, setting: &Setting, name: &str) -> Result<(), Failed> {
    let refused = |error| failed(setting, &error);
    let tell = |key: &str, revoked: bool| {
        if args.json {
            output::json(&json!({ "name": name, "revoked": revoked }));
        } else {
            output::line(&setting.language.say(&Sentence::new(key).with("name", name)));
        }
    };
    if args.dry_run {
        let tokens = door.tokens(Moment::now()).map_err(refused)?;
        if !tokens.iter().any(|token| token.name == name) {
            return Err(refused(AccessError::NoToken { name: name.to_owned() }));
        }
        tell("token.would_revoke", false);
        return Ok(());
    }
    to_change(door, setting)?;
    door.revoke_token(name).map_err(refused)?;
    note(door, Deed::TokenRevoke, name);
    tell("token.revoked", true);
    Ok(())
}

fn note(door: &Access, deed: Deed, name: &str) {
    door.trail().note(&Entry::new(Actor::CommandLine, None, deed, Outcome::Done).to(Some(name)));
}

fn list(args: &Args, door: &Access, setting: &Setting) -> Result<(), Failed> {
    let tokens = door.tokens(Moment::now()).map_err(|error| failed(setting, &error))?;
    if args.json {
        output::json(&tokens);
        return Ok(());
    }
    if tokens.is_empty() {
        output::line(&setting.language.word("token.none"));
    }
    for token in tokens {
        output::line(&row(&token, setting));
    }
    Ok(())
}

/// `nas  download  used 2026-11-25 09:00:00 from 192.168.1.7  until 2027-06-30 00:00:00`
fn row(token: &TokenView, setting: &Setting) -> String {
    let TokenView { name, scope, expires, expired, used, address, .. } = token;
    let local = |moment: &Timestamp| time::local_for_people(&moment.to_zoned(zone()));
    let say = |sentence: Sentence| setting.language.say(&sentence);
    let use_ = match used {
        Some(used) => Sentence::new("token.used")
            .with("when", local(used))
            .with("address", address.as_deref().unwrap_or("?")),
        None => Sentence::new("token.unused"),
    };
    let end = match expires {
        Some(end) if *expired => Sentence::new("token.expired").with("when", local(end)),
        Some(end) => Sentence::new("token.until").with("when", local(end)),
        None => Sentence::new("token.for_ever"),
    };
    format!("{name}  {}  {}  {}", scope.code(), say(use_), say(end))
}

//! Every route, for everybody, from everywhere: what the document says is needed is what
//! the server asks for. A route without a rule fails here.

use std::fmt;

use serde_json::Value;

use crate::document::DOCUMENT;
use crate::guest::Guest;
use crate::panel::{NAME, Panel};
use crate::support::{Club, planted};

/// What a caller may do.
#[derive(Clone, Copy, PartialEq)]
enum Rights {
    /// These, and what needs nothing.
    Some(&'static [&'static str]),
    /// None: a secret that is no good, which is said even where less would do.
    BadToken,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    OwnPage,
    ForeignPage,
    NoPage,
    ForeignHost,
}

const EVERYWHERE: [From; 4] = [From::OwnPage, From::ForeignPage, From::NoPage, From::ForeignHost];
const ALL: &[&str] = &["read", "look", "create", "download", "admin", "person"];

struct Caller {
    name: &'static str,
    guest: Guest,
    rights: Rights,
    /// What he lacks is told by this code where he is not known.
    unknown: &'static str,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn caller(name: &'static str, guest: Guest, rights: &'static [&'static str]) -> Caller {
    Caller { name, guest, rights: Rights::Some(rights), unknown: "sign_in_needed" }
}

fn bad(name: &'static str, guest: Guest) -> Caller {
    Caller { name, guest, rights: Rights::BadToken, unknown: "bad_token" }
}

/// Method, path with its gaps filled by what does not exist, and what it needs.
fn operations() -> Vec<(String, String, String)> {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let id = if path.contains("/jobs/") { "backup-000000000000-00000000" } else { "none" };
        let name = if path.contains("/tokens/") { "none" } else { NAME };
        let address = path.replace("{id}", id).replace("{name}", name).replace("{member}", "none");
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            let need = operation["x-needs"].as_str();
            let need = need.unwrap_or_else(|| panic!("{method} {path} has no rule"));
            operations.push((method.to_uppercase(), address.clone(), need.to_owned()));
        }
    }
    operations
}

/// The status and code of a refusal that must come; none where the request must pass.
fn refusal(caller: &Caller, method: &str, need: &str, from: From) -> Option<(u16, String)> {
    let told = |status, code: &str| Some((status, code.to_owned()));
    let shows = |name: &str| format!("{:?}", caller.guest).contains(name);
    if from == From::ForeignHost {
        return told(421, "foreign_host");
    }
    if method != "GET" && !shows("Authorization") {
        match from {
            From::ForeignPage => return told(403, "foreign_origin"),
            From::NoPage if shows("neopro_session") => return told(403, "origin_missing"),
            _ => {}
        }
    }
    match caller.rights {
        _ if need == "nothing" => None,
        Rights::BadToken => told(401, "bad_token"),
        Rights::Some(rights) if rights.contains(&need) => None,
        Rights::Some(_) if shows("Authorization") => told(403, "not_allowed"),
        Rights::Some(_) => told(401, caller.unknown),
    }
}

fn from(guest: &Guest, panel: &Panel, from: From) -> Guest {
    match from {
        From::OwnPage => guest.on_page(panel),
        From::ForeignPage => guest.with("Origin", "http://evil.example"),
        From::NoPage => guest.clone(),
        From::ForeignHost => guest.with("Host", "evil.example"),
    }
}

/// Asks everything for one caller. What passes finds nothing to do: an archive that does not
/// exist, a body that is missing, a run that is going on.
fn check(panel: &Panel, caller: &Caller) -> usize {
    let mut asked = 0;
    let _running = panel.club.hold("run.lock");
    for (method, path, need) in operations() {
        for place in EVERYWHERE {
            let refusal = refusal(caller, &method, &need, place);
            // Signing out would end what the others need; it is tried for itself elsewhere.
            let is_out = (method.as_str(), path.as_str()) == ("DELETE", "/api/access/session");
            if is_out && refusal.is_none() && caller.rights == Rights::Some(ALL) {
                continue;
            }
            let told = from(&caller.guest, panel, place).knock(panel, &method, &path);
            let case = format!("{caller}, {place:?}: {method} {path} needs {need}: {told:?}");
            match refusal {
                Some(refusal) => assert_eq!(told, refusal, "{case}"),
                None => assert!(![401, 403, 421].contains(&told.0), "{case}"),
            }
            asked += 1;
        }
    }
    asked
}

#[test]
fn everybody_may_do_what_the_document_says_before_the_claim() {
    let panel = Panel::of(Club::guarded(""));
    let before = caller("nobody before the claim", Guest::nobody(), &["read", "create"]);
    let strange = Guest::cookies("neopro_session=0123456789abcdef");
    let mut asked = 0;
    for caller in [before, caller("a session of elsewhere before the claim", strange, &["read", "create"])] {
        asked += check(&panel, &Caller { unknown: "not_claimed", ..caller });
    }
    assert!(asked > 150, "{asked}");
}

#[test]
fn everybody_may_do_what_the_document_says_after_the_claim() {
    let panel = Panel::guarded();
    let session = panel.signed_in(planted::PASSWORD);
    let ended = panel.signed_in(planted::PASSWORD);
    assert_eq!(ended.on_page(&panel).ask(&panel, "DELETE", "/api/access/session", "").status, 200);
    let revoked = panel.token("revoked", "admin", &[]);
    assert!(panel.club.run(&["token", "revoke", "revoked"]).status.success());
    let callers = [
        caller("nobody", Guest::nobody(), &[]),
        caller("a session", session, ALL),
        caller("a session that has ended", ended, &[]),
        caller("an invented session", Guest::cookies(&format!("neopro_session={}", "a".repeat(64))), &[]),
        caller("a read token", panel.token("r", "read", &[]), &["read", "look"]),
        caller("a create token", panel.token("c", "create", &[]), &["read", "look", "create"]),
        caller("a download token", panel.token("d", "download", &[]), &["read", "look", "download"]),
        caller("an admin token", panel.token("a", "admin", &[]), &ALL[..5]),
        bad("an expired token", expired(&panel)),
        bad("a revoked token", revoked),
        bad("an invented token", Guest::token("neopro_invented")),
        bad("an empty token", Guest::token("")),
    ];
    let asked: usize = callers.iter().map(|caller| check(&panel, caller)).sum();
    assert!(asked > 1000, "{asked}");
}

#[test]
fn everybody_may_do_what_the_document_says_where_the_door_is_open() {
    let panel = Panel::new();
    check(&panel, &caller("nobody, open", Guest::nobody(), &ALL[..5]));
    check(&panel, &bad("an invented token, open", Guest::token("neopro_invented")));
    check(&panel, &caller("a read token, open", panel.token("r", "read", &[]), &["read", "look"]));
}

/// A token whose end is put into the past.
fn expired(panel: &Panel) -> Guest {
    let guest = panel.token("expired", "admin", &["--expires", "1d"]);
    let file = panel.club.path("state/access/access.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let tokens = kept["tokens"].as_array_mut().unwrap();
    let token = tokens.iter_mut().find(|token| token["name"] == "expired").unwrap();
    token["expires"] = "2000-01-01T00:00:00Z".into();
    std::fs::write(&file, kept.to_string()).unwrap();
    guest
}

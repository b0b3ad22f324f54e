//! Every route of the API, who may call it, and what the trail of access says of it. Pure.

use axum::http::Method;

use crate::access::{Deed, Need};

/// Who may call a route by a method, and what the trail of access says of it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// In lower case, as the API's document has it.
    pub method: &'static str,
    /// What it asks of the caller.
    pub need: Need,
    /// What is done by it; none where nothing is changed or given away.
    pub deed: Option<Deed>,
}

const fn see(method: &'static str, need: Need) -> Rule {
    Rule { method, need, deed: None }
}

const fn act(method: &'static str, need: Need, deed: Deed) -> Rule {
    Rule { method, need, deed: Some(deed) }
}

/// The one route whose bodies are archives, and have a limit of their own.
pub(super) const IMPORT: &str = "/api/backups/import";

/// The page for browsers that run no scripts, and where its forms are sent.
pub(super) const PLAIN: &str = "/plain";

/// Every route of the API with its rules, as the API's document must have it.
pub const ROUTES: &[(&str, &[Rule])] = &[
    ("/api/backups", &[see("get", Need::Read)]),
    ("/api/backups/create", &[act("post", Need::Create, Deed::Create)]),
    ("/api/backups/download/{name}", &[act("get", Need::Download, Deed::Download)]),
    ("/api/backups/auto-status", &[see("get", Need::Read)]),
    ("/api/backups/auto-toggle", &[act("post", Need::Admin, Deed::Toggle)]),
    (IMPORT, &[act("post", Need::Admin, Deed::Import)]),
    ("/api/backups/{name}", &[see("get", Need::Look), act("delete", Need::Admin, Deed::Delete)]),
    ("/api/backups/{name}/diff", &[see("get", Need::Look)]),
    ("/api/backups/{name}/files/{member}", &[see("get", Need::Look)]),
    ("/api/backups/{name}/files/{member}/raw", &[act("get", Need::Download, Deed::Download)]),
    ("/api/backups/{name}/restore", &[act("post", Need::Admin, Deed::Restore)]),
    (
        "/api/backups/{name}/pin",
        &[act("put", Need::Admin, Deed::Pin), act("delete", Need::Admin, Deed::Unpin)],
    ),
    ("/api/backups/{name}/verify", &[see("post", Need::Admin)]),
    ("/api/restore", &[see("get", Need::Read)]),
    ("/api/restore/undo", &[act("post", Need::Admin, Deed::Undo)]),
    ("/api/sheet", &[see("get", Need::Look)]),
    ("/api/status", &[see("get", Need::Read)]),
    ("/api/journal", &[see("get", Need::Read)]),
    ("/api/journal/download", &[see("get", Need::Read)]),
    ("/api/retention", &[see("get", Need::Read), act("put", Need::Admin, Deed::Retention)]),
    ("/api/schedule", &[see("get", Need::Read), act("put", Need::Admin, Deed::Schedule)]),
    ("/api/jobs", &[see("get", Need::Read)]),
    ("/api/jobs/{id}", &[see("get", Need::Read)]),
    ("/api/jobs/{id}/events", &[see("get", Need::Read)]),
    ("/api/events", &[see("get", Need::Read)]),
    ("/api/access", &[see("get", Need::Nothing)]),
    ("/api/access/setup", &[act("post", Need::Nothing, Deed::SetUp)]),
    (
        "/api/access/session",
        &[act("post", Need::Nothing, Deed::SignIn), act("delete", Need::Nothing, Deed::SignOut)],
    ),
    ("/api/access/password", &[act("put", Need::Person, Deed::Password)]),
    ("/api/access/sessions", &[see("get", Need::Person)]),
    ("/api/access/sessions/{id}", &[act("delete", Need::Person, Deed::SessionEnd)]),
    ("/api/access/tokens", &[see("get", Need::Person), act("post", Need::Person, Deed::TokenAdd)]),
    ("/api/access/tokens/{name}", &[act("delete", Need::Person, Deed::TokenRevoke)]),
    ("/api/access/audit", &[see("get", Need::Admin)]),
    ("/api/health", &[see("get", Need::Nothing)]),
    ("/api/openapi.json", &[see("get", Need::Nothing)]),
];

/// The rule of this route for this method; none where the route has no such method.
pub(super) fn rule(template: &str, method: &Method) -> Option<Rule> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let (_, rules) = ROUTES.iter().find(|(path, _)| *path == template)?;
    rules.iter().find(|rule| rule.method.eq_ignore_ascii_case(method.as_str())).copied()
}

/// What was acted on, where the path does not say it; a handler's answer carries it to the
/// trail.
#[derive(Clone)]
pub(super) struct Object(pub(super) String);

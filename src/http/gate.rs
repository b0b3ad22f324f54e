//! Who calls, and whether he may: every route of the API has a rule, and none is reached
//! without passing here. What is done is noted in the trail of access.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::error::ApiError;
use super::presented::presented;
use super::remote::Remote;
use super::rules::{Object, Rule, rule};
use crate::access::{AccessError, Actor, Deed, Entry, Moment, Need, Outcome, Presented, Who};

/// Whoever asks for a page.
pub(super) struct Visitor {
    /// What he has shown.
    pub(super) who: Who,
    rights: Vec<Need>,
    /// Whether the club has chosen its password.
    pub(super) is_claimed: bool,
    /// Whether nobody is asked for one.
    pub(super) is_open: bool,
}

impl Visitor {
    /// Whether he may do what needs this.
    pub(super) fn may(&self, need: Need) -> bool {
        self.rights.contains(&need)
    }
}

/// Lets a request pass to its handler or answers it.
pub(super) async fn gate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let rule = template.as_deref().and_then(|path| rule(path, request.method()));
    // The page, its files, addresses that do not exist and methods that a route lacks.
    let Some(rule) = rule else { return next.run(request).await };
    let Remote { address, secure, .. } = remote(&request);
    let shown = presented(request.headers(), secure);
    let who = match app.enter(shown, rule.need, address.to_string()).await {
        Ok(who) => who,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let object = template.and_then(|template| named(&template, request.uri().path()));
    request.extensions_mut().insert(who.clone());
    let Rule { deed: Some(deed), .. } = rule else { return next.run(request).await };
    // Who is not signed in and signs out has done nothing; and could fill the trail with it.
    let is_idle = deed == Deed::SignOut && !matches!(who, Who::Session { .. });
    if is_idle || *request.method() == Method::HEAD {
        return next.run(request).await;
    }
    let doing = async move {
        let response = next.run(request).await;
        if let Some(outcome) = outcome(response.status(), deed) {
            let done_by = response.extensions().get::<Who>().unwrap_or(&who);
            let object = response.extensions().get::<Object>().map(|object| object.0.clone()).or(object);
            let entry = Entry::new(Actor::from(done_by), Some(address), deed, outcome).to(object.as_deref());
            app.note(entry).await;
        }
        response
    };
    if deed == Deed::Download {
        return doing.await;
    }
    // Goes on when the caller hangs up: what is done is done to its end, and noted.
    match tokio::spawn(doing).await {
        Ok(response) => response,
        Err(_) => ApiError::internal().into_response(),
    }
}

/// Where the request comes from, as the guard before this gate has found.
fn remote(request: &Request) -> Remote {
    request.extensions().get::<Remote>().cloned().expect("the guard stands before the gate")
}

/// What the gap of the route's path holds.
fn named(template: &str, path: &str) -> Option<String> {
    let mut pairs = template.split('/').zip(path.split('/'));
    pairs.find(|(part, _)| part.starts_with('{')).map(|(_, piece)| piece.to_owned())
}

/// What the trail says of such an answer; none for what was not even tried.
pub(super) fn outcome(status: StatusCode, deed: Deed) -> Option<Outcome> {
    let of_secret = matches!(deed, Deed::SetUp | Deed::SignIn | Deed::Password);
    match status {
        // Nothing was given away; nothing was even tried.
        StatusCode::NOT_MODIFIED | StatusCode::BAD_REQUEST => None,
        StatusCode::TOO_MANY_REQUESTS => of_secret.then_some(Outcome::Throttled),
        StatusCode::UNAUTHORIZED if of_secret => Some(Outcome::Failed),
        _ if of_secret && status.is_client_error() => None,
        _ if status.is_success() => Some(Outcome::Done),
        _ => Some(Outcome::Failed),
    }
}

impl App {
    /// What whoever asks for a page may do, and how the door stands.
    ///
    /// # Errors
    /// As the access file's reader.
    pub(super) async fn visitor(
        self: &Arc<Self>,
        headers: &HeaderMap,
        remote: &Remote,
    ) -> Result<Visitor, ApiError> {
        let shown = presented(headers, remote.secure);
        let who = self.enter(shown, Need::Nothing, remote.address.to_string()).await?;
        self.access(move |access| {
            let (rights, is_claimed) = (access.rights(&who)?, access.is_claimed()?);
            Ok(Visitor { who, rights, is_claimed, is_open: access.is_open() })
        })
        .await
    }

    /// Who shows this, if he may pass.
    async fn enter(
        self: &Arc<Self>,
        shown: Presented,
        need: Need,
        address: String,
    ) -> Result<Who, AccessError> {
        let asks_nothing = need == Need::Nothing || self.access.is_open() && need != Need::Person;
        if shown == Presented::Nothing && asks_nothing {
            return Ok(Who::Nobody);
        }
        self.off_runtime(move |app| {
            let now = Moment::now();
            let who = match (app.access.identify(&shown, now), need) {
                // A page that is signed out, or must sign in, is told so by what it asks.
                (Err(_), Need::Nothing) => Who::Nobody,
                (who, _) => who?,
            };
            app.access.admit(&who, need)?;
            // What a page asks by itself is not a person's use; that it is opened is one, and it
            // begins by asking how the door stands.
            if need != Need::Read || matches!(who, Who::Token { .. }) {
                app.access.note_use(&who, &address, now)?;
            }
            Ok(who)
        })
        .await
    }

    /// Notes it in the trail; a storm of refusals is told once a minute.
    pub(super) async fn note(self: &Arc<Self>, entry: Entry) {
        let Some(entry) = self.storm.lock().expect("no holder panics").take(entry) else { return };
        self.off_runtime(move |app| app.access.trail().note(&entry)).await;
    }
}

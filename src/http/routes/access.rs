//! `/api/access`: how the door stands, the first use, signing in and out, the password.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, response::AppendHeaders};
use serde::Deserialize;
use serde_json::{Value, json};

use super::comer::{Comer, attempt, welcome};
use crate::access::{AccessError, Moment, Need, Who};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::remote::Remote;
use crate::http::{body, cookies};

/// `GET /api/access`: whether the panel has been claimed, and what the caller may do.
pub(super) async fn state(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    Extension(remote): Extension<Remote>,
) -> Result<Json<Value>, ApiError> {
    let caller = who.clone();
    let (claimed, rights) =
        app.access(move |access| Ok((access.is_claimed()?, access.rights(&caller)?))).await?;
    let rights: Vec<_> = rights.into_iter().map(Need::code).collect();
    let (session, token) = match who {
        Who::Nobody => (None, None),
        Who::Session { id } => (Some(id), None),
        Who::Token { name, .. } => (None, Some(name)),
    };
    Ok(Json(json!({
        "mode": if app.access.is_open() { "open-lan" } else { "password" },
        "claimed": claimed,
        "secure": remote.secure,
        "rights": rights,
        "session": session,
        "token": token,
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUp {
    code: String,
    password: String,
}

/// `POST /api/access/setup`: claims the panel with the code of the first use.
pub(super) async fn set_up(
    State(app): State<Arc<App>>,
    comer: Comer,
    body: Body,
) -> Result<Response, ApiError> {
    let SetUp { code, password } = body::json(body).await?;
    let strength = password.clone();
    // A password that will not do costs no attempt.
    app.access(
        move |access| if access.is_claimed()? { Err(AccessError::Claimed) } else { access.judge(&strength) },
    )
    .await?;
    let issued = attempt(&app, &comer, move |access, source, visitor| {
        access.claim(&code, &password, visitor, source, Moment::now())
    });
    Ok(welcome(issued.await?, &comer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    password: String,
}

/// `POST /api/access/session`: signs in.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    comer: Comer,
    body: Body,
) -> Result<Response, ApiError> {
    let SignIn { password } = body::json(body).await?;
    let issued = attempt(&app, &comer, move |access, source, visitor| {
        access.sign_in(&password, visitor, source, Moment::now())
    });
    Ok(welcome(issued.await?, &comer))
}

/// `DELETE /api/access/session`: signs out; also who is not signed in.
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    Extension(remote): Extension<Remote>,
    Caller(language): Caller,
) -> Result<Response, ApiError> {
    leave(&app, who).await?;
    let body = Json(json!({ "success": true, "message": language.word("api.signed_out") }));
    Ok((AppendHeaders([(header::SET_COOKIE, cookies::take_session(remote.secure))]), body).into_response())
}

/// Ends the session of whoever has one.
pub(super) async fn leave(app: &Arc<App>, who: Who) -> Result<(), ApiError> {
    let Who::Session { id } = who else { return Ok(()) };
    app.change_access(move |access| match access.end_session(&id) {
        Err(AccessError::NoSession) => Ok(()),
        other => other,
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    current: String,
    password: String,
}

/// `PUT /api/access/password`: for whoever knows the present one. Every session ends; his
/// own is replaced.
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    comer: Comer,
    body: Body,
) -> Result<Response, ApiError> {
    let Change { current, password } = body::json(body).await?;
    let strength = password.clone();
    app.access(move |access| access.judge(&strength)).await?;
    let issued = attempt(&app, &comer, move |access, source, visitor| {
        access.change_password(&current, &password, visitor, source, Moment::now())
    });
    Ok(welcome(issued.await?, &comer))
}

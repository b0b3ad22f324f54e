//! `/api/access/tokens`: what scripts show.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Word;
use crate::access::{AccessError, Moment, Scope};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::rules::Object;

/// `GET /api/access/tokens`: all but their secrets.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let tokens = app.access(|access| access.tokens(Moment::now())).await?;
    Ok(Json(json!({ "tokens": tokens })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    scope: Scope,
    /// How long it lives; for ever where it is not said.
    days: Option<u16>,
}

/// `POST /api/access/tokens`: makes one; its secret is told this once.
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    body: Body,
) -> Result<(axum::Extension<Object>, Json<Value>), ApiError> {
    let Wanted { name, scope, days } = body::json(body).await?;
    let object = Object(name.clone());
    let token = app
        .change_access(move |access| {
            let now = Moment::now();
            let end = |days: u16| now.wall.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
            let expires = days.map(end).transpose().map_err(|_| AccessError::BadExpiry)?;
            access.add_token(&name, scope, expires, now)
        })
        .await?;
    let message = language.word("api.token_added");
    Ok((axum::Extension(object), Json(json!({ "success": true, "message": message, "token": token }))))
}

/// `DELETE /api/access/tokens/{name}`: revokes one, at once.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Word(name): Word,
) -> Result<Json<Value>, ApiError> {
    app.change_access(move |access| access.revoke_token(&name)).await?;
    Ok(Json(json!({ "success": true, "message": language.word("api.token_revoked") })))
}

//! `/api/access/sessions`: who is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::Word;
use crate::access::{Moment, Who};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;

/// `GET /api/access/sessions`: the sessions, the newest use first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
) -> Result<Json<Value>, ApiError> {
    let sessions = app.access(|access| access.sessions(Moment::now())).await?;
    let shown = sessions.into_iter().map(|session| {
        let is_own = matches!(&who, Who::Session { id } if *id == session.id);
        let mut shown = json!(session);
        shown["current"] = json!(is_own);
        shown
    });
    Ok(Json(json!({ "sessions": shown.collect::<Vec<_>>() })))
}

/// `DELETE /api/access/sessions/{id}`: ends one.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Word(id): Word,
) -> Result<Json<Value>, ApiError> {
    app.change_access(move |access| access.end_session(&id)).await?;
    Ok(Json(json!({ "success": true, "message": language.word("api.session_ended") })))
}

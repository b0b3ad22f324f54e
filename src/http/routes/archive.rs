//! `/api/backups/{name}`: one archive.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Named;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::jobs;
use crate::model::Verification;

/// `DELETE /api/backups/{name}`: 200, 400 malformed, 404 absent, 409 pinned.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Named(name): Named,
) -> Result<Json<Value>, ApiError> {
    app.store(move |store| store.delete(&name, &store.lock()?)).await?;
    Ok(Json(json!({ "success": true, "message": language.word("api.deleted") })))
}

/// `PUT /api/backups/{name}/pin`: kept until it is unpinned.
pub(super) async fn pin(State(app): State<Arc<App>>, Named(name): Named) -> Result<Json<Value>, ApiError> {
    app.store(move |store| store.pin(&name, &store.lock()?)).await?;
    Ok(Json(json!({ "success": true, "pinned": true })))
}

/// `DELETE /api/backups/{name}/pin`: back under retention.
pub(super) async fn unpin(State(app): State<Arc<App>>, Named(name): Named) -> Result<Json<Value>, ApiError> {
    app.store(move |store| store.unpin(&name, &store.lock()?)).await?;
    Ok(Json(json!({ "success": true, "pinned": false })))
}

/// `POST /api/backups/{name}/verify`: reads the archive to its end and says what it is
/// worth; 409 while another is read.
pub(super) async fn verify(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Named(name): Named,
) -> Result<Json<Value>, ApiError> {
    let busy = |_| ApiError::of(StatusCode::CONFLICT, "verify_in_progress");
    let _permit = app.verifying.try_acquire().map_err(busy)?;
    let verification = app.off_runtime(move |app| jobs::verify(&app.store, &app.config, &name)).await?;
    let problem = match &verification {
        Verification::Damaged { reason } => Some(language.say(reason)),
        Verification::Verified | Verification::Readable | Verification::Unverified => None,
    };
    Ok(Json(json!({ "success": true, "verification": verification.code(), "problem": problem })))
}

//! `/api/backups/{name}/restore` and `/api/restore`: putting the club's files back.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Named;
use super::started::{Words, answer};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::model::{RestoreRequest, time};

/// The files are those of before then.
const KILLED: &str = "restore_interrupted";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    members: Option<Vec<String>>,
    confirm: Option<String>,
}

/// `POST /api/backups/{name}/restore`: 200 when it is done, or 202 at once where the caller
/// prefers that; 409 while a run is going on, for another club's archive, where a file cannot
/// be put in its place, and where a service did not stay up; 422 with the rule that the
/// archive breaks, 507 before anything is changed.
pub(super) async fn restore(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Named(archive): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted = archive.clone();
    app.store(move |store| store.find(&wanted).map(drop)).await?;
    let Wanted { members, confirm } = body::json(body).await?;
    let started = app.supervisor.start_restore(RestoreRequest::Restore { archive, members, confirm }).await?;
    answer(started, &headers, &Words { done: "api.restored", killed: KILLED }, language).await
}

/// `POST /api/restore/undo`: the same for the way back; 409 where there is none.
pub(super) async fn undo(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if app.store(|store| store.way_back(Timestamp::now())).await?.is_none() {
        return Err(ApiError::of(StatusCode::CONFLICT, "nothing_to_undo"));
    }
    let started = app.supervisor.start_restore(RestoreRequest::Undo).await?;
    answer(started, &headers, &Words { done: "api.undone", killed: KILLED }, language).await
}

/// `GET /api/restore`: how the last restore ended, and what can be taken back.
pub(super) async fn last(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let last = app.store(crate::store::Store::last_restore).await?;
    let undo = last.as_ref().and_then(|last| last.way_back(Timestamp::now())).map(|undo| {
        json!({
            "archive": undo.archive,
            "safety": undo.safety,
            "members": undo.members,
            "until": time::rfc3339_utc(undo.until),
        })
    });
    let told = last.as_ref().map(|last| {
        json!({
            "job": last.job,
            "at": time::rfc3339_utc(last.at),
            "archive": last.archive,
            "state": last.state,
        })
    });
    Ok(Json(json!({ "last": told, "undo": undo })))
}

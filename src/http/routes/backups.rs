//! `/api/backups`: the list, and making one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access::Moment;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::model::{ArchiveView, Outcome};

/// `GET /api/backups`: every archive, newest first, and the outcome of the last run.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
) -> Result<Json<Value>, ApiError> {
    let (archives, status) = app.store(|store| Ok((store.list()?, store.status()))).await?;
    let (now, zone) = (Timestamp::now(), app.store.zone());
    let total_size: u64 = archives.iter().map(|archive| archive.bytes).sum();
    let backups: Vec<_> = archives
        .iter()
        .map(|archive| ArchiveView::of(archive, now, zone, |sentence| language.say(sentence)))
        .collect();
    Ok(Json(json!({
        "backups": backups,
        "status": status,
        "total": archives.len(),
        "totalSize": total_size,
    })))
}

/// `POST /api/backups/create`: 200 when it is done, or 202 at once where the caller
/// prefers that; 409 while a run is going on, 429 for the sixth in a minute, 507 when the
/// disk is full.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let paced = app.creates.lock().expect("no holder panics").admit(Moment::now().running);
    if let Err(wait) = paced {
        return Err(ApiError::of(StatusCode::TOO_MANY_REQUESTS, "too_many_creates").after(wait));
    }
    let started = app.supervisor.start_backup().await?;
    if prefers_async(&headers) {
        let location = format!("/api/jobs/{}", started.job);
        let body = Json(json!({ "success": true, "job": started.job }));
        return Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response());
    }
    let ending = started.ended.await;
    match ending.outcome {
        Some(Outcome { failure: None, .. }) => Ok(Json(json!({
            "success": true,
            "message": language.word("api.created"),
            "output": ending.log.join("\n"),
            "job": started.job,
        }))
        .into_response()),
        Some(Outcome { failure: Some(failure), .. }) => Err(ApiError::of_failure(failure)),
        None => Err(ApiError::of(StatusCode::INTERNAL_SERVER_ERROR, "run_interrupted")),
    }
}

/// RFC 7240: `Prefer: respond-async`, perhaps among others.
pub(super) fn prefers_async(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|wish| {
        wish.split(';').next().is_some_and(|wish| wish.trim().eq_ignore_ascii_case("respond-async"))
    })
}

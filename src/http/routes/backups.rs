//! `/api/backups`: the list, and making one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::started::{Words, answer};
use crate::access::Moment;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::model::ArchiveView;
use crate::store::{Judged, StoreError};

/// `GET /api/backups`: every archive, newest first, and the outcome of the last run.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
) -> Result<Json<Value>, ApiError> {
    let now = Timestamp::now();
    let (archives, status) =
        app.off_runtime(move |app| Ok::<_, StoreError>((app.judged(now)?, app.store.status()))).await?;
    let total_size: u64 = archives.iter().map(|judged| judged.archive.bytes).sum();
    let view = |Judged { archive, kept, .. }: &Judged| {
        ArchiveView::of(archive, kept, now, app.store.zone(), |sentence| language.say(sentence))
    };
    let backups: Vec<_> = archives.iter().map(view).collect();
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
    let words = Words { done: "api.created", killed: "run_interrupted" };
    answer(started, &headers, &words, language).await
}

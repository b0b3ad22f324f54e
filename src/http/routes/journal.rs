//! `/api/journal`: what the backups have said, line by line.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use headers::{ContentLength, HeaderMapExt};

use super::download::pieces;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::parameters::Parameters;
use crate::model::Level;
use crate::store::{LogPart, Store};

/// Lines in one answer where nobody says how many.
const USUAL: usize = 200;
const MOST: usize = 2000;

const LEVELS: [(&str, Level); 3] =
    [("info", Level::Info), ("warning", Level::Warning), ("error", Level::Error)];

/// `GET /api/journal`: the last lines that matter at least so much, the newest last.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    parameters: Parameters,
) -> Result<Json<LogPart>, ApiError> {
    let least = parameters.choice("level", &LEVELS)?.unwrap_or(Level::Info);
    let limit = parameters.number("limit", 1..=MOST)?.unwrap_or(USUAL);
    Ok(Json(app.store(move |store| store.log_part(least, limit)).await?))
}

/// `GET /api/journal/download`: the whole log as it is, empty where there is none.
pub(super) async fn download(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let log = app.store(Store::open_log).await?;
    let length = log.as_ref().map_or(0, |(_, length)| *length);
    // What is appended meanwhile is not waited for.
    let mut response = Response::new(log.map_or_else(Body::empty, |(file, length)| pieces(file, 0, length)));
    let headers = response.headers_mut();
    headers.typed_insert(ContentLength(length));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let disposition = HeaderValue::from_static("attachment; filename=\"neopro-backup-journal.log\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

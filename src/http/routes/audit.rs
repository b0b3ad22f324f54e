//! `/api/access/audit`: who did what.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::http::app::App;
use crate::http::error::ApiError;

/// Lines in one answer.
const MOST: usize = 100;

/// `GET /api/access/audit`: the newest first.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let entries = app.access(|access| access.trail().newest(MOST)).await?;
    Ok(Json(json!({ "entries": entries })))
}

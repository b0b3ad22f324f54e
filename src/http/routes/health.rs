//! `/api/health`: whether the panel is alive, for whoever watches it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::http::app::App;
use crate::http::error::ApiError;

/// `GET /api/health`: 200 where the store answers, else its error.
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let backups = app.store(|store| store.list().map(|list| list.len())).await?;
    Ok(Json(json!({ "ok": true, "version": env!("CARGO_PKG_VERSION"), "backups": backups })))
}

//! `/api/sheet`: what to do when the box is dead, for a printed page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::jobs;

/// `GET /api/sheet`: its lines in the caller's language.
pub(super) async fn sheet(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
) -> Result<Json<Value>, ApiError> {
    let lines = app.off_runtime(|app| jobs::sheet(&app.store, &app.config)).await?;
    let lines: Vec<_> =
        lines.iter().map(|line| json!({ "kind": line.kind, "text": language.say(&line.sentence) })).collect();
    Ok(Json(json!({ "lines": lines })))
}

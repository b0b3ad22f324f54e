//! `/api/backups/auto-…`: the nightly timer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::rules::Object;
use crate::model::time;
use crate::supervisor::Wish;

/// What `logs` shows of `backup.log`: the last nights.
const LOG_BYTES: u64 = 8 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Toggle {
    enable: bool,
}

/// `GET /api/backups/auto-status`: what the supervisor says of the timer.
pub(super) async fn status(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let automatic = app.supervisor.automatic().await?;
    let logs = app.store(|store| Ok(store.log_tail(LOG_BYTES))).await?;
    Ok(Json(json!({
        "enabled": automatic.enabled,
        "active": automatic.active,
        "nextRun": automatic.next.as_ref().map(time::as_systemd_writes),
        "next": automatic.next.as_ref().map(|next| time::rfc3339_utc(next.timestamp())),
        "logs": logs,
    })))
}

/// `POST /api/backups/auto-toggle` with `{"enable":true}`: answers when it is so.
pub(super) async fn toggle(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    body: Body,
) -> Result<(Extension<Object>, Json<Value>), ApiError> {
    let Toggle { enable } = body::json(body).await?;
    let wish = if enable { Wish::On } else { Wish::Off };
    let automatic = app.supervisor.set_automatic(wish).await?;
    let message = language.word(if automatic.enabled { "api.auto_on" } else { "api.auto_off" });
    let object = Object(wish.to_string());
    let body = json!({ "success": true, "message": message, "enabled": automatic.enabled });
    Ok((Extension(object), Json(body)))
}

//! `/api/backups/import`: an archive from somebody's computer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::rules::Object;
use crate::jobs;
use crate::store::Import;

/// Bytes that are written to the card at once.
const PIECE: usize = 256 << 10;
/// Bytes of an archive: more than a card of a box holds, with all its videos (64 GiB).
const LARGEST: u64 = 64 << 30;
/// Between two pieces of what is sent, over a bad wireless network.
const PATIENCE: Duration = Duration::from_secs(30);

/// `POST /api/backups/import`: the body is the archive. 201 when it is listed, 200 where it
/// was there already, 409 where another has its name, 413, 422 with the rule that it breaks,
/// 507 before anything is written where there is no room.
pub(super) async fn import(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    body: Body,
) -> Result<(StatusCode, Extension<Object>, Json<Value>), ApiError> {
    let busy = |_| ApiError::of(StatusCode::CONFLICT, "import_in_progress");
    let _permit = app.importing.try_acquire().map_err(busy)?;
    let announced = body.size_hint().lower();
    if announced > LARGEST {
        return Err(ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "import_too_large"));
    }
    let begun = app.store(move |store| store.import(announced)).await?;
    let copied = copy(&app, begun, body).await?;
    let imported = app.off_runtime(move |app| jobs::import(&app.store, &app.config, copied)).await?;
    let warnings: Vec<_> = imported.warnings.iter().map(|warning| language.say(warning)).collect();
    let (status, message) = if imported.known {
        (StatusCode::OK, "api.import_known")
    } else {
        (StatusCode::CREATED, "api.imported")
    };
    let object = Object(imported.name.to_string());
    let body = json!({
        "success": true,
        "message": language.word(message),
        "name": imported.name,
        "warnings": warnings,
    });
    Ok((status, Extension(object), Json(body)))
}

/// Writes what comes to the card, a piece at a time, off the runtime.
async fn copy(app: &Arc<App>, mut import: Import, mut body: Body) -> Result<Import, ApiError> {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
        let frame = frame.map_err(|_| ApiError::of(StatusCode::REQUEST_TIMEOUT, "request_timeout"))?;
        let ended = frame.is_none();
        if let Some(frame) = frame {
            let frame = frame.map_err(|_| ApiError::bad_request())?;
            piece.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        }
        if piece.len() >= PIECE || ended && !piece.is_empty() {
            let write = move || import.write(&piece).map(|()| (import, piece));
            (import, piece) = app.off_runtime(|_| write()).await?;
            piece.clear();
        }
        if ended {
            return Ok(import);
        }
        if import.bytes() > LARGEST {
            return Err(ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "import_too_large"));
        }
    }
}

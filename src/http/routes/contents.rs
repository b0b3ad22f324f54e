//! `/api/backups/{name}` and its files: what one archive holds.

use std::io::Read;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use headers::{ContentLength, HeaderMapExt};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Named, NamedMember};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::jobs::{self, Shown};
use crate::model::ArchiveView;
use crate::model::Judged;
use crate::store::StoreError;

/// One read of a copied member and one write to the network.
const PIECE: u64 = 64 << 10;

/// `GET /api/backups/{name}`: 200, 400 malformed, 404 absent, 422 damaged.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Named(name): Named,
) -> Result<Json<Value>, ApiError> {
    let _permit = one_at_a_time(&app).await?;
    let now = Timestamp::now();
    let (Judged { archive, kept, .. }, contents) = app
        .off_runtime(move |app| {
            app.store.find(&name)?;
            let contents = jobs::contents(&app.store, &name)?;
            let judged = app.judged(now)?.into_iter().find(|judged| judged.archive.name == name);
            // Deleted while it was read.
            let judged = judged.ok_or(StoreError::NotFound { name })?;
            Ok::<_, jobs::RestoreError>((judged, contents))
        })
        .await?;
    let view = ArchiveView::of(&archive, &kept, now, app.store.zone(), |s| language.say(s));
    let mut shown = json!(view);
    shown["manifest"] = json!(contents.manifest);
    shown["members"] = json!(contents.members);
    shown["count"] = json!(contents.count);
    shown["bytes"] = json!(contents.bytes);
    Ok(Json(shown))
}

/// `GET /api/backups/{name}/files/{member}`: its text, secrets masked; 404 where it is not
/// in the archive.
pub(super) async fn member(
    State(app): State<Arc<App>>,
    NamedMember(name, member): NamedMember,
) -> Result<Json<Shown>, ApiError> {
    let _permit = one_at_a_time(&app).await?;
    let shown = app.off_runtime(move |app| jobs::shown(&app.store, &app.config, &name, &member)).await?;
    Ok(Json(shown))
}

/// `GET /api/backups/{name}/files/{member}/raw`: the file itself.
pub(super) async fn raw(
    State(app): State<Arc<App>>,
    NamedMember(name, member): NamedMember,
) -> Result<Response, ApiError> {
    let _permit = one_at_a_time(&app).await?;
    let staged = app.off_runtime(move |app| jobs::member(&app.store, &name, &member)).await?;
    let mut response = Response::new(pieces(staged.content));
    let headers = response.headers_mut();
    headers.typed_insert(ContentLength(staged.size));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

/// An archive is read to its end for each answer, which can take minutes.
async fn one_at_a_time(app: &App) -> Result<tokio::sync::SemaphorePermit<'_>, ApiError> {
    app.looking.acquire().await.map_err(|_| ApiError::internal())
}

/// The content, a piece at a time as the client takes it.
fn pieces(content: impl Read + Send + 'static) -> Body {
    Body::from_stream(stream::try_unfold(content, async |mut content| {
        // Off the runtime: a large copy lies on the card.
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            content.by_ref().take(PIECE).read_to_end(&mut piece).map(|_| (Bytes::from(piece), content))
        });
        let (piece, content) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, content)))
    }))
}

//! The routes, one file a noun.

mod access;
mod archive;
mod audit;
mod automatic;
mod backups;
mod comer;
mod contents;
mod diff;
mod document;
mod download;
mod events;
mod health;
mod import;
mod jobs;
mod journal;
mod panel;
mod restore;
mod retention;
mod schedule;
mod scriptless;
mod sessions;
mod sheet;
mod started;
mod status;
mod tokens;

use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::{StatusCode, request::Parts};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use super::app::App;
use super::error::ApiError;
use super::rules::{PLAIN, ROUTES};
use super::{compress, gate, guard, language};
use crate::model::{ArchiveName, JobId};

fn handlers(path: &str) -> MethodRouter<Arc<App>> {
    match path {
        "/api/backups" => get(backups::list),
        "/api/backups/create" => post(backups::create),
        "/api/backups/download/{name}" => get(download::download),
        "/api/backups/auto-status" => get(automatic::status),
        "/api/backups/auto-toggle" => post(automatic::toggle),
        "/api/backups/import" => post(import::import),
        "/api/backups/{name}" => get(contents::show).delete(archive::delete),
        "/api/backups/{name}/diff" => get(diff::diff),
        "/api/backups/{name}/files/{member}" => get(contents::member),
        "/api/backups/{name}/files/{member}/raw" => get(contents::raw),
        "/api/backups/{name}/restore" => post(restore::restore),
        "/api/backups/{name}/pin" => put(archive::pin).delete(archive::unpin),
        "/api/backups/{name}/verify" => post(archive::verify),
        "/api/restore" => get(restore::last),
        "/api/restore/undo" => post(restore::undo),
        "/api/sheet" => get(sheet::sheet),
        "/api/status" => get(status::status),
        "/api/journal" => get(journal::list),
        "/api/journal/download" => get(journal::download),
        "/api/retention" => get(retention::show).put(retention::set),
        "/api/schedule" => get(schedule::show).put(schedule::set),
        "/api/jobs" => get(jobs::list),
        "/api/jobs/{id}" => get(jobs::show),
        "/api/jobs/{id}/events" => get(jobs::events),
        "/api/events" => get(events::events),
        "/api/access" => get(access::state),
        "/api/access/setup" => post(access::set_up),
        "/api/access/session" => post(access::sign_in).delete(access::sign_out),
        "/api/access/password" => put(access::change_password),
        "/api/access/sessions" => get(sessions::list),
        "/api/access/sessions/{id}" => delete(sessions::end),
        "/api/access/tokens" => get(tokens::list).post(tokens::add),
        "/api/access/tokens/{name}" => delete(tokens::revoke),
        "/api/access/audit" => get(audit::list),
        "/api/health" => get(health::health),
        "/api/openapi.json" => get(document::document),
        unknown => unreachable!("{unknown} has no handler"),
    }
}

/// The whole service.
pub(super) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (path, _) in ROUTES {
        router = router.route(path, handlers(path));
    }
    router
        .route("/", get(panel::index))
        .route(PLAIN, get(scriptless::page).post(scriptless::send))
        .route("/assets/{version}/{*file}", get(panel::asset))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || {
            ApiError::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&app), gate::gate))
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .layer(from_fn_with_state(Arc::clone(&app), language::speak))
        .layer(from_fn_with_state(Arc::clone(&app), compress::compress))
        .with_state(app)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // The panic's own text is on standard error already, with its place.
    ApiError::internal().into_response()
}

/// The `{name}` of a path, checked in full before any file is touched.
struct Named(ArchiveName);

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let name = parsed(parts, app).await;
        name.map(Self).ok_or_else(|| ApiError::of(StatusCode::BAD_REQUEST, "bad_name"))
    }
}

/// The `{name}` and the `{member}` of a path.
struct NamedMember(ArchiveName, String);

impl FromRequestParts<Arc<App>> for NamedMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let path: Result<Path<(String, String)>, PathRejection> = Path::from_request_parts(parts, app).await;
        let named = path.ok().and_then(|Path((name, member))| Some(Self(name.parse().ok()?, member)));
        named.ok_or_else(|| ApiError::of(StatusCode::BAD_REQUEST, "bad_name"))
    }
}

/// The `{id}` of a path.
struct Identified(JobId);

impl FromRequestParts<Arc<App>> for Identified {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let id = parsed(parts, app).await;
        id.map(Self).ok_or_else(|| ApiError::of(StatusCode::BAD_REQUEST, "bad_job_id"))
    }
}

/// The gap of a path that names something by any word: what it is not, is not found.
struct Word(String);

impl FromRequestParts<Arc<App>> for Word {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        parsed(parts, app).await.map(Self).ok_or_else(ApiError::bad_request)
    }
}

/// The one gap of a path; none where it is not UTF-8 or not a `T`.
async fn parsed<T: FromStr>(parts: &mut Parts, app: &Arc<App>) -> Option<T> {
    let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, app).await;
    path.ok()?.parse().ok()
}

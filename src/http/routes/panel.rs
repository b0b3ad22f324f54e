//! The embedded panel: compressed at build, cached for ever under a versioned path.

use std::io::Read;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use rust_embed::Embed;

use crate::http::compress::accepts_gzip;
use crate::http::error::ApiError;

/// Every file of `assets/` as `NAME.gz`; see `assets/build.rs`.
#[derive(Embed)]
#[folder = "$OUT_DIR/assets"]
struct Assets;

/// A hash of all files: the panel of one version never mixes with another's.
const VERSION: &str = env!("PANEL_ASSETS_VERSION");

/// `GET /`: the panel's page, asked for anew each time.
pub(super) async fn index(headers: HeaderMap) -> Response {
    let etag: ETag = concat!("\"", env!("PANEL_ASSETS_VERSION"), "\"").parse().expect("digits in quotes");
    let known = headers.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(&etag));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { send("index.html", &headers) };
    response.headers_mut().typed_insert(etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /assets/{version}/{file}`: immutable; 404 for another version's.
pub(super) async fn asset(
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((version, file)) = path.map_err(|_| ApiError::not_found())?;
    if version != VERSION || Assets::get(&format!("{file}.gz")).is_none() {
        return Err(ApiError::not_found());
    }
    let mut response = send(&file, &headers);
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, for_ever);
    Ok(response)
}

/// One embedded file, as the caller can read it.
pub(super) fn send(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Assets::get(&format!("{name}.gz")) else { return ApiError::not_found().into_response() };
    let mut response = if accepts_gzip(headers) {
        let mut response = Response::new(Body::from(file.data));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let mut plain = Vec::new();
        GzDecoder::new(&*file.data).read_to_end(&mut plain).expect("what the build compressed");
        Response::new(Body::from(plain))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind_of(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

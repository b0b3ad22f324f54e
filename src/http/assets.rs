//! The panel's files, compressed at build and embedded: see `assets/build.rs`.

use std::io::{Read, Write};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rust_embed::Embed;

use super::error::ApiError;

/// Every file of `assets/` that is sent, as `NAME.gz`.
#[derive(Embed)]
#[folder = "$OUT_DIR/assets"]
struct Assets;

/// A hash of all files: the panel of one version never mixes with another's.
pub(super) const VERSION: &str = env!("PANEL_ASSETS_VERSION");

/// Whether there is a file of this name to be sent as it is. Pages are not: they have gaps.
pub(super) fn has(name: &str) -> bool {
    kind_of(name) != HTML && Assets::get(&format!("{name}.gz")).is_some()
}

/// The text of a file.
pub(super) fn text(name: &str) -> Option<String> {
    let file = Assets::get(&format!("{name}.gz"))?;
    let mut text = String::new();
    GzDecoder::new(&*file.data).read_to_string(&mut text).expect("what the build compressed");
    Some(text)
}

/// One file, as the caller can read it.
pub(super) fn send(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Assets::get(&format!("{name}.gz")) else { return ApiError::not_found().into_response() };
    let response = if accepts_gzip(headers) {
        packed(Body::from(file.data))
    } else {
        Response::new(Body::from(text(name).expect("it was there just now")))
    };
    of_kind(response, kind_of(name))
}

/// A page that was made just now.
pub(super) fn send_page(page: String, headers: &HeaderMap) -> Response {
    let response = if accepts_gzip(headers) {
        let mut gzip = GzEncoder::new(Vec::with_capacity(page.len() / 3), Compression::fast());
        let written = gzip.write_all(page.as_bytes()).and_then(|()| gzip.finish());
        packed(Body::from(written.expect("memory takes every byte")))
    } else {
        Response::new(Body::from(page))
    };
    of_kind(response, HTML)
}

fn packed(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

fn of_kind(mut response: Response, kind: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        matches!(pieces.next(), Some("gzip" | "*")) && !pieces.any(|piece| piece == "q=0" || piece == "q=0.0")
    })
}

const HTML: &str = "text/html; charset=utf-8";

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

//! The panel's files, compressed at build and embedded: see `assets/build.rs`.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use rust_embed::Embed;

use super::compress::accepts_gzip;
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

/// The text of every file, unpacked once: who asks for one again and again takes a small
/// processor no time by it, nor memory, since all answers share it.
static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let names = Assets::iter().filter_map(|packed| packed.strip_suffix(".gz").map(str::to_owned));
    names.filter_map(|name| unpacked(&name).map(|text| (name, text))).collect()
});

fn unpacked(name: &str) -> Option<String> {
    let file = Assets::get(&format!("{name}.gz"))?;
    let mut text = String::new();
    GzDecoder::new(&*file.data).read_to_string(&mut text).expect("what the build compressed");
    Some(text)
}

/// The text of a file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    TEXTS.get(name).map(String::as_str)
}

/// One file, as the caller can read it.
pub(super) fn send(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Assets::get(&format!("{name}.gz")) else { return ApiError::not_found().into_response() };
    let mut response = if accepts_gzip(headers) {
        let mut response = Response::new(Body::from(file.data));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let text = text(name).expect("it was there just now");
        Response::new(Body::from(Bytes::from_static(text.as_bytes())))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind_of(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// A page that was made just now.
pub(super) fn send_page(page: String) -> Response {
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    // A form that is sent without a referrer is sent without an origin, which the guard asks for.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// What a page is.
pub(super) const HTML: &str = "text/html; charset=utf-8";

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

//! JSON and pages are sent compressed to who accepts it: the list of ten thousand archives is
//! megabytes of the same words.
//!
//! Never under `/api/access`: an answer that holds a secret beside text that somebody else
//! chose would tell the secret by its length (BREACH).

use std::io::Write;
use std::sync::Arc;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::{Compression, write::GzEncoder};

use super::app::App;
use super::assets::HTML;

/// What fits a packet or so gains nothing.
const SMALLEST: u64 = 1 << 10;
/// Bytes from which on time counts for more than a few per cent of length.
const LONG: usize = 128 << 10;
/// Where answers hold secrets.
const SECRETS: &str = "/api/access";

/// Compresses what is worth it, whole: so its length is known, of `HEAD` as of `GET`.
pub(super) async fn compress(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let accepted = accepts_gzip(request.headers());
    let is_secret = request.uri().path().starts_with(SECRETS);
    let mut response = next.run(request).await;
    if is_secret || !is_worth_it(&response) {
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !accepted {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let plain = to_bytes(body, usize::MAX).await.expect("JSON of a known length is in memory");
    // Off the runtime: megabytes take a small processor its time.
    let packed = app.off_runtime(move |_| gzip(&plain)).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(parts, Body::from(packed))
}

/// Whether it is text of some length, as it is: streams have no length, downloads another
/// type, and what has a tag would need another one.
fn is_worth_it(response: &Response) -> bool {
    let headers = response.headers();
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json" || kind == HTML)
        && ![header::CONTENT_ENCODING, header::ETAG].iter().any(|name| headers.contains_key(name))
        && !headers.get_all(header::VARY).iter().any(|vary| vary == "accept-encoding")
        && response.body().size_hint().exact().is_some_and(|length| length > SMALLEST)
}

/// A page as small as can be, in a millisecond; a long list at the fastest, whose words are the
/// same over and over.
fn gzip(plain: &[u8]) -> Vec<u8> {
    let level = if plain.len() < LONG { Compression::best() } else { Compression::fast() };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.expect("memory takes what is written")
}

/// Whether who asks can read gzip.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        matches!(pieces.next(), Some("gzip" | "*")) && !pieces.any(|piece| piece == "q=0" || piece == "q=0.0")
    })
}

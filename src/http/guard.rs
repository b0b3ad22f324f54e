//! What a request must be like before it reaches a handler: of bearable size, meant
//! for this device, and not sent by another site's page. And what every answer says.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::body::LARGEST_BODY;
use super::error::ApiError;
use super::peer::Peer;

/// Bytes of a request's headers; browsers send about one KiB.
const LARGEST_HEADERS: usize = 16 << 10;

/// Nothing but the panel's own files, and no other site may frame it.
pub(super) const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Lets a request pass or answers it.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let private = !request.uri().path().starts_with("/assets/");
    let mut response = match refusal(&app, &request) {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::REFERRER_POLICY, "no-referrer");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if private {
        say(header::CACHE_CONTROL, "no-store");
    }
    response
}

fn refusal(app: &App, request: &Request) -> Option<ApiError> {
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > LARGEST_HEADERS {
        return Some(ApiError::of(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large"));
    }
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LARGEST_BODY) {
        return Some(ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    }
    let Some(host) = authority(headers, request) else { return Some(ApiError::bad_request()) };
    if !app.hosts.knows(host.host()) {
        let mut error = ApiError::of(StatusCode::MISDIRECTED_REQUEST, "foreign_host");
        error.sentence = error.sentence.with("host", host.host());
        return Some(error);
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let scheme = if Peer::of(request).is_some_and(|peer| peer.secure) { "https" } else { "http" };
    let own_origin = |origin: &HeaderValue| origin.as_bytes() == format!("{scheme}://{host}").as_bytes();
    if !safe && headers.get(header::ORIGIN).is_some_and(|origin| !own_origin(origin)) {
        return Some(ApiError::of(StatusCode::FORBIDDEN, "foreign_origin"));
    }
    None
}

/// The host and port that the request names: in its line, else in its header; none
/// where it names several or none.
pub(super) fn authority(headers: &HeaderMap, request: &Request) -> Option<Authority> {
    if headers.get_all(header::HOST).iter().nth(1).is_some() {
        return None;
    }
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

//! What a request must be like before anybody looks at who calls: of bearable size, meant
//! for this device, and not sent by another site's page. And what every answer says.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::body::LARGEST_BODY;
use super::error::ApiError;
use super::peer::Peer;
use super::remote::Remote;
use super::{cookies, presented, rules};

/// Bytes of a request's headers; browsers send about one KiB.
const LARGEST_HEADERS: usize = 16 << 10;

/// Nothing but the panel's own files, and no other site may frame it.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every answer says, whatever it is an answer to.
pub(super) const ANSWERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets a request pass or answers it.
pub(super) async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let private = !request.uri().path().starts_with("/assets/");
    // The daemon's own question whether it lives comes by no connection.
    let itself = || Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST), false);
    let peer = Peer::of(&request).unwrap_or_else(itself);
    let remote = Remote::of(request.uri(), request.headers(), peer, &app.config.http.proxies);
    let mut response = if let Some(error) = refusal(&app, &request, &remote) {
        error.into_response()
    } else {
        request.extensions_mut().insert(remote);
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in ANSWERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if private {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

fn refusal(app: &App, request: &Request, remote: &Remote) -> Option<ApiError> {
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > LARGEST_HEADERS {
        return Some(ApiError::of(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large"));
    }
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let is_archive = request.uri().path() == rules::IMPORT;
    if !is_archive && length.is_some_and(|length| length > LARGEST_BODY) {
        return Some(ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    }
    let Some(host) = &remote.host else { return Some(ApiError::bad_request()) };
    if !app.hosts.knows(host.host()) {
        let mut error = ApiError::of(StatusCode::MISDIRECTED_REQUEST, "foreign_host");
        error.sentence = error.sentence.with("host", host.host());
        return Some(error);
    }
    foreign_page(request, remote)
}

/// Another site's page can send a person's browser here, and with it his cookie: what
/// changes something must come from this very page. `Sec-Fetch-Site` would say so, too, but
/// browsers send it over TLS only. Nobody else's page can send a token.
fn foreign_page(request: &Request, remote: &Remote) -> Option<ApiError> {
    let headers = request.headers();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || presented::bearer(headers).is_some() {
        return None;
    }
    let own = remote.origin();
    let is_own = |origin: &HeaderValue| {
        own.as_ref().is_some_and(|own| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
    };
    let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
    if origins.peek().is_none() {
        // A script has no page; a browser that holds a session has one, and says so. But those
        // that run no scripts may say nothing, and what they send there uses no right of a session.
        let uses_session = cookies::has_session(headers) && request.uri().path() != rules::PLAIN;
        return uses_session.then(|| ApiError::of(StatusCode::FORBIDDEN, "origin_missing"));
    }
    (!origins.all(is_own)).then(|| ApiError::of(StatusCode::FORBIDDEN, "foreign_origin"))
}

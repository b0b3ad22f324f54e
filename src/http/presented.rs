//! What a caller shows of himself. Pure.

use axum::http::{HeaderMap, header};

use super::cookies;
use crate::access::Presented;

/// A token where there is one, else sessions.
pub(super) fn presented(headers: &HeaderMap, secure: bool) -> Presented {
    if let Some(token) = bearer(headers) {
        return Presented::Token(token.to_owned());
    }
    let sessions = cookies::sessions(headers, secure);
    if sessions.is_empty() { Presented::Nothing } else { Presented::Session(sessions) }
}

/// The token of `Authorization: Bearer`. Other schemes are a proxy's business.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = shown.split_once(' ').unwrap_or((shown, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

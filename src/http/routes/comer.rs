//! Whoever tries to get in: what is known of him, what an attempt costs him, and how he is
//! welcomed.

use std::sync::Arc;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::{Access, AccessError, Issued, Moment, Source, Visitor, Who};
use crate::http::app::App;
use crate::http::cookies;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::remote::Remote;
use crate::text::Language;

/// Whoever tries to get in, and the words for his answer.
pub(super) struct Comer {
    remote: Remote,
    visitor: Visitor,
    language: Language,
}

impl FromRequestParts<Arc<App>> for Comer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let remote = parts.extensions.get::<Remote>().cloned().ok_or_else(ApiError::internal)?;
        let Ok(Caller(language)) = Caller::from_request_parts(parts, app).await;
        let visitor = Visitor {
            address: remote.address.to_string(),
            browser: text(&parts.headers, header::USER_AGENT),
            known: cookies::browser(&parts.headers),
            before: cookies::sessions(&parts.headers, remote.secure).into_iter().next(),
        };
        Ok(Self { remote, visitor, language })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get(name).map(HeaderValue::as_bytes).map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

/// Counts the attempt first, and then looks: one hash at a time, whoever waits.
pub(super) async fn attempt(
    app: &Arc<App>,
    comer: &Comer,
    look: impl FnOnce(&Access, &Source, &Visitor) -> Result<Issued, AccessError> + Send + 'static,
) -> Result<Issued, ApiError> {
    let (address, known) = (comer.remote.address, comer.visitor.known.clone());
    let source = app
        .access(move |access| {
            let source = access.source(address, known.as_deref())?;
            access.attempt(&source, Moment::now())?;
            Ok(source)
        })
        .await?;
    let _turn = app.hashing.acquire().await.map_err(|_| ApiError::internal())?;
    let visitor = comer.visitor.clone();
    app.change_access(move |access| look(access, &source, &visitor)).await
}

/// The answer to whoever is let in.
pub(super) fn welcome(issued: Issued, comer: &Comer) -> Response {
    let message = comer.language.word("api.signed_in");
    let body = Json(json!({ "success": true, "message": message, "session": issued.id }));
    let mut response = body.into_response();
    cookies_of(&issued, comer, response.headers_mut());
    response.extensions_mut().insert(Who::Session { id: issued.id });
    response
}

/// What his browser is to keep.
pub(super) fn cookies_of(issued: &Issued, comer: &Comer, headers: &mut HeaderMap) {
    let secure = comer.remote.secure;
    headers.append(header::SET_COOKIE, cookies::give_session(&issued.session, secure));
    if let Some(browser) = &issued.browser {
        headers.append(header::SET_COOKIE, cookies::give_browser(browser, secure));
    }
}

//! The caller's language: what he has chosen, else `Accept-Language`, else the configured one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use axum::middleware::Next;
use axum::response::Response;

use super::app::App;
use super::cookies;
use super::error::ApiError;
use crate::text::Language;

/// What the caller understands.
pub(super) struct Caller(pub(super) Language);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(language_of(&parts.headers, app)))
    }
}

fn language_of(headers: &HeaderMap, app: &App) -> Language {
    let asked = || Language::of_accept_language(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?);
    cookies::language(headers).or_else(asked).unwrap_or(app.config.ui.language)
}

/// Gives errors their words, and every answer that depends on the language says so.
pub(super) async fn speak(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let language = language_of(request.headers(), &app);
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = error.body(language).into();
    }
    let spoken = HeaderValue::from_static(language.code());
    let headers = response.headers_mut();
    // Embedded files vary by encoding, have said so, and are the same in every language.
    let depends = !headers.contains_key(header::VARY);
    if depends && headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(header::CONTENT_LANGUAGE, spoken);
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    }
    response
}

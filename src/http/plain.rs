//! What plain http gets on a port that speaks TLS: a page the way to its encrypted self,
//! anything else a refusal. A client of the API is not led on: what it sends by http, a
//! password perhaps, it must not send by http again.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::error::ApiError;
use super::remote::Remote;
use super::{guard, language};

/// RFC 9110 wants a 426 to name what is to be spoken instead.
const INSTEAD: HeaderValue = HeaderValue::from_static("TLS/1.2, HTTP/1.1");

/// Everything that is answered in plain http.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .layer(from_fn_with_state(app, language::speak))
}

/// 307 to the same page by https, 426 `tls_required`. The guard has seen to it that the
/// host is one of this device's names.
async fn answer(request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path();
    let is_page = path != "/api" && !path.starts_with("/api/");
    if !is_page || !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refusal = ApiError::of(StatusCode::UPGRADE_REQUIRED, "tls_required").into_response();
        refusal.headers_mut().insert(header::UPGRADE, INSTEAD);
        refusal.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        return Ok(refusal);
    }
    let remote = request.extensions().get::<Remote>();
    let host = remote.and_then(|remote| remote.host.as_ref()).ok_or_else(ApiError::bad_request)?;
    let page = request.uri().path_and_query().map_or(path, |page| page.as_str());
    let place = HeaderValue::try_from(format!("https://{}{page}", bare(host)));
    let place = place.map_err(|_| ApiError::bad_request())?;
    Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response())
}

/// Name and port alone: what stands before an `@` is nobody's business.
fn bare(host: &Authority) -> &str {
    host.as_str().rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::peer::Peer;
    use super::*;

    async fn asked(method: &str, target: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(target).header("host", "me@box.local:8080");
        let mut request = request.body(axum::body::Body::empty()).unwrap();
        let peer = Peer::new([10, 0, 0, 9].into(), false);
        let remote = Remote::of(request.uri(), request.headers(), peer, &[]);
        request.extensions_mut().insert(remote);
        let response = answer(request).await.into_response();
        let place = response.headers().get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
        (response.status(), place.unwrap_or_default())
    }

    #[tokio::test]
    async fn a_page_is_led_to_itself_by_https_and_nothing_else_is() {
        for (method, target, place) in [
            ("GET", "/", "https://box.local:8080/"),
            ("HEAD", "/assets/1/a.css?x=1", "https://box.local:8080/assets/1/a.css?x=1"),
            ("GET", "//evil.example/", "https://box.local:8080//evil.example/"),
            ("GET", "/apis", "https://box.local:8080/apis"),
            ("GET", "http://10.0.0.1:81/x", "https://10.0.0.1:81/x"),
        ] {
            assert_eq!(asked(method, target).await, (StatusCode::TEMPORARY_REDIRECT, place.to_owned()));
        }
        for (method, target) in [("GET", "/api"), ("GET", "/api/backups"), ("POST", "/"), ("OPTIONS", "/")] {
            assert_eq!(asked(method, target).await, (StatusCode::UPGRADE_REQUIRED, String::new()));
        }
    }
}

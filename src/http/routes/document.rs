//! `/api/openapi.json`: the API's own description, held to the server by the tests.

use axum::http::HeaderMap;
use axum::response::Response;

use crate::http::assets;

/// `GET /api/openapi.json`.
pub(super) async fn document(headers: HeaderMap) -> Response {
    assets::send("openapi.json", &headers)
}

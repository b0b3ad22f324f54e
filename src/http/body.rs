//! Request bodies: small JSON or a small form, in bounded time.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::parameters::Parameters;

/// Bytes; the longest body that is read so names the members that a restore is to put back.
pub(super) const LARGEST_BODY: u64 = 16 << 10;
/// A body of that size takes a moment, even over a bad wireless network.
const PATIENCE: Duration = Duration::from_secs(10);

/// The body as a JSON object of this form.
///
/// # Errors
/// 400 for anything else, 408 for a body that does not come, 413 for one too large.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    let whole = whole(body).await?;
    // serde takes an array of the fields' values for the same, which nobody means.
    if !whole.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::bad_request());
    }
    serde_json::from_slice(&whole).map_err(|_| ApiError::bad_request())
}

/// The fields of a form as browsers send it.
///
/// # Errors
/// As [`json`].
pub(super) async fn form(body: Body) -> Result<Parameters, ApiError> {
    let whole = whole(body).await?;
    let text = std::str::from_utf8(&whole).map_err(|_| ApiError::bad_request())?;
    Ok(Parameters::of(text))
}

async fn whole(body: Body) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
    if body.size_hint().lower() > LARGEST_BODY {
        return Err(too_large());
    }
    let limit = usize::try_from(LARGEST_BODY).expect("16 KiB fit any usize");
    let whole = tokio::time::timeout(PATIENCE, Limited::new(body, limit).collect()).await;
    let collected = whole.map_err(|_| ApiError::of(StatusCode::REQUEST_TIMEOUT, "request_timeout"))?;
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(_) => Err(ApiError::bad_request()),
    }
}

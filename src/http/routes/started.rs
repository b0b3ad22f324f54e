//! The answer to whoever has started a job: at its end, or at once where he prefers that.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::error::ApiError;
use crate::model::Outcome;
use crate::supervisor::Started;
use crate::text::Language;

/// What is said of a job: the key of its success, and the code of one that was killed.
pub(super) struct Words {
    pub(super) done: &'static str,
    pub(super) killed: &'static str,
}

/// 200 with the job's log when it is done, or 202 with its address at once.
///
/// # Errors
/// That of the job, with the status that its code has.
pub(super) async fn answer(
    started: Started,
    headers: &HeaderMap,
    words: &Words,
    language: Language,
) -> Result<Response, ApiError> {
    let Started { job, ended } = started;
    if prefers_async(headers) {
        let location = format!("/api/jobs/{job}");
        let body = Json(json!({ "success": true, "job": job }));
        return Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response());
    }
    let ending = ended.await;
    match ending.outcome {
        Some(Outcome { failure: None, .. }) => Ok(Json(json!({
            "success": true,
            "message": language.word(words.done),
            "output": ending.log.join("\n"),
            "job": job,
        }))
        .into_response()),
        Some(Outcome { failure: Some(failure), .. }) => Err(ApiError::of_failure(failure)),
        None => Err(ApiError::of(StatusCode::INTERNAL_SERVER_ERROR, words.killed)),
    }
}

/// RFC 7240: `Prefer: respond-async`, perhaps among others.
fn prefers_async(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|wish| {
        wish.split(';').next().is_some_and(|wish| wish.trim().eq_ignore_ascii_case("respond-async"))
    })
}

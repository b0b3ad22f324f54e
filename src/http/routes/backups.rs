//! `/api/backups`: the list, and making one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::started::{Words, answer};
use crate::access::Moment;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::parameters::Parameters;
use crate::listing::{LARGEST_PAGE, Listing, Only, Page, Wanted};
use crate::store::StoreError;

const KINDS: [(&str, Only); 3] =
    [("verified", Only::Verified), ("doubtful", Only::Doubtful), ("pinned", Only::Pinned)];
/// More than a card holds.
const LARGEST_OFFSET: usize = 1_000_000;

/// The archives that were asked for, and the outcome of the last run.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    listing: Listing,
    status: Option<Value>,
}

/// `GET /api/backups`: every archive, newest first, and the outcome of the last run; or
/// those that are wanted, a page of them.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let wanted = Wanted { words: parameters.words("q")?, only: parameters.choice("only", &KINDS)? };
    let page = Page {
        offset: parameters.number("offset", 0..=LARGEST_OFFSET)?.unwrap_or(0),
        limit: parameters.number("limit", 1..=usize::from(LARGEST_PAGE))?,
    };
    // Told and written off the runtime as well: ten thousand archives are megabytes.
    let told = app.off_runtime(move |app| {
        let now = Timestamp::now();
        let (judged, status) = (app.judged(now)?, app.store.status());
        let listing = Listing::of(&judged, &wanted, page, now, app.store.zone(), language);
        Ok::<_, StoreError>(serde_json::to_vec(&Answer { listing, status }).expect("our own values are JSON"))
    });
    let mut response = Response::new(told.await?.into());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

/// `POST /api/backups/create`: 200 when it is done, or 202 at once where the caller
/// prefers that; 409 while a run is going on, 429 for the sixth in a minute, 507 when the
/// disk is full.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let paced = app.creates.lock().expect("no holder panics").admit(Moment::now().running);
    if let Err(wait) = paced {
        return Err(ApiError::of(StatusCode::TOO_MANY_REQUESTS, "too_many_creates").after(wait));
    }
    let started = app.supervisor.start_backup().await?;
    let words = Words { done: "api.created", killed: "run_interrupted" };
    answer(started, &headers, &words, language).await
}

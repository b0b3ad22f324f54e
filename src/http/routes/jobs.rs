//! `/api/jobs`: what jobs of this boot did, and what one does now.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::Event as Sent;
use axum::{Extension, Json};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::{Identified, events};
use crate::access::Who;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::hub::Happening;
use crate::http::language::Caller;
use crate::http::spoken::spoken;
use crate::jobs::Tail;
use crate::model::{Event, Fact, JobView};
use crate::text::Language;

/// A job that is killed writes nothing that would wake its followers.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Jobs in one answer.
const MOST: usize = 20;

/// `GET /api/jobs`: the newest jobs, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, Caller(language): Caller) -> Json<Value> {
    let newest = |app: &App| {
        let ids = app.history.ids().into_iter().take(MOST);
        ids.filter_map(|id| app.history.view(&id)).collect::<Vec<JobView>>()
    };
    let jobs = app.off_runtime(newest).await;
    let jobs: Vec<_> = jobs.iter().map(|job| spoken(json!(job), language)).collect();
    Json(json!({ "jobs": jobs }))
}

/// `GET /api/jobs/{id}`: one job, 404 where it is not known.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Identified(id): Identified,
) -> Result<Json<Value>, ApiError> {
    let view = app.history.view(&id).ok_or_else(unknown)?;
    Ok(Json(spoken(json!(view), language)))
}

/// `GET /api/jobs/{id}/events`: its events from the first, or from after
/// `Last-Event-ID`, to its last.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    Caller(language): Caller,
    Identified(id): Identified,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    // Before the file is read, so that nothing falls between.
    let coming = app.hub.join(None).coming;
    let tail = app.history.tail(&id).map_err(|_| unknown())?;
    let after = events::last_event_id(&headers).and_then(|text| text.parse().ok()).unwrap_or(0);
    let follow = Follow { tail, coming, after, over: false };
    let told = stream::unfold(follow, move |mut follow| async move {
        let events = follow.next().await?;
        Some((stream::iter(events.into_iter().map(move |event| Ok(sent(&event, language)))), follow))
    });
    Ok(events::live(events::while_allowed(told.flatten().boxed(), &app, who)?))
}

fn sent(event: &Event, language: Language) -> Sent {
    Sent::default().id(event.seq.to_string()).data(spoken(json!(event), language).to_string())
}

fn unknown() -> ApiError {
    ApiError::of(StatusCode::NOT_FOUND, "job_not_found")
}

/// Follows one job's file, woken by the hub.
struct Follow {
    tail: Tail,
    coming: broadcast::Receiver<Happening>,
    after: u64,
    over: bool,
}

impl Follow {
    /// The next events; none when there will be no more.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if self.over {
                return None;
            }
            // Asked before reading: what a job writes last is read before its end is believed.
            let alive = self.tail.writer_lives();
            let mut events = self.tail.next_events().ok()?;
            self.over = !alive || events.iter().any(|event| matches!(event.fact, Fact::Done { .. }));
            events.retain(|event| event.seq > self.after);
            if !events.is_empty() {
                return Some(events);
            }
            if self.over {
                return None;
            }
            let woken = tokio::time::timeout(LOOK_AGAIN, self.coming.recv()).await;
            if matches!(woken, Ok(Err(broadcast::error::RecvError::Closed))) {
                return None;
            }
        }
    }
}

//! `/api/schedule`: the hour of the nightly backup.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::time_of_day;
use crate::http::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::rules::Object;
use crate::model::time;
use crate::supervisor::{Automatic, Wish};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    at: String,
}

/// `GET /api/schedule`: what the supervisor says of the timer.
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let automatic = app.supervisor.automatic().await?;
    Ok(Json(told(&app, &automatic)))
}

/// `PUT /api/schedule` with `{"at":"18:30"}`: answers when it is so; 400 for what is no time,
/// 409 where the configuration's file or somebody's drop-in says another.
pub(super) async fn set(
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<(Extension<Object>, Json<Value>), ApiError> {
    let Wanted { at } = body::json(body).await?;
    let wanted = time_of_day(&at)?;
    let automatic = app.supervisor.set_automatic(Wish::At(wanted)).await?;
    Ok((Extension(Object(at)), Json(told(&app, &automatic))))
}

fn told(app: &App, automatic: &Automatic) -> Value {
    let manager = app.supervisor.manager();
    // Under systemd the configuration has no say.
    let locked = app.config.set_at("schedule.at").filter(|_| manager == "local");
    json!({
        "at": automatic.at.map(time::hour),
        "manager": manager,
        "locked": locked.map(super::retention::place),
        "enabled": automatic.enabled,
        "active": automatic.active,
        "next": automatic.next.as_ref().map(time::rfc3339_local),
        "word": automatic.word,
    })
}

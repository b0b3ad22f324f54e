//! `/api/retention`: how long archives are kept, and what another rule would let go.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::config::{PanelSettings, Retention};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::rules::Object;
use crate::model::Judged;
use crate::model::time;
use crate::store::StoreError;

/// Archives that a preview names.
const MOST_NAMED: usize = 100;

/// `GET /api/retention`, with `?days=14` to see what that would let go: 200, 400 for what is
/// no setting or beyond its bounds. Reads no archive, changes nothing.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let mut wanted = PanelSettings::default();
    for pair in query.iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
        let (key, number) = pair.split_once('=').unwrap_or((pair, ""));
        wanted.set_retention(key, number.parse().ok())?;
    }
    told(&app, wanted).await.map(Json)
}

/// `PUT /api/retention` with any of its numbers: 400 as above, 409 for one that the
/// configuration's file sets. Nothing is deleted by it; the next run deletes by it.
pub(super) async fn set(
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<(Extension<Object>, Json<Value>), ApiError> {
    let numbers: Map<String, Value> = body::json(body).await?;
    let mut wanted = PanelSettings::default();
    for (key, number) in &numbers {
        wanted.set_retention(key, number.as_i64())?;
    }
    wanted.refuse_locked(&app.config)?;
    let object = Object(wanted.retention_in_words());
    app.store(move |store| store.change_settings(&store.lock()?, |kept| kept.take(wanted))).await?;
    Ok((Extension(object), Json(told(&app, PanelSettings::default()).await?)))
}

/// What is in force, and what would go by it with `wanted` laid over.
async fn told(app: &Arc<App>, wanted: PanelSettings) -> Result<Value, ApiError> {
    let now = Timestamp::now();
    let (config, judged) = app
        .off_runtime(move |app| {
            let config = app.store.in_force(&app.config);
            let judged = app.store.judged(&wanted.over(config.retention), now)?;
            Ok::<_, StoreError>((config, judged))
        })
        .await?;
    let (policy, mut bounds, mut locked) = (config.retention, Map::new(), Map::new());
    for (key, range) in Retention::BOUNDS {
        bounds.insert(key.to_owned(), json!([range.start(), range.end()]));
        if let Some(set) = config.set_at(&format!("retention.{key}")) {
            locked.insert(key.to_owned(), place(set));
        }
    }
    Ok(json!({
        "policy": numbers(&policy),
        "bounds": bounds,
        "locked": locked,
        "set_by_panel": config.origins.has_panel("retention."),
        "preview": preview(app, &judged),
    }))
}

fn numbers(policy: &Retention) -> Map<String, Value> {
    Retention::BOUNDS.iter().map(|(key, _)| ((*key).to_owned(), json!(policy.number(key)))).collect()
}

fn preview(app: &App, judged: &[Judged]) -> Value {
    let goes: Vec<_> = judged.iter().filter(|judged| !judged.kept.stays).collect();
    let row = |Judged { archive, .. }: &&Judged| {
        let local = archive.created.to_zoned(app.store.zone().clone());
        json!({
            "name": archive.name,
            "date": time::local_for_people(&local),
            "sizeBytes": archive.bytes,
        })
    };
    json!({
        "kept": judged.len() - goes.len(),
        "goes": goes.iter().take(MOST_NAMED).map(row).collect::<Vec<_>>(),
        "goes_total": goes.len(),
        "freed_bytes": goes.iter().map(|judged| judged.archive.bytes).sum::<u64>(),
    })
}

/// Where the configuration's file sets something that cannot be changed in the panel.
pub(super) fn place((file, line): (&Path, usize)) -> Value {
    json!({ "file": file.to_string_lossy(), "line": line })
}

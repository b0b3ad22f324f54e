//! `/api/backups/{name}/diff`: what changed since an archive was made.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Named;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::jobs::{self, Requests};
use crate::model::{ArchiveName, Comparison, DiffState, Preview, RestoreRequest};
use crate::text::Language;

/// `GET /api/backups/{name}/diff?with=live` or another archive's name, the newer side: 200,
/// 400, 404, 422 where one is not to be trusted.
///
/// The panel cannot read the club's files: what is there now is looked at by a job that can.
pub(super) async fn diff(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Named(name): Named,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let with = query.as_deref().and_then(|query| query.strip_prefix("with=")).unwrap_or("live");
    let _one = app.looking.acquire().await.map_err(|_| ApiError::internal())?;
    if with == "live" {
        // Told here what needs no job.
        let wanted = name.clone();
        app.store(move |store| store.find(&wanted).map(drop)).await?;
        let preview = look(&app, name).await?;
        return Ok(Json(of_preview(&preview, language)));
    }
    let newer: ArchiveName = with.parse().map_err(|_| ApiError::of(StatusCode::BAD_REQUEST, "bad_name"))?;
    let (older, other) = (name.clone(), newer.clone());
    let compare = move |app: &App| jobs::compare(&app.store, &app.config, &older, &other);
    let comparison = app.off_runtime(compare).await?;
    Ok(Json(of_comparison(&name, newer.as_str(), &comparison, language)))
}

/// Has a job look what a restore would change.
async fn look(app: &Arc<App>, archive: ArchiveName) -> Result<Preview, ApiError> {
    let started = app.supervisor.start_restore(RestoreRequest::Preview { archive }).await?;
    let ending = started.ended.await;
    if let Some(failure) = ending.outcome.and_then(|outcome| outcome.failure) {
        return Err(ApiError::of_failure(failure));
    }
    let requests = Requests::of(&app.config.paths.runtime);
    let answer = app.off_runtime(move |_| requests.answered(&started.job)).await;
    answer.map_err(|_| ApiError::of(StatusCode::INTERNAL_SERVER_ERROR, "preview_interrupted"))
}

fn of_comparison(name: &ArchiveName, with: &str, comparison: &Comparison, language: Language) -> Value {
    json!({
        "name": name,
        "with": with,
        "same": comparison.members.iter().all(|member| member.state == DiffState::Same),
        "summary": language.say(&comparison.sentence()),
        "members": comparison.members,
    })
}

fn of_preview(preview: &Preview, language: Language) -> Value {
    let mut told = of_comparison(&preview.archive, "live", &preview.comparison, language);
    let files = preview.files.iter().map(|file| {
        let problem = file.problem.as_ref().map(|problem| language.say(problem));
        json!({
            "member": file.member,
            "path": file.path,
            "archived": file.archived,
            "problem": problem,
        })
    });
    told["files"] = files.collect();
    told["club"] = json!(preview.club);
    told["clubHere"] = json!(preview.club_here);
    told["otherClub"] = json!(preview.is_other_club());
    told["proven"] = json!(preview.proven);
    told["warnings"] = preview.warnings.iter().map(|warning| language.say(warning)).collect();
    told
}

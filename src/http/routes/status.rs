//! `/api/status`: how the backups stand, in one sentence, and why.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::model::{ArchiveName, Automatic, JobId, LastRun, time};
use crate::store::{Standing, Store};
use crate::text::Language;
use crate::verdict::{self, LONGEST_AGE_SECONDS, NightState, NightView, VerdictView};

/// Nights that are told.
const NIGHTS: u16 = 30;
/// The page waits for this answer; systemd answers in milliseconds or it is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything a panel shows on its first screen.
#[derive(Serialize)]
pub(super) struct Status {
    #[serde(flatten)]
    verdict: VerdictView,
    last: Option<Last>,
    next: Option<String>,
    automatic: Option<Timer>,
    running: Option<JobId>,
    good: Option<Good>,
    total: usize,
    place: Place,
    disk: Option<Room>,
    nights: Vec<Night>,
    now: String,
}

/// The last run.
#[derive(Serialize)]
struct Last {
    at: Option<String>,
    success: bool,
    archive: Option<ArchiveName>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Timer {
    enabled: bool,
    active: bool,
}

/// The newest good archive.
#[derive(Serialize)]
struct Good {
    name: ArchiveName,
    created: String,
    verification: &'static str,
}

#[derive(Serialize)]
struct Place {
    directory: String,
    host: String,
}

#[derive(Serialize)]
struct Room {
    total: u64,
    free: u64,
    backups: u64,
    nights: Option<u64>,
}

#[derive(Serialize)]
struct Night {
    date: Date,
    state: NightState,
    archive: Option<ArchiveName>,
    at: Option<String>,
    sentence: String,
}

/// `GET /api/status`: the verdict with its causes, the last nights, and what goes with them.
pub(super) async fn status(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
) -> Result<Json<Status>, ApiError> {
    told(&app, language).await.map(Json)
}

/// The same for whoever else tells it. What may fail alone, systemd and the disk's figures, is
/// null then.
///
/// # Errors
/// As `GET /api/backups`.
pub(super) async fn told(app: &Arc<App>, language: Language) -> Result<Status, ApiError> {
    let (automatic, standing) = tokio::join!(app.automatic(PATIENCE), app.store(Store::standing));
    let standing = standing?;
    // After the facts: what was made meanwhile is not of the future.
    let now = Timestamp::now();
    // A list of years takes a moment, which is not the runtime's.
    let tell = move |app: &App| Status::of(app, &standing, automatic.as_ref(), now, language);
    Ok(app.off_runtime(tell).await)
}

impl Status {
    fn of(
        app: &App,
        standing: &Standing,
        automatic: Option<&Automatic>,
        now: Timestamp,
        language: Language,
    ) -> Self {
        let longest_age = SignedDuration::from_secs(LONGEST_AGE_SECONDS.into());
        let verdict = standing.verdict(automatic, now, longest_age);
        let next = automatic.and_then(|automatic| automatic.next.as_ref());
        let local = now.to_zoned(app.store.zone().clone());
        let nights = verdict::nights(&standing.archives, &standing.nights, next, &local, NIGHTS);
        Self {
            verdict: VerdictView::of(&verdict, |sentence| language.say(sentence)),
            last: standing.last_run.as_ref().map(|run| Last::of(run, standing, app.store.zone())),
            next: next.map(time::rfc3339_local),
            automatic: automatic
                .map(|automatic| Timer { enabled: automatic.enabled, active: automatic.active }),
            running: standing.running.clone(),
            good: verdict::newest_good(&standing.archives).map(|good| Good {
                name: good.name.clone(),
                created: time::rfc3339_utc_millis(good.created),
                verification: good.verification.code(),
            }),
            total: standing.archives.len(),
            place: Place {
                directory: app.config.paths.backups.display().to_string(),
                host: app.host_name.clone(),
            },
            disk: standing.disk.as_ref().map(|disk| Room {
                total: disk.total,
                free: disk.free,
                backups: disk.backups,
                nights: verdict::nights_that_fit(&standing.archives, disk),
            }),
            nights: nights.into_iter().map(|night| Night::of(night, app.store.zone(), language)).collect(),
            now: time::rfc3339_utc(now),
        }
    }
}

/// As the box's own clock shows it, wherever whoever asks may be.
fn on_the_wall(at: Timestamp, zone: &TimeZone) -> String {
    time::rfc3339_local(&at.to_zoned(zone.clone()))
}

impl Last {
    fn of(run: &LastRun, standing: &Standing, zone: &TimeZone) -> Self {
        let is_there = |name: &ArchiveName| standing.archives.iter().any(|archive| archive.name == *name);
        Self {
            at: run.at.map(|at| on_the_wall(at, zone)),
            success: run.success,
            archive: run.archive.clone().filter(is_there),
            warnings: run.warnings.clone(),
        }
    }
}

impl Night {
    fn of(night: NightView, zone: &TimeZone, language: Language) -> Self {
        Self {
            date: night.date,
            state: night.state,
            archive: night.archive,
            at: night.at.map(|at| on_the_wall(at, zone)),
            sentence: language.say(&night.sentence),
        }
    }
}

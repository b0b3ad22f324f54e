//! `/api/events`: everything that happens, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;

use crate::access::{Moment, Need, Who};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::hub::Happening;
use crate::http::language::Caller;
use crate::http::spoken::spoken;

/// Shorter than the half minute after which phones and proxies think it is dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /api/events`: what happens from now on, or from after `Last-Event-ID`. The
/// event `reset` says that something was missed: read everything again.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    Caller(language): Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let life = app.hub.life;
    let after = last_event_id(&headers).map(|id| number_of(id, life));
    let (lost, joined) = match after {
        None => (false, app.hub.join(None)),
        Some(number) => {
            let joined = app.hub.join(Some(number.unwrap_or(u64::MAX)));
            (joined.missed.is_none(), joined)
        }
    };
    let say = move |happening: Happening| {
        let sent = Sent::default().id(format!("{life:08x}-{}", happening.number)).event(happening.kind);
        match &happening.report {
            Some(report) => sent.data(spoken(report.as_ref().clone(), language).to_string()),
            None => sent.data(&happening.data),
        }
    };
    let first: Vec<Sent> = if lost { vec![reset()] } else { vec![Sent::default().comment("")] };
    let missed = joined.missed.unwrap_or_default().into_iter().map(say);
    let coming = stream::unfold(joined.coming, move |mut coming| async move {
        match coming.recv().await {
            Ok(happening) => Some((say(happening), coming)),
            // Too slow a reader: what it lost it must read anew.
            Err(RecvError::Lagged(_)) => Some((reset(), coming)),
            Err(RecvError::Closed) => None,
        }
    });
    let told = stream::iter(first.into_iter().chain(missed)).chain(coming).map(Ok);
    Ok(live(while_allowed(told.boxed(), &app, who)?))
}

fn reset() -> Sent {
    Sent::default().event("reset").data("{}")
}

/// The number in an id of this daemon's life; none for another's.
fn number_of(id: &str, life: u32) -> Option<u64> {
    let (its_life, number) = id.split_once('-')?;
    (u32::from_str_radix(its_life, 16).ok()? == life).then(|| number.parse().ok())?
}

pub(super) fn last_event_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("last-event-id")?.to_str().ok()
}

type Told = BoxStream<'static, Result<Sent, Infallible>>;

/// Ends when the daemon stops, so that draining does not wait for it, and when the
/// listener may not listen any more.
///
/// # Errors
/// 429 where strangers listen already on as many connections as they may hold.
pub(super) fn while_allowed(told: Told, app: &Arc<App>, who: Who) -> Result<Told, ApiError> {
    let full = |_| ApiError::of(StatusCode::TOO_MANY_REQUESTS, "too_many_connections");
    let place = match who {
        Who::Nobody => Some(Arc::clone(&app.strangers).try_acquire_owned().map_err(full)?),
        Who::Session { .. } | Who::Token { .. } => None,
    };
    let mut stop = app.stop.clone();
    let denied = denied(Arc::clone(app), who);
    let over = async move {
        // Held for as long as the stream lives.
        let _place = place;
        tokio::select! {
            () = stop.asked() => {}
            () = denied => {}
        }
    };
    Ok(told.take_until(over).boxed())
}

/// Comes to its end when this caller may not read any more. It is looked at once this daemon
/// has changed something, and with each heartbeat, since the command line changes things as
/// well and sessions end by themselves.
async fn denied(app: Arc<App>, who: Who) {
    let mut changed = app.rights_changed.subscribe();
    loop {
        tokio::select! {
            changed = changed.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
        if app.access.is_open() && who == Who::Nobody {
            continue;
        }
        let caller = who.clone();
        if !app.off_runtime(move |app| app.access.still(&caller, Need::Read, Moment::now())).await {
            return;
        }
    }
}

/// The stream itself; what it tells is private, and kept by nobody.
pub(super) fn live(told: Told) -> impl IntoResponse {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, Sse::new(told).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

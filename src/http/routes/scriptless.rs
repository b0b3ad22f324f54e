//! `/plain`: the sentence, the list and the downloads for a browser that runs no scripts.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::access;
use super::comer::{Comer, attempt, cookies_of};
use super::panel::{remember, shown, told, words};
use crate::access::{Actor, Deed, Entry, Moment, Need, Outcome, Who};
use crate::config::Ui;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::language::Caller;
use crate::http::page::{escape, fill};
use crate::http::parameters::Parameters;
use crate::http::remote::Remote;
use crate::http::rules::PLAIN;
use crate::http::{assets, body, cookies, gate};
use crate::listing::{Listing, Page, Wanted};
use crate::store::StoreError;
use crate::text::Language;

/// Backups on one page.
const PAGE: usize = 50;

/// What the page knows of who reads it.
struct Reader {
    language: Language,
    reads: bool,
    downloads: bool,
    /// Whether he has signed in.
    is_person: bool,
}

impl Reader {
    /// Whoever has to sign in first.
    fn stranger(language: Language) -> Self {
        Self { language, reads: false, downloads: false, is_person: false }
    }
}

/// `GET /plain`: the newest backups, or those from `?from=50` on.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Extension(remote): Extension<Remote>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(chosen) = parameters.choice("lang", &Ui::LANGUAGES)? {
        return Ok(remember(chosen, PLAIN));
    }
    let from = parameters.number("from", 0..=usize::MAX)?.unwrap_or(0);
    match app.visitor(&headers, &remote).await {
        Ok(visitor) => {
            let (reads, downloads) = (visitor.may(Need::Read), visitor.may(Need::Download));
            let reader = Reader { language, reads, downloads, is_person: visitor.may(Need::Person) };
            show(&app, &reader, from, None).await
        }
        Err(error) => show(&app, &Reader::stranger(language), from, Some(&error)).await,
    }
}

/// `POST /plain`: signs in as `POST /api/access/session` does, from a form: that of this page, or
/// that of the panel where its scripts have not come yet. With the field `leave`, signs out.
pub(super) async fn send(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Extension(remote): Extension<Remote>,
    comer: Comer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let form = body::form(body).await?;
    if form.has("leave") {
        let visitor = app.visitor(&headers, &remote).await?;
        return carried_out(leave(app, visitor.who, remote)).await;
    }
    let password = form.text("password")?.trim().to_owned();
    carried_out(sign_in(app, language, remote, comer, password)).await
}

/// Goes on when the caller hangs up: what is done is done to its end, and noted.
async fn carried_out(
    work: impl Future<Output = Result<Response, ApiError>> + Send + 'static,
) -> Result<Response, ApiError> {
    tokio::spawn(work).await.unwrap_or_else(|_| Err(ApiError::internal()))
}

async fn sign_in(
    app: Arc<App>,
    language: Language,
    remote: Remote,
    comer: Comer,
    password: String,
) -> Result<Response, ApiError> {
    let issued = attempt(&app, &comer, move |access, source, visitor| {
        access.sign_in(&password, visitor, source, Moment::now())
    });
    let issued = issued.await;
    let (who, outcome) = match &issued {
        Ok(issued) => (Who::Session { id: issued.id.clone() }, Some(Outcome::Done)),
        Err(error) => (Who::Nobody, gate::outcome(error.status, Deed::SignIn)),
    };
    if let Some(outcome) = outcome {
        app.note(Entry::new(Actor::from(&who), Some(remote.address), Deed::SignIn, outcome)).await;
    }
    match issued {
        Ok(issued) => {
            let mut response = to_the_panel();
            cookies_of(&issued, &comer, response.headers_mut());
            Ok(response)
        }
        Err(error) => {
            let mut response = show(&app, &Reader::stranger(language), 0, Some(&error)).await?;
            *response.status_mut() = error.status;
            Ok(response)
        }
    }
}

async fn leave(app: Arc<App>, who: Who, remote: Remote) -> Result<Response, ApiError> {
    access::leave(&app, who.clone()).await?;
    if who != Who::Nobody {
        app.note(Entry::new(Actor::from(&who), Some(remote.address), Deed::SignOut, Outcome::Done)).await;
    }
    let mut response = to_the_panel();
    response.headers_mut().append(header::SET_COOKIE, cookies::take_session(remote.secure));
    Ok(response)
}

/// A browser without scripts is led back here from there.
fn to_the_panel() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response()
}

async fn show(
    app: &Arc<App>,
    reader: &Reader,
    from: usize,
    refused: Option<&ApiError>,
) -> Result<Response, ApiError> {
    let language = reader.language;
    let template = assets::text(&format!("plain.{}.html", language.code())).expect("a page a language");
    let say = |key: &str| shown(key, language);
    let mut gaps = vec![("title", say("panel.title").into())];
    if reader.reads {
        let told = told(app, language).await;
        let [state, sentence, advice] = words(&told, language);
        gaps.extend([("state", state.into()), ("sentence", sentence.into()), ("advice", advice.into())]);
        gaps.push((
            "causes",
            told.as_ref().map_or_else(|_| String::new(), |told| causes(told, language)).into(),
        ));
        let list = backups(app, reader, from).await;
        if reader.is_person {
            gaps.push(("form", way_out(language).into()));
        }
        gaps.push(("backups", list.unwrap_or_else(|error| complaint(&error, language)).into()));
    } else {
        gaps.extend([("state", "watch".into()), ("sentence", say("panel.signin.action").into())]);
        gaps.push(("form", form(refused, language).into()));
    }
    Ok(assets::send_page(fill(template, &gaps)))
}

/// The causes after the first, which is the sentence.
fn causes(told: &Value, language: Language) -> String {
    let all = told["causes"].as_array().map_or(&[][..], Vec::as_slice);
    let mut text = String::new();
    for cause in all.iter().skip(1) {
        let set = |key: &str| escape(&language.set(cause[key].as_str().unwrap_or_default()));
        let _ = write!(text, "<p><strong>{}</strong> {}</p>", set("sentence"), set("advice"));
    }
    text
}

fn way_out(language: Language) -> String {
    format!(
        "<form method=\"post\" action=\"{PLAIN}\">\
         <button class=\"button\" name=\"leave\" value=\"1\">{}</button></form>",
        shown("panel.plain.leave", language),
    )
}

fn complaint(error: &ApiError, language: Language) -> String {
    format!("<p class=\"error\" role=\"alert\">{}</p>", escape(&language.set(&language.say(&error.sentence))))
}

fn form(refused: Option<&ApiError>, language: Language) -> String {
    let say = |key: &str| shown(key, language);
    let error = refused.map_or_else(String::new, |error| complaint(error, language));
    format!(
        "<form class=\"card\" method=\"post\" action=\"{PLAIN}\">\
         <div class=\"field\"><label for=\"password\">{}</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required></div>\
         {error}<button class=\"button primary\" type=\"submit\">{}</button></form>",
        say("panel.signin.password"),
        say("panel.signin.action"),
    )
}

async fn backups(app: &Arc<App>, reader: &Reader, from: usize) -> Result<String, ApiError> {
    let language = reader.language;
    let say = |key: &str| shown(key, language);
    let listed = app.off_runtime(move |app| {
        let now = Timestamp::now();
        let page = Page { offset: from, limit: Some(PAGE) };
        let zone = app.store.zone();
        Ok::<_, StoreError>(Listing::of(&app.judged(now)?, &Wanted::default(), page, now, zone, language))
    });
    let listing = listed.await?;
    let mut text =
        format!("<section class=\"card\"><h2>{}</h2><ul class=\"list\">", say("panel.page.backups"));
    for view in listing.backups.iter().map(|listed| &listed.view) {
        let (name, date) = (escape(view.name.as_str()), escape(&view.date));
        let day = if reader.downloads {
            format!("<a href=\"/api/backups/download/{name}\" download>{date}</a>")
        } else {
            date
        };
        let worth = say(&format!("panel.badge.{}", view.verification));
        let _ = write!(
            text,
            "<li class=\"row\"><div class=\"row-text\"><h3 class=\"row-title\">{day}</h3>\
             <p class=\"soft figures\">{} · {} · {worth}</p></div></li>",
            escape(&view.age),
            escape(&view.size),
        );
    }
    text.push_str("</ul>");
    if listing.total == 0 {
        let _ = write!(text, "<p class=\"empty\">{}</p>", say("panel.list.empty"));
    }
    for (is_there, from, key) in [
        (from > 0, from.saturating_sub(PAGE), "panel.plain.newer"),
        (listing.total > from.saturating_add(PAGE), from.saturating_add(PAGE), "panel.plain.older"),
    ] {
        if is_there {
            let _ = write!(text, "<a class=\"button\" href=\"{PLAIN}?from={from}\">{}</a> ", say(key));
        }
    }
    text.push_str("</section>");
    Ok(text)
}

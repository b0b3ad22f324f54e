//! The panel: its page, which has the sentence in it before any script runs, and its files.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::status;
use crate::access::Need;
use crate::config::Ui;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::gate::Visitor;
use crate::http::language::Caller;
use crate::http::page::{embed, escape, fill};
use crate::http::parameters::Parameters;
use crate::http::remote::Remote;
use crate::http::{assets, cookies};
use crate::text::Language;

/// `GET /`: the panel's page in the reader's language; `?lang=en` chooses one for good.
pub(super) async fn index(
    State(app): State<Arc<App>>,
    Caller(language): Caller,
    Extension(remote): Extension<Remote>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(chosen) = parameters.choice("lang", &Ui::LANGUAGES)? {
        return Ok(remember(chosen, "/"));
    }
    let template = assets::text(&format!("index.{}.html", language.code())).expect("a page a language");
    let gaps = match app.visitor(&headers, &remote).await {
        Ok(visitor) if visitor.may(Need::Read) => gaps(&told(&app, language).await, &visitor, language),
        // Where nobody can say who may what, the scripts ask again, and tell why.
        Ok(_) | Err(_) => gaps_of_door(language),
    };
    Ok(assets::send_page(fill(template, &gaps)))
}

const HIDDEN: Cow<'static, str> = Cow::Borrowed("hidden");

/// A sentence without gaps as it is shown.
pub(super) fn shown(key: &str, language: Language) -> String {
    escape(&language.set(&language.word(key)))
}

/// Goes back to the page and keeps the choice in the browser.
pub(super) fn remember(chosen: Language, page: &'static str) -> Response {
    let headers = [
        (header::LOCATION, HeaderValue::from_static(page)),
        (header::SET_COOKIE, cookies::keep_language(chosen)),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// How the backups stand: what `GET /api/status` says, or why it cannot be said.
pub(super) async fn told(app: &Arc<App>, language: Language) -> Result<Value, String> {
    let status = status::told(app, language).await.map_err(|error| language.say(&error.sentence))?;
    Ok(serde_json::to_value(status).expect("texts and numbers are JSON"))
}

/// The state, the sentence and what to do, as they are shown.
pub(super) fn words(told: &Result<Value, String>, language: Language) -> [String; 3] {
    let set = |text: &str| escape(&language.set(text));
    match told {
        Ok(told) => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let sentence = text(&told["sentence"]);
            let advice = match &told["causes"][0] {
                Value::Null => language.word("panel.advice.good"),
                cause => text(&cause["advice"]),
            };
            // The largest thing on the page needs no full stop.
            let sentence = sentence.strip_suffix('.').unwrap_or(&sentence);
            [text(&told["state"]), set(sentence), set(&advice)]
        }
        Err(why) => ["watch".into(), shown("panel.verdict.unknown", language), set(why)],
    }
}

type Gaps = Vec<(&'static str, Cow<'static, str>)>;

/// What fills the page of whoever has to sign in first: nothing is told.
fn gaps_of_door(language: Language) -> Gaps {
    let [name, action] = ["panel.title", "panel.signin.action"].map(|key| shown(key, language));
    vec![
        ("title", format!("{action} · {name}").into()),
        ("state", "watch".into()),
        ("content", HIDDEN),
        ("open", HIDDEN),
        ("setup", HIDDEN),
        ("person", HIDDEN),
        ("status", "null".into()),
    ]
}

/// What fills the page of whoever may read. All that stands above the sentence is there with
/// it: nothing moves when scripts come.
fn gaps(told: &Result<Value, String>, visitor: &Visitor, language: Language) -> Gaps {
    let [state, sentence, advice] = words(told, language);
    let status = told.as_ref().map_or_else(|_| "null".to_owned(), embed);
    let unless = |is_shown: bool| if is_shown { "".into() } else { HIDDEN };
    vec![
        ("title", format!("{sentence} · {}", shown("panel.title", language)).into()),
        ("state", state.into()),
        ("sentence", sentence.into()),
        ("advice", advice.into()),
        ("door", HIDDEN),
        ("open", unless(visitor.is_open)),
        ("setup", unless(!visitor.is_open && !visitor.is_claimed)),
        ("person", unless(visitor.may(Need::Person))),
        ("status", status.into()),
    ]
}

/// `GET /assets/{version}/{file}`: immutable; 404 for another version's.
pub(super) async fn asset(
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((version, file)) = path.map_err(|_| ApiError::not_found())?;
    if version != assets::VERSION || !assets::has(&file) {
        return Err(ApiError::not_found());
    }
    let mut response = assets::send(&file, &headers);
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, for_ever);
    Ok(response)
}

//! Requests through the whole service, in this process and over no socket: no answer is an
//! accident, nobody gets what he has no right to, and nothing is changed.
//!
//! The first byte of the input says what the caller shows; then come a line `METHOD TARGET`, the
//! headers a line each, an empty line and the body.
#![no_main]

use std::fs;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use neopro_backup::access::{Access, Moment, Need, Scope};
use neopro_backup::config::{Auth, Config};
use neopro_backup::http::{App, Hub, ROUTES, Server};
use neopro_backup::model::{Automatic, RestoreRequest};
use neopro_backup::service::Stop;
use neopro_backup::store::Store;
use neopro_backup::supervisor::{Started, Supervisor, SupervisorError, Wish};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5));
/// Bytes of the longest answer that is read.
const LONGEST: usize = 4 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((shown, text)) = input.split_first() else { return };
    let (token, rights): (_, &[Need]) = match shown % 3 {
        0 => (None, &[Need::Nothing]),
        1 => (Some(&PANEL.reader), &[Need::Nothing, Need::Read, Need::Look]),
        _ => (Some(&PANEL.downloader), &[Need::Nothing, Need::Read, Need::Look, Need::Download]),
    };
    let Some(mut request) = request(text) else { return };
    if let Some(token) = token {
        request.headers_mut().insert(header::AUTHORIZATION, token.clone());
    }
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let length = PANEL.runtime.block_on(async {
        let answer = PANEL.server.answer(request, CALLER).await;
        is_granted(&method, uri.path(), answer.status(), rights);
        is_in_order(&method, answer).await
    });
    let left: Vec<_> = fs::read_dir(&PANEL.backups).expect("the folder of backups").collect();
    assert_eq!(left.len(), 1, "{method} {uri} has left {left:?} ({length:?} bytes)");
});

/// The request of a text; none where no connection would hand on such a one.
fn request(text: &[u8]) -> Option<Request<Body>> {
    let mut rest = text;
    let first = str::from_utf8(line(&mut rest)).ok()?;
    let (method, target) = first.split_once(' ')?;
    let target: Uri = target.parse().ok()?;
    let mut request = Request::new(Body::empty());
    (*request.method_mut(), *request.uri_mut()) = (Method::from_bytes(method.as_bytes()).ok()?, target);
    loop {
        let line = line(&mut rest);
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = Body::from(rest.to_vec());
    Some(request)
}

/// Takes the first line off the text.
fn line<'t>(text: &mut &'t [u8]) -> &'t [u8] {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let line = &text[..end];
    *text = &text[(end + 1).min(text.len())..];
    line
}

/// Whoever has been given something has the right that the route's rule asks for.
fn is_granted(method: &Method, path: &str, status: StatusCode, rights: &[Need]) {
    if !status.is_success() || !path.starts_with("/api/") {
        return;
    }
    let method = if *method == Method::HEAD { "get" } else { &method.as_str().to_ascii_lowercase() };
    let needs = ROUTES.iter().filter(|(template, _)| is_of(template, path)).flat_map(|(_, rules)| *rules);
    let mut needs = needs.filter(|rule| rule.method == method).map(|rule| rule.need).peekable();
    assert!(needs.peek().is_some(), "{status} of {method} {path}, which no rule knows");
    assert!(needs.any(|need| rights.contains(&need)), "{status} of {method} {path} by who may not");
}

/// Whether the path is one of this template; several may fit, of which the service chooses one.
fn is_of(template: &str, path: &str) -> bool {
    let same = |(part, piece): (&str, &str)| part.starts_with('{') || part == piece;
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(same)
}

/// The answer is one that is meant: its length, where it has been read.
async fn is_in_order(method: &Method, answer: Response<Body>) -> Option<usize> {
    let (parts, body) = answer.into_parts();
    let (status, headers) = (parts.status, &parts.headers);
    // 503: jobs cannot be started here.
    let is_meant = !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE;
    assert!(is_meant, "{status} of {method}");
    assert_eq!(headers.get(header::X_CONTENT_TYPE_OPTIONS).map(HeaderValue::as_bytes), Some(&b"nosniff"[..]));
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    // These have no end.
    if kind.starts_with(b"text/event-stream") {
        return None;
    }
    let body = to_bytes(body, LONGEST).await.expect("an answer of bearable length");
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if *method == Method::HEAD {
        assert!(body.is_empty());
        return None;
    }
    assert!(length.is_none_or(|length: usize| length == body.len()), "{length:?} is not {}", body.len());
    if status.is_client_error()
        && kind == b"application/json"
        && !headers.contains_key(header::CONTENT_ENCODING)
    {
        let error: Value = serde_json::from_slice(&body).expect("an error is JSON");
        assert!(
            error["success"] == false && error["code"].is_string() && error["message"].is_string(),
            "{error}"
        );
    }
    if status == StatusCode::PARTIAL_CONTENT {
        is_that_part(headers.get(header::CONTENT_RANGE).expect("a part says which"), &body);
    }
    Some(body.len())
}

/// A part holds the bytes that its header says.
fn is_that_part(range: &HeaderValue, body: &[u8]) {
    let range = range.to_str().ok().and_then(|range| range.strip_prefix("bytes "));
    let (part, whole) = range.and_then(|range| range.split_once('/')).expect("bytes FIRST-LAST/WHOLE");
    let (first, last) = part.split_once('-').expect("FIRST-LAST");
    let [first, last, whole] = [first, last, whole].map(|number| number.parse::<usize>().expect("a number"));
    assert!(whole == PANEL.archive.len() && body == &PANEL.archive[first..=last], "{range:?}");
}

/// A panel over one archive, whose password has been set.
struct Panel {
    _folder: TempDir,
    backups: PathBuf,
    archive: Vec<u8>,
    server: Server,
    reader: HeaderValue,
    downloader: HeaderValue,
    runtime: Runtime,
}

static PANEL: LazyLock<Panel> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let place = |name: &str| folder.path().join(name);
    let mut config = Config::default();
    (config.paths.backups, config.paths.state, config.paths.runtime) =
        (place("backups"), place("state"), place("run"));
    for (number, file) in config.files.iter_mut().enumerate() {
        file.path = place(&format!("file-{number}"));
    }
    let backups = config.paths.backups.clone();
    fs::create_dir(&backups).expect("the folder of backups");
    let archive = include_bytes!("../seeds/archive/a-backup").split_first().expect("a form and an archive").1;
    fs::write(backups.join("backup-20241218-030000.tar.gz"), archive).expect("an archive");
    let store = Store::open(&config.paths, TimeZone::UTC).expect("a store");

    let access = Access::of(&config.paths.state, Auth::Password);
    access.make().expect("the folder of access");
    access.reset_password("correct horse battery staple", Moment::now()).expect("a password");
    let token = |name: &str, scope| {
        let token = access.add_token(name, scope, None, Moment::now()).expect("a token");
        HeaderValue::try_from(format!("Bearer {token}")).expect("letters and digits")
    };
    let (reader, downloader) = (token("reader", Scope::Read), token("downloader", Scope::Download));
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let stop = runtime.block_on(async { Stop::on_signals() }).expect("signals can be heard");
    let app = App::new(config, access, "box", store, Arc::new(Nobody), Hub::new(), stop);
    let server = runtime.block_on(async { Server::new(app, None) });
    Panel { _folder: folder, backups, archive: archive.to_vec(), server, reader, downloader, runtime }
});

/// Starts no jobs.
struct Nobody;

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Supervisor for Nobody {
    fn start_backup(&self) -> Later<'_, Result<Started, SupervisorError>> {
        Box::pin(async { Err(SupervisorError::Stillborn) })
    }

    fn start_restore(&self, _: RestoreRequest) -> Later<'_, Result<Started, SupervisorError>> {
        Box::pin(async { Err(SupervisorError::Stillborn) })
    }

    fn automatic(&self) -> Later<'_, Result<Automatic, SupervisorError>> {
        let off =
            Automatic { enabled: false, active: false, next: None, firing: false, at: None, word: None };
        Box::pin(async { Ok(off) })
    }

    fn set_automatic(&self, _: Wish) -> Later<'_, Result<Automatic, SupervisorError>> {
        self.automatic()
    }

    fn foresee(&self, _: Wish) -> Later<'_, Result<Automatic, SupervisorError>> {
        self.automatic()
    }

    fn manager(&self) -> &'static str {
        "local"
    }

    fn attend<'a>(&'a self, _: &'a (dyn Fn() + Send + Sync)) -> Later<'a, ()> {
        Box::pin(async {})
    }
}

//! `/api/backups/download/{name}`: the file, whole or in part.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfModifiedSince, IfNoneMatch, IfRange,
    LastModified,
};

use super::Named;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::range::{Part, part_of};
use crate::store::StoreError;

/// One read from the card and one write to the network. The bytes are copied once,
/// from the page cache; larger pieces gain nothing and cost memory for each client.
const PIECE: usize = 256 << 10;

/// The end of the year 9999.
const LATEST: Duration = Duration::from_secs(253_402_300_799);

/// `GET /api/backups/download/{name}`: 200, 206, 304, 400 malformed, 404 absent, 416.
pub(super) async fn download(
    State(app): State<Arc<App>>,
    Named(name): Named,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wanted = name.clone();
    let (file, found) = app
        .store(move |store| {
            let file = store.open_archive(&wanted)?;
            let found = file.metadata().map_err(|_| StoreError::NotFound { name: wanted })?;
            Ok((file, found))
        })
        .await?;
    let version = Version::of(&found);
    let mut response = match version.answer_to(&method, &headers, found.len()) {
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Unsatisfiable => {
            let mut refusal = ApiError::of(StatusCode::RANGE_NOT_SATISFIABLE, "bad_range").into_response();
            refusal.headers_mut().typed_insert(ContentRange::unsatisfied_bytes(found.len()));
            return Ok(refusal);
        }
        Answer::Send { start, end, partial } => {
            let body = if method == Method::HEAD { Body::empty() } else { pieces(file, start, end) };
            let mut response = Response::new(body);
            response.headers_mut().typed_insert(ContentLength(end - start));
            if partial {
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                let range = ContentRange::bytes(start..end, found.len());
                response.headers_mut().typed_insert(range.map_err(|_| ApiError::internal())?);
            }
            response
        }
    };
    let headers = response.headers_mut();
    headers.typed_insert(version.etag);
    headers.typed_insert(version.modified);
    headers.typed_insert(AcceptRanges::bytes());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::try_from(disposition).expect("an archive's name is plain ASCII"),
    );
    // It holds secrets: kept by nobody, yet a broken download may be resumed.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// What tells one state of the file from another.
struct Version {
    etag: ETag,
    modified: LastModified,
}

enum Answer {
    NotModified,
    Unsatisfiable,
    Send { start: u64, end: u64, partial: bool },
}

impl Version {
    fn of(found: &Metadata) -> Self {
        let etag = format!("\"{:x}-{:x}-{:x}\"", found.mtime(), found.mtime_nsec(), found.len());
        let modified = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // What a date in a header can be; a card may hold any other.
        let modified = modified.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LATEST);
        Self { etag: etag.parse().expect("hexadecimal digits in quotes"), modified: modified.into() }
    }

    /// RFC 9110, in its order: conditions first, then the range.
    fn answer_to(&self, method: &Method, headers: &HeaderMap, length: u64) -> Answer {
        if let Some(none_match) = headers.typed_get::<IfNoneMatch>() {
            if !none_match.precondition_passes(&self.etag) {
                return Answer::NotModified;
            }
        } else if let Some(since) = headers.typed_get::<IfModifiedSince>()
            && !since.is_modified(self.modified.into())
        {
            return Answer::NotModified;
        }
        let whole = Answer::Send { start: 0, end: length, partial: false };
        let changed = |condition: IfRange| condition.is_modified(Some(&self.etag), Some(&self.modified));
        // A condition that cannot be read is one that does not hold.
        if headers.contains_key(header::IF_RANGE) && headers.typed_get().is_none_or(changed) {
            return whole;
        }
        // Ranges are of GET alone, and asked for once.
        let mut asked = headers.get_all(header::RANGE).iter();
        let (Some(range), None, &Method::GET) = (asked.next(), asked.next(), method) else { return whole };
        match range.to_str().map_or(Part::Whole, |range| part_of(range, length)) {
            Part::Whole => whole,
            Part::Bytes { start, end } => Answer::Send { start, end, partial: true },
            Part::Nowhere => Answer::Unsatisfiable,
        }
    }
}

/// The bytes from `start` to `end`, a piece at a time as the client takes them.
pub(super) fn pieces(file: File, start: u64, end: u64) -> Body {
    let file = Arc::new(file);
    Body::from_stream(stream::try_unfold(start, move |position| {
        let file = Arc::clone(&file);
        async move {
            if position == end {
                return Ok::<_, io::Error>(None);
            }
            let length = usize::try_from(end - position).unwrap_or(PIECE).min(PIECE);
            // Off the runtime: a bad card can take seconds for one read.
            let piece = tokio::task::spawn_blocking(move || read_piece(&file, position, length));
            let piece = piece.await.map_err(io::Error::other)??;
            let next = position + piece.len() as u64;
            Ok(Some((piece, next)))
        }
    }))
}

fn read_piece(file: &File, position: u64, length: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; length];
    // Shorter than promised: the connection is cut, so that nobody takes it for whole.
    file.read_exact_at(&mut piece, position)?;
    Ok(piece.into())
}

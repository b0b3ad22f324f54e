//! What hyper refuses before any handler sees it (a head that is no HTTP, or too
//! long) it answers with an empty body; here that answer gets the words of every
//! other error. Pure.

use axum::http::StatusCode;

use super::error::ApiError;
use super::guard::ANSWERS;
use crate::text::Language;

/// Bytes of a refusal at most; hyper's have about 100.
const LONGEST: usize = 512;

/// The whole answer to send instead of `head`, where `head` is one of hyper's own
/// refusals: an error without a body and without the policy that our guard puts on
/// every answer. A part of a download that only begins like one is none.
pub(super) fn in_words(head: &[u8], language: Language) -> Option<Vec<u8>> {
    if head.len() > LONGEST || !head.ends_with(b"\r\n\r\n") {
        return None;
    }
    let text = str::from_utf8(head).ok()?;
    let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse::<u16>().ok()?;
    let status = StatusCode::from_u16(status).ok().filter(StatusCode::is_client_error)?;
    if text.contains("content-security-policy") {
        return None;
    }
    let code = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => "headers_too_large",
        _ => "bad_request",
    };
    Some(answer(status, code, "", language))
}

/// What a connection over the limit is told.
pub(super) fn too_many(language: Language) -> Vec<u8> {
    answer(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", "retry-after: 60\r\n", language)
}

fn answer(status: StatusCode, code: &str, more: &str, language: Language) -> Vec<u8> {
    let body = ApiError::of(status, code).body(language);
    let said = ANSWERS.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         {more}cache-control: no-store\r\n{said}\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyper_s_own_refusals_get_the_words_of_every_other_error() {
        let head =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let answer = String::from_utf8(in_words(head, Language::English).unwrap()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert!(body.contains("\"code\":\"headers_too_large\""), "{body}");
    }

    #[test]
    fn our_own_answers_pass_as_they_are() {
        for head in [
            &b"HTTP/1.1 200 OK\r\n\r\n"[..],
            b"HTTP/1.1 404 Not Found\r\ncontent-security-policy: x\r\n\r\n{}",
            b"\x1f\x8b binary",
            b"HTTP/1.1 4",
            b"HTTP/1.1 400 Bad Request\r\n\r\n and more of a file",
            [&b"HTTP/1.1 400 Bad Request\r\n"[..], &[b'x'; 1000], b"\r\n\r\n"].concat().as_slice(),
            b"",
        ] {
            assert_eq!(in_words(head, Language::French), None);
        }
    }
}

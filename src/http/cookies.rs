//! The panel's cookies: the session's, that of a browser which has been here before, and the
//! language that its reader has chosen. Pure.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::text::Language;

/// The session's secret. Over TLS its name has the prefix by which browsers refuse one
/// that was set by anybody but this very host over TLS.
const SESSION: &str = "neopro_session";
const SESSION_SECURE: &str = "__Host-neopro_session";
/// What makes a browser known.
const BROWSER: &str = "neopro_browser";
/// The language.
const LANGUAGE: &str = "neopro_language";
/// Values of one name that are looked at: another program on this device may have set one.
const MOST: usize = 4;
/// Seconds: a session's longest life.
const SESSION_AGE: u32 = 30 * 24 * 3600;
/// Seconds: a year.
const BROWSER_AGE: u32 = 365 * 24 * 3600;

/// What the browser holds for sessions. Over TLS a session that was given in clear is none:
/// others may have read it, or set it.
pub(super) fn sessions(headers: &HeaderMap, secure: bool) -> Vec<String> {
    values(headers, name_of_session(secure)).take(MOST).map(str::to_owned).collect()
}

/// Whether it holds any.
pub(super) fn has_session(headers: &HeaderMap) -> bool {
    [SESSION, SESSION_SECURE].iter().any(|name| values(headers, name).next().is_some())
}

/// What it keeps from an earlier time.
pub(super) fn browser(headers: &HeaderMap) -> Option<String> {
    values(headers, BROWSER).next().map(str::to_owned)
}

/// The language that its reader has chosen.
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    values(headers, LANGUAGE).find_map(Language::of_code)
}

/// Keeps the language; it is no secret.
pub(super) fn keep_language(chosen: Language) -> HeaderValue {
    cookie(&format!("{LANGUAGE}={}; Path=/; Max-Age={BROWSER_AGE}", chosen.code()), false)
}

fn name_of_session(secure: bool) -> &'static str {
    if secure { SESSION_SECURE } else { SESSION }
}

fn values<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
}

/// Gives the browser its session.
pub(super) fn give_session(secret: &str, secure: bool) -> HeaderValue {
    let name = name_of_session(secure);
    cookie(&format!("{name}={secret}; Path=/; Max-Age={SESSION_AGE}"), secure)
}

/// Makes the browser a known one. Only signing in looks at it.
pub(super) fn give_browser(secret: &str, secure: bool) -> HeaderValue {
    cookie(&format!("{BROWSER}={secret}; Path=/; Max-Age={BROWSER_AGE}"), secure)
}

/// Takes the session back.
pub(super) fn take_session(secure: bool) -> HeaderValue {
    let name = name_of_session(secure);
    cookie(&format!("{name}=; Path=/; Max-Age=0"), secure)
}

fn cookie(text: &str, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{text}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).expect("names and hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a browser sends of what it was given.
    fn sent_back(given: &[HeaderValue]) -> HeaderMap {
        let pairs: Vec<_> =
            given.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::try_from(pairs.join("; ")).unwrap());
        headers
    }

    proptest! {
        #[test]
        fn what_a_browser_was_given_is_what_it_shows(
            session in "[0-9a-f]{64}", known in "[0-9a-f]{64}", secure: bool, english: bool
        ) {
            let language = if english { Language::English } else { Language::French };
            let shown = sent_back(&[
                give_browser(&known, secure), keep_language(language), give_session(&session, secure)
            ]);
            prop_assert_eq!(sessions(&shown, secure), [session]);
            // In clear it is another cookie than over TLS.
            prop_assert_eq!(sessions(&shown, !secure), Vec::<String>::new());
            prop_assert_eq!(browser(&shown), Some(known));
            prop_assert_eq!(super::language(&shown), Some(language));
            prop_assert!(!has_session(&sent_back(&[take_session(secure)])));
        }

        #[test]
        fn no_header_panics_or_makes_a_session_of_nothing(line in "(neopro_session)?[ =;a-z]{0,20}") {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::try_from(line).unwrap());
            prop_assert!(sessions(&headers, false).iter().all(|session| !session.is_empty()));
        }
    }

    #[test]
    fn the_session_is_found_among_others_and_not_without_end() {
        let mut headers = HeaderMap::new();
        let line =
            "theme=dark; neopro_session=a1; x=neopro_session; neopro_session=; other_neopro_session=no";
        headers.append(header::COOKIE, HeaderValue::from_static(line));
        headers
            .append(header::COOKIE, HeaderValue::from_static("neopro_session=b2; __Host-neopro_session=c3"));
        assert_eq!(sessions(&headers, false), ["a1", "b2"]);
        assert_eq!(sessions(&headers, true), ["c3"]);
        assert_eq!(browser(&headers), None);
        let many = "neopro_session=x;".repeat(1000);
        headers.insert(header::COOKIE, HeaderValue::from_str(&many).unwrap());
        assert_eq!(sessions(&headers, false).len(), MOST);
    }

    #[test]
    fn no_script_and_no_other_site_gets_it() {
        let plain = give_session("ab", false);
        assert_eq!(plain, "neopro_session=ab; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict");
        let secure = give_session("ab", true);
        assert_eq!(
            secure,
            "__Host-neopro_session=ab; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"
        );
    }
}

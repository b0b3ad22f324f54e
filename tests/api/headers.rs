//! What every answer says to the browser, whatever it is an answer to.

use crate::panel::Panel;
use crate::support::{Club, Reply, request};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Panics unless the answer keeps other sites, and caches, away from what it holds. Every
/// answer of these suites passes here.
pub(crate) fn check(path: &str, reply: &Reply) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        // A form that is sent without a referrer is sent without an origin.
        ("referrer-policy", if is_page(reply) { "same-origin" } else { "no-referrer" }),
    ] {
        assert_eq!(reply.header(name).as_deref(), Some(value), "{path}: {} {name}", reply.status);
    }
    let cached = reply.header("cache-control").unwrap_or_default();
    let expected: &[&str] = match path {
        // An address that is not known may be one of the panel's files.
        path if path.is_empty() || path.starts_with("/assets/") => {
            &["no-store", "public, max-age=31536000, immutable", ""]
        }
        path if path.contains("/download/") => &["private, no-store", "no-store"],
        _ => &["no-store"],
    };
    assert!(expected.contains(&cached.as_str()), "{path}: {} {cached:?}", reply.status);
    for name in ["access-control-allow-origin", "access-control-allow-credentials", "server"] {
        assert_eq!(reply.header(name), None, "{path}: {name}");
    }
}

fn is_page(reply: &Reply) -> bool {
    reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

#[test]
fn refusals_that_no_handler_sees_say_it_as_well() {
    let panel = Panel::of(Club::with_http("max_connections_per_address = 1"));
    let bytes = |head: &str| head.replace('\n', "\r\n").into_bytes();
    let told = |bytes: &[u8]| {
        // `raw` checks the headers of what comes.
        crate::support::until("an answer", || panel.raw(bytes))
    };
    assert_eq!(told(&bytes("NONSENSE\n\n")).status, 400);
    let long = format!("GET /{} HTTP/1.1\nHost: localhost\n\n", "x".repeat(70_000));
    assert!([414, 431].contains(&told(&bytes(&long)).status));
    let _held = panel.events("/api/events", None);
    // A refusal can be lost where the peer still sends; one is enough.
    let refused = || {
        let reply = panel.raw(&request(panel.daemon.address, "GET", "/api/health", &[], b""))?;
        (reply.status == 429).then_some(reply)
    };
    crate::support::until("a refusal that can be read", refused);
}

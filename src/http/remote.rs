//! Where a request really comes from: the other end of the connection, or what a proxy
//! that the configuration names says of it. Anybody else's word is ignored. Pure.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri, header};

use super::peer::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The caller as far as he can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// His address.
    pub(super) address: IpAddr,
    /// Whether the way to him is encrypted.
    pub(super) secure: bool,
    /// The host and port that he asked for; none where he named several or none.
    pub(super) host: Option<Authority>,
}

impl Remote {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap, peer: Peer, proxies: &[IpAddr]) -> Self {
        let own = authority(uri, headers);
        if !proxies.contains(&peer.address) {
            return Self { address: peer.address, secure: peer.secure, host: own };
        }
        let address = caller(headers, proxies).unwrap_or(peer.address);
        let secure = match nearest(headers, &FORWARDED_PROTO) {
            Some(scheme) => scheme.eq_ignore_ascii_case("https"),
            None => peer.secure,
        };
        let host = match nearest(headers, &FORWARDED_HOST) {
            Some(host) => host.parse().ok(),
            None => own,
        };
        Self { address, secure, host }
    }

    /// The `Origin` of this device's own pages, as he sees it.
    pub(super) fn origin(&self) -> Option<String> {
        let (scheme, usual) = if self.secure { ("https", ":443") } else { ("http", ":80") };
        let host = self.host.as_ref()?.as_str();
        // A browser leaves the usual port out; a proxy may write it.
        Some(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(host)).to_ascii_lowercase())
    }
}

/// The last address of the list that is no proxy's: what stands before it is hearsay.
fn caller(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let lists = headers.get_all(FORWARDED_FOR).into_iter().rev();
    let entries = lists.flat_map(|list| list.to_str().unwrap_or("").rsplit(','));
    let addresses = entries.map(|entry| entry.trim().parse::<IpAddr>().map(|address| address.to_canonical()));
    for address in addresses {
        match address {
            Ok(address) if proxies.contains(&address) => {}
            other => return other.ok(),
        }
    }
    None
}

/// What the nearest proxy says, which stands last.
fn nearest<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get_all(name).into_iter().next_back()?.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// The host and port that the request names: in its line, else in its header; none where it
/// names several or none.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if headers.get_all(header::HOST).iter().nth(1).is_some() {
        return None;
    }
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PROXY: &str = "10.0.0.1";

    fn remote(peer: &str, headers: &[(&'static str, &str)]) -> (String, bool, Option<String>) {
        let mut map = HeaderMap::new();
        map.insert(header::HOST, HeaderValue::from_static("box:8080"));
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let peer = Peer::new(peer.parse().unwrap(), false);
        let proxies = [PROXY.parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let remote = Remote::of(&Uri::from_static("/"), &map, peer, &proxies);
        (remote.address.to_string(), remote.secure, remote.origin())
    }

    const SAID: &[(&str, &str)] = &[
        ("x-forwarded-for", "6.6.6.6, 192.168.1.5, 10.0.0.2"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "Club.example"),
    ];

    #[test]
    fn a_named_proxy_is_believed() {
        let said = remote(PROXY, SAID);
        assert_eq!(said, ("192.168.1.5".into(), true, Some("https://club.example".into())));
        let mapped = remote("::ffff:10.0.0.1", &[("x-forwarded-for", "::ffff:192.168.1.5")]);
        assert_eq!(mapped, ("192.168.1.5".into(), false, Some("http://box:8080".into())));
    }

    #[test]
    fn anybody_else_is_not() {
        let said = remote("192.168.1.66", SAID);
        assert_eq!(said, ("192.168.1.66".into(), false, Some("http://box:8080".into())));
    }

    #[test]
    fn what_a_caller_put_into_the_list_himself_is_hearsay() {
        let of = |list| remote(PROXY, &[("x-forwarded-for", list)]).0;
        assert_eq!(of("1.1.1.1, 192.168.1.5"), "192.168.1.5");
        assert_eq!(of("192.168.1.5, nonsense"), PROXY);
        assert_eq!(of("10.0.0.2"), PROXY);
        let twice = remote(PROXY, &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "192.168.1.5")]);
        assert_eq!(twice.0, "192.168.1.5");
        assert!(!remote(PROXY, &[("x-forwarded-proto", "https, http")]).1);
        assert_eq!(remote(PROXY, &[("x-forwarded-host", "a b")]).2, None);
        let usual = [("x-forwarded-host", "club.example:443"), ("x-forwarded-proto", "https")];
        assert_eq!(remote(PROXY, &usual).2.as_deref(), Some("https://club.example"));
        assert_eq!(remote(PROXY, &[("x-forwarded-host", "[::1]:80")]).2.as_deref(), Some("http://[::1]"));
    }
}

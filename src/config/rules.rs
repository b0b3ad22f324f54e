//! What each kind of text must look like. Pure: no rule looks at the disk.

use std::net::{IpAddr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use jiff::civil::Time;

use crate::model::Sentence;

/// Bytes in a member's name: what every file system takes.
const MAX_MEMBER_BYTES: usize = 255;
/// Bytes in a user's name (`useradd`).
const MAX_USER_BYTES: usize = 32;
/// Bytes in a host name (RFC 1035).
const MAX_HOST_BYTES: usize = 253;
/// Bytes between two dots of a host name (RFC 1035).
const MAX_LABEL_BYTES: usize = 63;

/// Absolute and without `..`, so that a path means one place wherever it is used.
pub(super) fn path(text: &str) -> Result<PathBuf, Sentence> {
    let path = Path::new(text);
    if !path.is_absolute() {
        return Err(Sentence::new("config.path_relative"));
    }
    if path.components().any(|component| component == Component::ParentDir) {
        return Err(Sentence::new("config.path_parent"));
    }
    if text.contains('\0') {
        return Err(Sentence::new("config.path_nul"));
    }
    Ok(path.to_owned())
}

/// A file name that needs quotes in no shell and hides on no machine.
pub(super) fn member(text: &str) -> Result<String, Sentence> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let valid = (1..=MAX_MEMBER_BYTES).contains(&text.len())
        && text.bytes().all(is_plain)
        && !text.starts_with(['.', '-']);
    if valid { Ok(text.to_owned()) } else { Err(Sentence::new("config.member_name")) }
}

/// A host name or an IPv4 address, in lower case; `_` is not one's by the book, but on many a network.
pub(super) fn host(text: &str) -> Result<String, Sentence> {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let valid = text.len() <= MAX_HOST_BYTES && text.split('.').all(is_label);
    if valid { Ok(text.to_ascii_lowercase()) } else { Err(Sentence::new("config.host")) }
}

/// A user's name as Debian's `adduser` makes it; so it fits into a unit and a path as it is.
pub(super) fn user(text: &str) -> Result<String, Sentence> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    let valid = (1..=MAX_USER_BYTES).contains(&text.len())
        && text.bytes().all(is_plain)
        && !text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if valid { Ok(text.to_owned()) } else { Err(Sentence::new("config.user_name")) }
}

/// An IP address; an IPv4 address is one, also where it is written in IPv6.
pub(super) fn ip(text: &str) -> Result<IpAddr, Sentence> {
    text.parse().map(|address: IpAddr| address.to_canonical()).map_err(|_| Sentence::new("config.ip"))
}

/// An IP address and a port.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Sentence> {
    text.parse().map_err(|_| Sentence::new("config.address"))
}

/// `HH:MM`, 00:00 to 23:59.
pub(super) fn time_of_day(text: &str) -> Result<Time, Sentence> {
    let two_digits = |text: &str| -> Option<i8> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let time = text
        .split_once(':')
        .and_then(|(hour, minute)| Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok());
    time.ok_or_else(|| Sentence::new("config.time"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key<T: std::fmt::Debug>(refused: Result<T, Sentence>) -> String {
        refused.unwrap_err().key
    }

    #[test]
    fn only_absolute_paths_without_parents_are_taken() {
        for good in ["/", "/a", "/a/b.c/", "/vidéos du club", "/a/./b", "/a..b/..."] {
            assert_eq!(path(good).unwrap().to_str(), Some(good));
        }
        for bad in ["", "a", "./a", "~/a", "../a"] {
            assert_eq!(key(path(bad)), "config.path_relative", "{bad}");
        }
        for bad in ["/..", "/a/../b", "/a/.."] {
            assert_eq!(key(path(bad)), "config.path_parent", "{bad}");
        }
        assert_eq!(key(path("/a\0")), "config.path_nul");
    }

    #[test]
    fn bad_member_names_are_refused() {
        for good in ["a", "A.b_c-9", "_", &"x".repeat(255)] {
            assert_eq!(member(good).unwrap(), good);
        }
        let long = "x".repeat(256);
        for bad in ["", ".", "..", ".env", "-rf", "a/b", "a b", "é", "a\n", "a\\b", "a:b", long.as_str()] {
            assert_eq!(key(member(bad)), "config.member_name", "{bad:?}");
        }
    }

    #[test]
    fn a_user_s_name_needs_no_quotes_anywhere() {
        for good in ["pi", "neo_pro-1", "_x", &"a".repeat(32)] {
            assert_eq!(user(good).unwrap(), good);
        }
        for bad in ["", "Pi", "1a", "-a", "a b", "a/b", "..", "é", "a\n", "a%i", &"a".repeat(33)] {
            assert_eq!(key(user(bad)), "config.user_name", "{bad:?}");
        }
    }

    #[test]
    fn hosts_have_neither_scheme_nor_port() {
        for good in ["neopro", "neopro.local", "192.168.1.20", "a-b_c.fr"] {
            assert_eq!(host(good).unwrap(), good);
        }
        assert_eq!(host("Neopro.LOCAL").unwrap(), "neopro.local");
        let (label, name) = ("a".repeat(64), "abc.".repeat(64) + "a");
        for bad in
            ["", ".", "a.", "a..b", "http://a", "a:80", "a/b", "-a", "a-", "é", "*", "::1", &label, &name]
        {
            assert_eq!(key(host(bad)), "config.host", "{bad}");
        }
    }

    #[test]
    fn an_address_has_an_ip_and_a_port() {
        for good in ["0.0.0.0:8080", "[::]:0", "127.0.0.1:65535"] {
            assert_eq!(listen(good).unwrap().to_string(), good);
        }
        for bad in ["", "8080", ":8080", "0.0.0.0", "localhost:8080", "0.0.0.0:65536", "::1:80"] {
            assert_eq!(key(listen(bad)), "config.address", "{bad}");
        }
    }

    #[test]
    fn a_time_is_two_digits_twice() {
        assert_eq!(time_of_day("00:00").unwrap(), Time::midnight());
        assert_eq!(time_of_day("23:59").unwrap(), jiff::civil::time(23, 59, 0, 0));
        for bad in
            ["", ":", "3:00", "03:0", "24:00", "03:60", "03:00:00", "03h00", " 03:00", "+3:00", "٠3:00"]
        {
            assert_eq!(key(time_of_day(bad)), "config.time", "{bad}");
        }
    }

    #[test]
    fn every_minute_of_a_day_is_read_as_it_is_written() {
        for (hour, minute) in (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute))) {
            let at = jiff::civil::time(hour, minute, 0, 0);
            assert_eq!(time_of_day(&crate::model::time::hour(at)).unwrap(), at);
        }
    }

    proptest! {
        #[test]
        fn every_rule_takes_or_refuses_any_text(text in "\\PC{0,40}") {
            let _ = (path(&text), member(&text), user(&text), host(&text), listen(&text), time_of_day(&text));
        }
    }
}

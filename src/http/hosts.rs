//! The names that this device answers to. Pure.

use std::net::IpAddr;

/// The names that this device answers to. Another name means a page that points its
/// own name here (DNS rebinding) to read what it must not.
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// The machine's own names and the configured ones.
    pub(super) fn of(own: &str, configured: &[String]) -> Self {
        let own = own.to_ascii_lowercase();
        let mut names = vec!["localhost".to_owned(), format!("{own}.local"), own];
        names.extend(configured.iter().map(|name| name.to_ascii_lowercase()));
        Self(names)
    }

    /// The names, in lower case; some may be there twice.
    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether a request may name this host: an address, or one of the names.
    pub(super) fn knows(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok() || self.0.contains(&host.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_own_names_are_known_and_nothing_else() {
        let hosts = Hosts::of("Neopro", &["Sauvegarde.club.example".into()]);
        for known in ["127.0.0.1", "[::1]", "localhost", "neopro", "NEOPRO.local", "sauvegarde.club.example"]
        {
            assert!(hosts.knows(known), "{known}");
        }
        for foreign in ["evil.example", "neopro.evil.example", "localhost.evil.example", "", "127.0.0.1.evil"]
        {
            assert!(!hosts.knows(foreign), "{foreign}");
        }
    }
}

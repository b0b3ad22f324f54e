//! Whoever calls a panel that asks who he is.

use crate::panel::Panel;
use crate::support::{Club, Connection, Reply, planted, request};

/// What a caller shows with each request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    headers: Vec<(String, String)>,
}

impl Guest {
    /// Shows nothing.
    pub(crate) fn nobody() -> Self {
        Self::default()
    }

    /// Shows a token.
    pub(crate) fn token(secret: &str) -> Self {
        Self::nobody().with("Authorization", &format!("Bearer {secret}"))
    }

    /// Shows cookies.
    pub(crate) fn cookies(cookies: &str) -> Self {
        Self::nobody().with("Cookie", cookies)
    }

    /// The same with one more header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.push((name.to_owned(), value.to_owned()));
        Self { headers }
    }

    /// Comes from the panel's own page.
    pub(crate) fn on_page(&self, panel: &Panel) -> Self {
        self.with("Origin", &format!("http://{}", panel.daemon.address))
    }

    pub(crate) fn ask(&self, panel: &Panel, method: &str, path: &str, body: &str) -> Reply {
        panel.ask(method, path, &self.shown(), body)
    }

    /// The status of a request that may open a stream, and the code of a refusal.
    pub(crate) fn knock(&self, panel: &Panel, method: &str, path: &str) -> (u16, String) {
        let mut connection = panel.connect();
        connection.send(&request(panel.daemon.address, method, path, &self.shown(), b""));
        let mut reply = connection.head().expect("an answer");
        crate::headers::check(path, &reply);
        if reply.status < 400 {
            return (reply.status, String::new());
        }
        let length = reply.header("content-length").unwrap().parse().unwrap();
        reply.body = connection.bytes(length).unwrap();
        (reply.status, reply.json()["code"].as_str().unwrap().to_owned())
    }

    fn shown(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

impl Panel {
    /// A panel whose password has been set.
    pub(crate) fn guarded() -> Self {
        Self::guarded_with("")
    }

    /// The same with further lines in `[http]`.
    pub(crate) fn guarded_with(lines: &str) -> Self {
        let club = Club::guarded(lines);
        club.set_password(planted::PASSWORD);
        Self::of(club)
    }

    /// Notes what must be found nowhere.
    pub(crate) fn keep_secret(&self, secret: &str) {
        self.club.keep_secret(secret);
    }

    /// A token of this scope.
    pub(crate) fn token(&self, name: &str, scope: &str, more: &[&str]) -> Guest {
        let secret = self.club.token(name, scope, more);
        self.keep_secret(&secret);
        Guest::token(&secret)
    }

    /// Whoever has signed in with this password, showing nothing before.
    pub(crate) fn signed_in(&self, password: &str) -> Guest {
        let reply = self.sign_in(&Guest::nobody(), password);
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        Guest::cookies(&self.given(&reply))
    }

    pub(crate) fn sign_in(&self, guest: &Guest, password: &str) -> Reply {
        guest.ask(
            self,
            "POST",
            "/api/access/session",
            &serde_json::json!({ "password": password }).to_string(),
        )
    }

    /// The cookies that an answer gives, as a browser shows them again.
    pub(crate) fn given(&self, reply: &Reply) -> String {
        let given = reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let pairs: Vec<_> = given.map(|(_, cookie)| cookie.split(';').next().unwrap().to_owned()).collect();
        for pair in &pairs {
            self.keep_secret(pair.split_once('=').unwrap().1);
        }
        pairs.join("; ")
    }

    /// What a client on its own connection from this address of the loopback is told.
    pub(crate) fn ask_from(
        &self,
        from: std::net::Ipv4Addr,
        guest: &Guest,
        method: &str,
        path: &str,
        body: &str,
    ) -> Reply {
        let mut connection = Connection::open_from(from, self.daemon.address).unwrap();
        connection.send(&request(self.daemon.address, method, path, &guest.shown(), body.as_bytes()));
        let reply = connection.reply(false).expect("an answer");
        crate::headers::check(path, &reply);
        planted::assert_absent(&reply.body, &self.club.secrets(), path);
        reply
    }
}

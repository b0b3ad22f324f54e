//! A club and its daemon; every answer that passes here is held against the document.

use std::fs::{self, File};

use crate::support::{Club, Connection, Daemon, Events, Reply, Told, exchange, planted, request, until};
use crate::{document, headers};

/// The contract's own example.
pub(crate) const NAME: &str = "backup-20241218-030000.tar.gz";

/// A club whose panel is served.
pub(crate) struct Panel {
    // Before the club: a daemon must not outlive its folder.
    pub(crate) daemon: Daemon,
    pub(crate) club: Club,
}

impl Panel {
    pub(crate) fn new() -> Self {
        Self::of(Club::new())
    }

    pub(crate) fn of(club: Club) -> Self {
        Self::with_environment(club, &[])
    }

    /// One that reads nothing back by itself any more: what is placed now stays unread.
    pub(crate) fn settled() -> Self {
        let club = Club::new();
        let first = "backup-19990101-000000.tar.gz";
        fs::write(club.backup(first), "").unwrap();
        let panel = Self::of(club);
        until("what was there is read", || {
            (panel.list()["backups"][0]["verification"] == "damaged").then_some(())
        });
        assert_eq!(panel.delete(&format!("/api/backups/{first}")).status, 200);
        panel
    }

    /// One with these variables set.
    pub(crate) fn with_environment(club: Club, variables: &[(&str, &str)]) -> Self {
        let mut command = club.command(&["serve", "--listen", "127.0.0.1:0"]);
        let daemon = Daemon::of(command.envs(variables.iter().copied()));
        Self { daemon, club }
    }

    /// One request of the usual form.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let bytes = request(self.daemon.address, method, path, headers, body.as_bytes());
        let reply = exchange(self.daemon.address, &bytes).expect("an answer");
        document::check(method, path, &reply);
        headers::check(path, &reply);
        if !path.contains("/download/") && !path.ends_with("/raw") {
            planted::assert_absent(&reply.body, &self.club.secrets(), path);
        }
        reply
    }

    /// These very bytes; none where the connection is closed without an answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Option<Reply> {
        let reply = exchange(self.daemon.address, bytes)?;
        headers::check("", &reply);
        Some(reply)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.ask("POST", path, &[], body)
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, &[], "")
    }

    pub(crate) fn put(&self, path: &str) -> Reply {
        self.ask("PUT", path, &[], "")
    }

    /// A connection of one's own.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.daemon.address).unwrap()
    }

    /// A stream of events.
    pub(crate) fn events(&self, path: &str, after: Option<&str>) -> Events {
        Events::open(self.daemon.address, path, after)
    }

    /// Makes a backup; its name.
    pub(crate) fn backup(&self) -> String {
        let created = self.post("/api/backups/create", "");
        assert_eq!(created.status, 200, "{}", String::from_utf8_lossy(&created.body));
        self.list()["backups"][0]["name"].as_str().unwrap().to_owned()
    }

    /// Begins a backup; its job's id.
    pub(crate) fn begin(&self) -> String {
        let begun = self.ask("POST", "/api/backups/create", &[("Prefer", "respond-async")], "");
        assert_eq!(begun.status, 202);
        begun.json()["job"].as_str().unwrap().to_owned()
    }

    /// Waits until the job has reached this state; its view.
    pub(crate) fn job_in_state(&self, job: &str, state: &str) -> serde_json::Value {
        until(state, || {
            let view = self.get(&format!("/api/jobs/{job}"));
            (view.status == 200 && view.json()["state"] == state).then(|| view.json())
        })
    }

    /// The list.
    pub(crate) fn list(&self) -> serde_json::Value {
        let list = self.get("/api/backups");
        assert_eq!(list.status, 200);
        list.json()
    }

    /// Puts a file into the backup directory.
    pub(crate) fn place(&self, name: &str, content: &[u8]) {
        fs::write(self.club.backup(name), content).unwrap();
    }

    /// Sets when a file of the backup directory was modified.
    pub(crate) fn touch(&self, name: &str, modified: jiff::Timestamp) {
        let file = File::options().write(true).open(self.club.backup(name)).unwrap();
        file.set_modified(modified.into()).unwrap();
    }
}

/// The next events of the stream up to the first that is wanted, each held against the document.
pub(crate) fn events_until(
    events: &mut Events,
    stream: &str,
    mut wanted: impl FnMut(&Told) -> bool,
) -> Vec<Told> {
    let mut heard = Vec::new();
    loop {
        let told = events.next().unwrap_or_else(|| panic!("the stream ended after {heard:#?}"));
        document::check_event(stream, &told);
        let found = wanted(&told);
        heard.push(told);
        if found {
            return heard;
        }
    }
}

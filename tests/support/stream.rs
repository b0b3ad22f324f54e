//! A reader of server-sent events.

use std::net::SocketAddr;
use std::time::Instant;

use serde_json::Value;

use super::{Connection, PATIENCE, Reply, request};

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) id: Option<String>,
    /// `message` where it has no name, as browsers call it.
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// A stream that is open; each item is one event, comments are passed over.
pub(crate) struct Events {
    connection: Connection,
    text: String,
    opened: Instant,
    /// How the answer began.
    pub(crate) head: Reply,
}

impl Events {
    /// Opens a stream, after the event of this id where there is one.
    pub(crate) fn open(address: SocketAddr, path: &str, after: Option<&str>) -> Self {
        let headers: Vec<_> = after.map(|id| ("Last-Event-ID", id)).into_iter().collect();
        Self::open_with(address, path, &headers)
    }

    /// Opens a stream, with these headers.
    pub(crate) fn open_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = Connection::open(address).unwrap();
        connection.send(&request(address, "GET", path, headers, b""));
        let head = connection.head().expect("an answer");
        assert_eq!(head.status, 200, "{path}");
        assert_eq!(head.header("content-type").as_deref(), Some("text/event-stream"));
        Self { connection, text: String::new(), opened: Instant::now(), head }
    }
}

impl Iterator for Events {
    type Item = Told;

    fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let told = parse(block);
                self.text = rest.to_owned();
                match told {
                    Some(told) => return Some(told),
                    None => continue,
                }
            }
            // Comments keep the connection alive, so its own patience does not end here.
            assert!(self.opened.elapsed() < PATIENCE, "still waiting for an event or the end");
            self.text += str::from_utf8(&self.connection.chunk()?).expect("events are UTF-8");
        }
    }
}

/// None for a comment.
fn parse(block: &str) -> Option<Told> {
    let field = |name: &str| {
        block.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim_start()))
    };
    let data = serde_json::from_str(field("data")?).expect("an event's data is JSON");
    let name = field("event").unwrap_or("message").to_owned();
    Some(Told { id: field("id").map(str::to_owned), name, data })
}

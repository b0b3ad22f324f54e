//! A small HTTP client that sends its bytes as they are, since hostile requests must
//! arrive unchanged.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;

use nix::sys::socket::sockopt::ReuseAddr;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket};

use super::PATIENCE;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of a header; all of them, joined, where there are several.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let all = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let values: Vec<_> = all.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// A request of the usual form; `Host` is the address where no header says otherwise.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let given = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut lines = vec![format!("{method} {path} HTTP/1.1")];
    if !given("host") {
        lines.push(format!("Host: {address}"));
    }
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !given("content-length") && (!body.is_empty() || matches!(method, "POST" | "PUT")) {
        lines.push(format!("Content-Length: {}", body.len()));
    }
    let text = lines.join("\r\n") + "\r\n\r\n";
    [text.as_bytes(), body].concat()
}

/// Sends these bytes on a new connection; none where it is closed without an answer.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut connection = Connection::open(address).ok()?;
    connection.send(bytes);
    connection.reply(bytes.starts_with(b"HEAD "))
}

/// The status of an answer to a client at this address of the loopback.
pub(crate) fn ask_from(from: Ipv4Addr, address: SocketAddr, method: &str, path: &str, body: &str) -> u16 {
    let mut connection = Connection::open_from(from, address).unwrap();
    connection.send(&request(address, method, path, &[], body.as_bytes()));
    connection.reply(false).expect("an answer").status
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What was received and not yet used.
    pub(super) received: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// One from this address of the loopback, of which every one is this machine's.
    pub(crate) fn open_from(from: Ipv4Addr, address: SocketAddr) -> io::Result<Self> {
        let kind = (AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC);
        let socket = socket(kind.0, kind.1, kind.2, None)?;
        setsockopt(&socket, ReuseAddr, &true)?;
        bind(socket.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(from, 0)))?;
        let SocketAddr::V4(address) = address else { return Err(io::ErrorKind::Unsupported.into()) };
        connect(socket.as_raw_fd(), &SockaddrIn::from(address))?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends; a server that has answered already may have closed its side.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        match self.stream.write_all(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("nobody reads"),
            _ => {}
        }
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// A whole answer; none where the connection ends before one.
    pub(crate) fn reply(&mut self, head_only: bool) -> Option<Reply> {
        let mut reply = self.head()?;
        if head_only || matches!(reply.status, 204 | 304) {
            return Some(reply);
        }
        reply.body = if reply.header("transfer-encoding").as_deref() == Some("chunked") {
            let mut body = Vec::new();
            while let Some(chunk) = self.chunk() {
                body.extend(chunk);
            }
            body
        } else if let Some(length) = reply.header("content-length") {
            self.bytes(length.parse().unwrap()).expect("as many bytes as were promised")
        } else {
            while self.more() {}
            std::mem::take(&mut self.received)
        };
        Some(reply)
    }

    /// Status and headers.
    pub(crate) fn head(&mut self) -> Option<Reply> {
        let end = loop {
            match self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break end,
                None if self.more() => {}
                None => return None,
            }
        };
        let head = String::from_utf8_lossy(&self.received[..end]).into_owned();
        self.received.drain(..end + 4);
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.into(), value.into()));
        Some(Reply { status, headers: lines.filter_map(pair).collect(), body: Vec::new() })
    }

    /// So many bytes; none where the connection ends before.
    pub(crate) fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.received.len() < count {
            if !self.more() {
                return None;
            }
        }
        Some(self.received.drain(..count).collect())
    }

    /// One chunk of a chunked body; none at its end, which must be a clean one.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = loop {
            match self.received.windows(2).position(|two| two == b"\r\n") {
                Some(end) => break end,
                None => assert!(self.more(), "a chunked body was cut off"),
            }
        };
        let text: Vec<u8> = self.received.drain(..size + 2).collect();
        let size = usize::from_str_radix(str::from_utf8(&text[..size]).unwrap(), 16).unwrap();
        let chunk = self.bytes(size + 2).expect("a whole chunk");
        (size > 0).then(|| chunk[..size].to_vec())
    }

    /// Receives something; false at the end, a reset included.
    fn more(&mut self) -> bool {
        let mut piece = vec![0; 64 << 10];
        match self.stream.read(&mut piece) {
            Ok(count) => {
                self.received.extend(&piece[..count]);
                count > 0
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("nothing came"),
            Err(_) => false,
        }
    }
}

//! The beginning of a connection: whether its peer says anything, and what it speaks.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::app::App;
use super::peer::Peer;
use super::plain;
use super::tls::{self, Tls};
use super::wire::Wire;
use crate::service::Stop;

/// Who connects and says nothing is let go.
const FIRST_BYTE: Duration = Duration::from_secs(5);
/// The same for who has connected just before the daemon was told to stop.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// The same patience as for the head of a request.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// TLS, and what answers those who do not speak it.
pub(super) struct Encrypted {
    tls: Tls,
    plain: Router,
}

impl Encrypted {
    pub(super) fn new(tls: Tls, app: &Arc<App>) -> Self {
        Self { tls, plain: plain::router(Arc::clone(app)) }
    }
}

/// The beginning of a connection, by its first byte: what its requests come over, what answers
/// them, and from whom they are. None for who says nothing, or no TLS after all.
pub(super) async fn meet(
    stream: TcpStream,
    encrypted: Option<&Encrypted>,
    router: Router,
    address: IpAddr,
    stop: &mut Stop,
) -> Option<(Box<dyn Wire>, Router, Peer)> {
    // A list and its answer are one packet each; waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    // A look at the byte itself: to be readable is no more than the kernel's guess.
    in_time(FIRST_BYTE, stream.peek(&mut first), stop).await?.ok().filter(|count| *count == 1)?;
    let peer = |secure| Peer::new(address, secure);
    match encrypted {
        None => Some((Box::new(stream), router, peer(false))),
        Some(encrypted) if first == [tls::FIRST_BYTE] => {
            let shaken = in_time(HANDSHAKE, encrypted.tls.accept(stream), stop).await?;
            let stream = shaken.inspect_err(|error| tracing::debug!(%error, "no handshake")).ok()?;
            Some((Box::new(stream), router, peer(true)))
        }
        Some(encrypted) => Some((Box::new(stream), encrypted.plain.clone(), peer(false))),
    }
}

/// What a peer does first, if it does so in time. Who was let in before the end may still ask.
async fn in_time<T>(patience: Duration, first: impl Future<Output = T>, stop: &mut Stop) -> Option<T> {
    let mut first = pin!(timeout(patience, first));
    tokio::select! {
        done = &mut first => done.ok(),
        () = stop.asked() => timeout(LAST_WORDS, first).await.ok()?.ok(),
    }
}

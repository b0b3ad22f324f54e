//! The accept loop: limits, patience, and a clean end.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use nix::errno::Errno;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::app::App;
use super::connections::Connections;
use super::meet::{Encrypted, meet};
use super::peer::Answering;
use super::pulse::{Pulse, Question};
use super::stream::Patient;
use super::tls::Tls;
use super::{refusals, routes};
use crate::service::Stop;

/// The whole head of a request; hyper enforces it with the timer that it is given.
const HEADERS: Duration = Duration::from_secs(10);
/// hyper answers a head that does not fit itself, with an empty 431; our own limit
/// is lower and answers in words.
const HEAD_BUFFER: usize = 64 << 10;
/// Requests that are going on when the daemon is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Out of descriptors: time for connections to end.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);

/// The panel and the API, not served yet.
pub struct Server {
    app: Arc<App>,
    router: axum::Router,
    tls: Option<Arc<Encrypted>>,
    questions: mpsc::Receiver<Question>,
    pulse: Pulse,
}

impl Server {
    /// The server of these parts, encrypted or not.
    pub fn new(app: App, tls: Option<Tls>) -> Self {
        let app = Arc::new(app);
        let router = routes::router(Arc::clone(&app));
        let tls = tls.map(|tls| Arc::new(Encrypted::new(tls, &app)));
        let (ask, questions) = mpsc::channel(1);
        let pulse = Pulse::new(ask, router.clone(), Arc::clone(&app));
        Self { app, router, tls, questions, pulse }
    }

    /// What tells whether this server lives.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Serves until the app is told to stop, then drains.
    pub async fn serve(self, listener: std::net::TcpListener) -> io::Result<()> {
        serve(listener, self).await
    }
}

async fn serve(listener: std::net::TcpListener, server: Server) -> io::Result<()> {
    let Server { app, router, tls, mut questions, pulse: _pulse } = server;
    let listener = TcpListener::from_std(listener)?;
    let limits = &app.config.http;
    let connections =
        Connections::new(&limits.proxies, limits.max_connections, limits.max_connections_per_address);
    let refusal = refusals::too_many(app.config.ui.language);
    let graceful = GracefulShutdown::new();
    let mut stop = app.stop.clone();
    let mut back_off = FIRST_BACK_OFF;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(question) = questions.recv() => {
                // Whoever asked may have lost his patience.
                let _ = question.send(());
                continue;
            }
            () = stop.asked() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                back_off = FIRST_BACK_OFF;
                let Some(place) = connections.admit(peer.ip(), Instant::now()) else {
                    tracing::debug!(%peer, "connection refused: too many");
                    // As much as the socket takes at once: nobody waits for such a peer.
                    let _ = stream.try_write(&refusal);
                    continue;
                };
                let watcher = graceful.watcher();
                let (router, tls, language) = (router.clone(), tls.clone(), app.config.ui.language);
                let (mut stop, turn) = (app.stop.clone(), place.turn());
                tokio::spawn(place.hold(async move {
                    let met = meet(stream, tls.as_deref(), router, peer.ip(), &mut stop).await;
                    if let Some((wire, router, peer)) = met {
                        let stream = Patient::new(wire, language, turn.clone());
                        attend(stream, Answering::new(router, peer, turn), watcher, &stop).await;
                    }
                }));
                // A request that is there already is read before more newcomers can take its
                // place, and who must leave closes before there are more.
                tokio::task::yield_now().await;
            }
            Err(error) if is_exhaustion(&error) => {
                tracing::warn!(%error, "no new connections for a moment");
                tokio::time::sleep(back_off).await;
                back_off = (back_off * 2).min(LONGEST_BACK_OFF);
            }
            // The peer was gone before it was accepted.
            Err(error) => tracing::debug!(%error, "connection lost"),
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
    Ok(())
}

async fn attend(stream: Patient, service: Answering, watcher: Watcher, stop: &Stop) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEAD_BUFFER);
    let ended = if stop.is_asked() {
        // A connection that is told to end before its first request is read closes unread:
        // this one is not told, and has one request.
        builder.keep_alive(false).serve_connection(TokioIo::new(stream), service).await
    } else {
        watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

fn is_exhaustion(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM))
}

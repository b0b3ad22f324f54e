//! Who is at the other end of a connection, told to every request on it.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::connections::Turn;
use super::turn::{Asked, Said};

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// Its address; an IPv4 address is written as one, also where it came in IPv6.
    pub(super) address: IpAddr,
    /// Whether nobody between can read along (TLS).
    pub(super) secure: bool,
}

impl Peer {
    pub(super) fn new(address: IpAddr, secure: bool) -> Self {
        Self { address: address.to_canonical(), secure }
    }

    /// Who sent this request; nobody where the program asks itself.
    pub(super) fn of<B>(request: &Request<B>) -> Option<Self> {
        request.extensions().get().copied()
    }
}

/// Answers the requests of one connection, and tells when it is at it.
pub(super) struct Answering {
    router: TowerToHyperService<Router>,
    peer: Peer,
    turn: Turn,
}

impl Answering {
    pub(super) fn new(router: Router, peer: Peer, turn: Turn) -> Self {
        Self { router: TowerToHyperService::new(router), peer, turn }
    }
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Said>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Said>, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(|body| Body::new(Asked::new(body, self.turn.clone())));
        request.extensions_mut().insert(self.peer);
        let (answer, turn) = (self.router.call(request), self.turn.clone());
        Box::pin(async {
            // Who sends hundreds of requests at once waits in line with all others before each.
            tokio::task::yield_now().await;
            Ok(answer.await?.map(|body| Said::new(body, turn)))
        })
    }
}

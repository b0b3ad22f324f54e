//! Who is at the other end of a connection, told to every request on it.

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

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

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Answering {
    router: TowerToHyperService<Router>,
    peer: Peer,
}

impl Answering {
    pub(super) fn new(router: Router, peer: Peer) -> Self {
        Self { router: TowerToHyperService::new(router), peer }
    }
}

impl Service<Request<Incoming>> for Answering {
    type Response = <TowerToHyperService<Router> as Service<Request<Body>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Body>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Body>>>::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}

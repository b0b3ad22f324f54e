//! Encryption of the panel, where the configuration wants it: TLS 1.2 and 1.3 over one
//! certificate, which is replaced while the panel runs when its files are.

mod error;
mod files;
mod identity;
mod own;

use std::io;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::hosts::Hosts;
use crate::config::{self, Config};
pub use error::TlsError;
use files::Files;

/// The first byte of a TLS connection; no request in plain http begins like that.
pub(super) const FIRST_BYTE: u8 = 0x16;
/// The panel's connections are counted and timed as HTTP/1.1's.
const PROTOCOL: &[u8] = b"http/1.1";
/// How long a handshake waits for a card to say whether there is a new certificate.
const LOOK: Duration = Duration::from_secs(1);

/// What does all cryptography here. Chosen in this place only.
fn provider() -> CryptoProvider {
    ring::default_provider()
}

/// Makes encrypted connections of plain ones.
pub struct Tls {
    acceptor: TlsAcceptor,
    in_service: Arc<InService>,
    files: Option<Arc<Mutex<Files>>>,
}

impl Tls {
    /// The encryption that this configuration wants, on the machine of this name.
    ///
    /// # Errors
    /// Files that cannot be served. The program's own certificate is made anew instead.
    pub fn of(config: &Config, host_name: &str) -> Result<Option<Self>, TlsError> {
        let (identity, files) = match &config.tls {
            config::Tls::Off => return Ok(None),
            config::Tls::SelfSigned => {
                let hosts = Hosts::of(host_name, &config.http.hosts);
                (own::kept_or_made(&config.paths.state, host_name, hosts.names())?, None)
            }
            config::Tls::Files { certificate, key } => {
                let mut files = Files::new(certificate, key);
                (files.load()?, Some(Arc::new(Mutex::new(files))))
            }
        };
        let in_service = Arc::new(InService::of(identity));
        let mut settings = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("the provider knows both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::<InService>::clone(&in_service));
        settings.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Some(Self { acceptor: Arc::new(settings).into(), in_service, files }))
    }

    /// The handshake. Takes as long as the other end likes.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.renew().await;
        self.acceptor.accept(stream).await
    }

    /// Puts a new certificate into service where the files have one. Off the runtime, as
    /// the card may be slow; one look at a time, and the old one serves meanwhile.
    async fn renew(&self) {
        let Some(files) = &self.files else { return };
        let Ok(mut files) = Arc::clone(files).try_lock_owned() else { return };
        let in_service = Arc::clone(&self.in_service);
        let look = tokio::task::spawn_blocking(move || match files.renewed() {
            Some(Ok(identity)) => in_service.replace(identity),
            Some(Err(error)) => {
                let source = std::error::Error::source(&error);
                tracing::warn!(%error, ?source, "the new certificate cannot be used; the old one stays");
            }
            None => {}
        });
        let _ = timeout(LOOK, look).await;
    }
}

/// The fingerprint of the program's own certificate that this state directory holds: what
/// a person compares with what his browser shows. `AA:BB:…`, SHA-256.
pub fn fingerprint_of(state: &Path) -> Option<String> {
    own::kept(state).ok()??.ok().as_ref().map(identity::fingerprint)
}

/// The certificate that the next handshake shows.
#[derive(Debug)]
struct InService(RwLock<Arc<CertifiedKey>>);

impl InService {
    fn of(identity: CertifiedKey) -> Self {
        tell(&identity);
        Self(RwLock::new(Arc::new(identity)))
    }

    fn replace(&self, identity: CertifiedKey) {
        tell(&identity);
        *self.0.write().expect("no holder panics") = Arc::new(identity);
    }
}

fn tell(identity: &CertifiedKey) {
    tracing::info!(fingerprint = %identity::fingerprint(identity), "certificate in service");
}

impl ResolvesServerCert for InService {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().expect("no holder panics")))
    }
}

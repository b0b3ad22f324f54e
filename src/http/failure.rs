//! Why the daemon could not start.

use std::io;
use std::net::SocketAddr;

use super::tls::TlsError;
use crate::model::Sentence;

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The panel is to be encrypted and cannot be.
    #[error("cannot encrypt")]
    Tls(#[from] TlsError),
    /// The kernel refused something that every daemon needs.
    #[error("cannot run")]
    Runtime(#[source] io::Error),
    /// The demonstration's club could not be made.
    #[error("cannot make the sample club")]
    Demo {
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ServeError {
    /// What happened, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Listen { address, source } => {
                Sentence::new("serve.listen").with("address", address).with("reason", source)
            }
            Self::Tls(source) => source.sentence(),
            Self::Runtime(source) => Sentence::new("serve.runtime").with("reason", source),
            Self::Demo { source } => Sentence::new("serve.demo").with("reason", source),
        }
    }
}

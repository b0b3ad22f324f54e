//! Why the panel cannot be encrypted, as facts. Nothing of a key is ever in them.

use std::io;
use std::path::PathBuf;

use crate::model::Sentence;

/// Why there is no certificate to serve.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is absent, forbidden, no file or far too large.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no PEM, or holds no certificate.
    #[error("no certificate in {path}")]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The file is no PEM, or holds no key, or one that wants a password.
    #[error("no private key in {path}")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// What the file holds is of a kind that nobody here knows, or damaged.
    #[error("{path} cannot be used")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// Certificate and key are not of one pair.
    #[error("{key} is not the key of {certificate}")]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The program could not make a certificate of its own.
    #[error("no certificate could be made")]
    NotMade(#[source] rcgen::Error),
}

impl TlsError {
    /// Which file, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Unreadable { path, source } => {
                Sentence::new("serve.tls_unreadable").with("path", path.display()).with("reason", source)
            }
            Self::NoCertificate { path } => {
                Sentence::new("serve.tls_no_certificate").with("path", path.display())
            }
            Self::NoKey { path } => Sentence::new("serve.tls_no_key").with("path", path.display()),
            Self::Unusable { path, source } => {
                Sentence::new("serve.tls_unusable").with("path", path.display()).with("reason", source)
            }
            Self::Mismatch { certificate, key } => Sentence::new("serve.tls_mismatch")
                .with("certificate", certificate.display())
                .with("key", key.display()),
            Self::NotMade(source) => Sentence::new("serve.tls_not_made").with("reason", source),
        }
    }
}

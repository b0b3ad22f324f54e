//! A certificate with its chain and its key, out of PEM, and its fingerprint. Pure.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use sha2::{Digest, Sha256};

use super::error::TlsError;
use super::provider;

/// The content of a file, and its name for whoever has to correct it.
#[derive(Clone, Copy)]
pub(super) struct Pem<'p> {
    pub(super) path: &'p Path,
    pub(super) text: &'p [u8],
}

/// The first certificate is what is shown, the others lead to an authority. They may
/// have expired: a machine without a clock cannot say so, and visitors are told anyway.
pub(super) fn identity(certificate: Pem<'_>, key: Pem<'_>) -> Result<CertifiedKey, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.text).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| TlsError::NoCertificate { path: certificate.path.to_owned() })?;
    let no_key = |_| TlsError::NoKey { path: key.path.to_owned() };
    let secret = PrivateKeyDer::from_pem_slice(key.text).map_err(no_key)?;
    let unusable = |pem: Pem<'_>, source| TlsError::Unusable { path: pem.path.to_owned(), source };
    let secret = provider().key_provider.load_private_key(secret).map_err(|error| unusable(key, error))?;
    let identity = CertifiedKey::new(chain, secret);
    match identity.keys_match() {
        Ok(()) => Ok(identity),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(TlsError::Mismatch { certificate: certificate.path.to_owned(), key: key.path.to_owned() })
        }
        Err(error) => Err(unusable(certificate, error)),
    }
}

/// SHA-256 of the certificate itself, as browsers and `openssl x509 -fingerprint` write it.
pub(super) fn fingerprint(identity: &CertifiedKey) -> String {
    let shown = identity.cert.first().expect("an identity has a certificate");
    let bytes: Vec<_> = Sha256::digest(shown).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate and its key.
    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    fn read(certificate: &str, key: &str) -> Result<CertifiedKey, TlsError> {
        let pem = |name: &'static str, text| Pem { path: Path::new(name), text };
        identity(pem("/c", str::as_bytes(certificate)), pem("/k", str::as_bytes(key)))
    }

    #[test]
    fn a_pair_is_read_from_one_file_or_two_with_its_whole_chain() {
        let ((certificate, key), (other, _)) = (pair(), pair());
        assert_eq!(read(&certificate, &key).unwrap().cert.len(), 1);
        assert_eq!(read(&(certificate.clone() + &other), &key).unwrap().cert.len(), 2);
        let both = certificate + &key;
        assert_eq!(read(&both, &both).unwrap().cert.len(), 1);
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_the_file_to_correct() {
        let ((certificate, key), (_, other)) = (pair(), pair());
        let damaged = certificate.replacen("\nM", "\nA", 1);
        let locked = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let cut = &certificate[..certificate.len() / 2];
        for (certificate, key, expected) in [
            ("", key.as_str(), "no certificate in /c"),
            (key.as_str(), &key, "no certificate in /c"),
            (cut, &key, "no certificate in /c"),
            (&certificate, "", "no private key in /k"),
            (&certificate, &certificate, "no private key in /k"),
            (&certificate, &locked, "no private key in /k"),
            (&certificate, &other, "/k is not the key of /c"),
            (&damaged, &key, "/c cannot be used"),
            (
                &certificate,
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "/k cannot be used",
            ),
        ] {
            assert_eq!(read(certificate, key).unwrap_err().to_string(), expected);
        }
    }
}

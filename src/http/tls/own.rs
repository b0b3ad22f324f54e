//! A certificate of the program's own: made once, kept among the secrets, the same after
//! every start, so that a browser's exception and a noted fingerprint stay good.

use std::path::Path;

use jiff::{ToSpan, civil::Date};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use rustls::sign::CertifiedKey;

use super::error::TlsError;
use super::identity::{Pem, identity};
use crate::model::clock::RELEASED;
use crate::store::{Private, StoreError};

const NAME: &str = "tls.pem";
/// Bytes; what is made has about 1,000.
const LARGEST: u64 = 64 << 10;
const YEARS: i32 = 10;

/// The one that is kept; none where there is none, an error of the pair where it is damaged.
pub(super) fn kept(state: &Path) -> Result<Option<Result<CertifiedKey, TlsError>>, StoreError> {
    Ok(Private::of_panel(state).read(NAME, LARGEST)?.map(|pem| parsed(&pem)))
}

/// The one that is kept; else a new one for these names, kept if it can be. A card that
/// cannot be written must not keep the panel from saying so.
pub(super) fn kept_or_made(
    state: &Path,
    host_name: &str,
    names: &[String],
) -> Result<CertifiedKey, TlsError> {
    let private = Private::of_panel(state);
    let found = private.make().and_then(|()| private.read(NAME, LARGEST));
    if let Ok(Some(pem)) = &found {
        match parsed(pem) {
            Ok(identity) => return Ok(identity),
            Err(error) => tracing::warn!(%error, "the program's certificate is damaged: another is made"),
        }
    }
    let pem = make(host_name, names).map_err(TlsError::NotMade)?;
    let keep = |_| private.replace(NAME, pem.as_bytes(), &private.lock()?);
    if let Err(error) = found.and_then(keep) {
        let source = std::error::Error::source(&error);
        tracing::error!(%error, ?source, "the program's certificate is not kept: the next start makes another");
    }
    parsed(pem.as_bytes())
}

fn parsed(text: &[u8]) -> Result<CertifiedKey, TlsError> {
    let pem = Pem { path: Path::new(NAME), text };
    identity(pem, pem)
}

/// Certificate and key in PEM. The clock is not asked: a machine that has none shows a
/// time before this program's at its first start.
fn make(host_name: &str, names: &[String]) -> Result<String, rcgen::Error> {
    let released: Date = RELEASED.parse().expect("RELEASED is a date (held by a test)");
    let mut names: Vec<_> = names.iter().filter(|name| is_name(name)).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let mut wanted = CertificateParams::new(names)?;
    wanted.distinguished_name = DistinguishedName::new();
    wanted.distinguished_name.push(DnType::OrganizationName, "Neopro Backup");
    wanted.distinguished_name.push(DnType::CommonName, host_name);
    let midnight = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    wanted.not_before = midnight(released.saturating_sub(1.day()));
    wanted.not_after = midnight(released.saturating_add(YEARS.years()));
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(wanted.self_signed(&key)?.pem() + &key.serialize_pem())
}

/// Whether a certificate can have this name: a machine may be called anything.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_graphic())
}

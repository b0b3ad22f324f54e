//! Hashes of what people type: the club's password and the code of the first use.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};

use super::{AccessError, secret};

/// 12 MiB, three passes, one lane: what OWASP's cheat sheet gives as equal to its first
/// choice of 19 MiB, with less memory on a Pi that shows a match. It takes about a third of a second
/// there; one hash is computed at a time, so that guesses never take more than this.
const MEMORY_KIB: u32 = 12 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// The argon2id hash to keep, in the usual text form with its salt and parameters.
pub(super) fn hash(typed: &str) -> Result<String, AccessError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within argon2's bounds");
    let salt = secret::new_salt()?;
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_params(typed.as_bytes(), &salt, params)
        .map_err(|_| AccessError::NoRandomness)?;
    Ok(hash.to_string())
}

/// Whether this is what the hash was made of.
pub(super) fn fits(typed: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(typed.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let hash = super::hash("trois petits tours").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{hash}");
        assert!(fits("trois petits tours", &hash));
        assert!(!fits("trois petits tour", &hash) && !fits("", &hash));
        assert_ne!(super::hash("trois petits tours").unwrap(), hash, "each has a salt of its own");
        assert!(!fits("x", "no hash"));
    }
}

//! Hashes of what people type: the club's password and the code of the first use.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};

use super::{AccessError, secret};

/// 12 MiB, three passes, one lane: what OWASP's cheat sheet gives as equal to its first
/// choice of 19 MiB, with less memory on a Pi that shows a match. One hash is computed at a
/// time, so that guesses never take more than this.
const MEMORY_KIB: u32 = 12 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// A kept hash that asks for more was not made by this program.
const MOST_MEMORY_KIB: u32 = 64 << 10;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 4;

/// Bytes that are asked for at once; only what a hash needs of them is touched. What is
/// larger than 32 MiB the C library always takes from the kernel and gives back at once; a
/// smaller piece it keeps after the second time, for each thread: 300 MB after 30 guesses.
const ASKED_FOR: usize = 33 << 20;

/// The argon2id hash to keep, in the usual text form with its salt and parameters.
pub(super) fn hash(typed: &str) -> Result<String, AccessError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within argon2's bounds");
    let salt = Salt::new(&secret::new_salt()?).expect("16 bytes are a salt");
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).expect("three numbers"),
        hash: compute(typed, &salt, params),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

/// Whether this is what the hash was made of.
pub(super) fn fits(typed: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let bearable =
        params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
    let Some(salt) = hash.salt.filter(|_| bearable) else { return false };
    // Compared in constant time, which is how `Output` compares.
    hash.hash.is_some() && compute(typed, &salt, params) == hash.hash
}

fn compute(typed: &str, salt: &Salt, params: Params) -> Option<Output> {
    let mut memory = Vec::with_capacity(ASKED_FOR / Block::SIZE);
    memory.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2.hash_password_into_with_memory(typed.as_bytes(), salt.as_ref(), &mut output, &mut memory).ok()?;
    Output::new(&output).ok()
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
        // One that would take for ever is not even begun.
        assert!(!fits("trois petits tours", &hash.replace("t=3", "t=4294967295")));
    }
}

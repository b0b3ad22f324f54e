//! Secrets that the program makes: ids of sessions, tokens, the code of the first use.
//! Only their hashes are kept.

use std::fmt::Write;

use sha2::{Digest as _, Sha256};

use super::AccessError;
use crate::model::Digest;

/// Bytes of a session's or a token's secret: 256 bits.
const SECRET_BYTES: usize = 32;
/// Bytes of a public name.
const NAME_BYTES: usize = 8;
/// Letters of the code of the first use: 40 bits.
const CODE_LETTERS: usize = 8;
/// 32 signs of which none looks like another on a label: neither 0 nor O, neither 1 nor I.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn random<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AccessError::NoRandomness)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

/// A new secret of 256 bits, in 64 hexadecimal digits.
pub(super) fn new() -> Result<String, AccessError> {
    random::<SECRET_BYTES>().map(|bytes| hex(&bytes))
}

/// A new public name.
pub(super) fn new_name() -> Result<String, AccessError> {
    random::<NAME_BYTES>().map(|bytes| hex(&bytes))
}

/// A new salt for a password's hash.
pub(super) fn new_salt() -> Result<[u8; 16], AccessError> {
    random()
}

/// What is kept of a secret. It has 256 bits itself, so that one round is enough, and how
/// long a comparison of hashes takes tells nothing that leads back to it.
pub(super) fn hash(secret: &str) -> String {
    Digest(Sha256::digest(secret.as_bytes()).into()).to_string()
}

/// A new code, as it is written for people: `ABCD-EFGH`.
pub(super) fn new_code() -> Result<String, AccessError> {
    let letters = random::<CODE_LETTERS>()?.map(|byte| char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
    let (first, second) = letters.split_at(CODE_LETTERS / 2);
    Ok(first.iter().chain(&['-']).chain(second).collect())
}

/// A code as somebody typed it, in the form in which it is hashed; none for what is none.
pub(super) fn read_code(typed: &str) -> Option<String> {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let code: String = letters.map(|c| c.to_ascii_uppercase()).take(CODE_LETTERS + 1).collect();
    let is_one = code.len() == CODE_LETTERS && code.bytes().all(|sign| SIGNS.contains(&sign));
    is_one.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for _ in 0..200 {
            let code = new_code().unwrap();
            assert_eq!(code.len(), 9);
            let plain = code.replace('-', "");
            for typed in
                [code.to_lowercase(), format!(" {plain} "), format!("{} {}", &plain[..4], &plain[4..])]
            {
                assert_eq!(read_code(&typed).as_deref(), Some(plain.as_str()), "{typed}");
            }
        }
        for wrong in ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFG0", "ABCDÉFGH", &"A".repeat(1 << 20)] {
            assert_eq!(read_code(wrong), None);
        }
    }

    #[test]
    fn secrets_differ_and_their_hashes_are_sha_256() {
        assert_ne!(new().unwrap(), new().unwrap());
        assert_eq!(new().unwrap().len(), 64);
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

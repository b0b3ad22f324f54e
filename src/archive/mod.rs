//! The only code that knows tar and gzip: writes an archive, reads it back, proves it.
//!
//! An archive is a gzipped tar of one folder, named like the archive. Its last
//! member is `manifest.json`, so that hashes are known when it is written. Archives
//! without one, made by the shell script that this program replaces, are read too.
//! Never unpacks to a path of an archive's choosing. Uses: model, sources.

mod error;
mod limits;
mod manifest;
mod members;
mod read;
mod stage;
#[cfg(test)]
mod tests;
mod write;

pub use error::{Damage, ReadError};
pub use limits::{Limits, TarMember};
pub use manifest::parse as parse_manifest;
pub use read::{Proof, ReadBack, Visit, read, verify};
pub use stage::{Fault, Staged, Staging, fault_of};
pub use write::{Added, ArchiveWriter, MemberMeta};

use sha2::{Digest as _, Sha256};

use crate::model::{Digest, Member};

/// One fingerprint of everything that the manifest promises of a member, so that
/// comparing 100,000 members takes 32 bytes each.
fn fingerprint(member: &str, size: u64, mode: u32, mtime: u64, content: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(format!("{member}\0{size}\0{mode:o}\0{mtime}\0{content}"));
    hash.finalize().into()
}

/// The fingerprint of a manifest's entry; a mode that is not octal matches nothing.
fn promised(member: &Member) -> [u8; 32] {
    let mode = u32::from_str_radix(&member.mode, 8).unwrap_or(u32::MAX);
    fingerprint(&member.member, member.size, mode, tar_mtime(member.mtime), &member.sha256)
}

/// A time as a tar header can say it: whole seconds, none before 1970.
fn tar_mtime(time: jiff::Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or(0)
}

/// The SHA-256 of what is read.
pub fn digest_of(content: &mut dyn std::io::Read) -> std::io::Result<Digest> {
    let mut hashing = Hashing::new(content);
    std::io::copy(&mut hashing, &mut std::io::sink())?;
    Ok(hashing.digest())
}

/// Passes what is read through a hash and counts it.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn digest(self) -> Digest {
        Digest(self.hash.finalize().into())
    }
}

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

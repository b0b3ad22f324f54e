//! The strict reader, the only one in the project: every backup is proved by it
//! before it is published, and nothing is ever restored but through it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::error::{Damage, ReadError};
use super::limits::{Limits, MANIFEST_LIMIT, TarMember};
use super::{Hashing, manifest, members::Gate};
use crate::model::{Digest, MANIFEST_MEMBER, ManifestHead, Member, escape::escape};

/// What one read from the disk asks for.
const READ_BUFFER: usize = 64 << 10;
/// GNU tar fills its last record with zeros: 10 KiB by default, 64 KiB is generous.
const PADDING_LIMIT: u64 = 64 << 10;

/// What a caller does with the archive while it is read. Nothing that it sees is
/// proved before [`read`] returns.
pub trait Visit {
    /// One member; what the visitor leaves unread is read by the reader itself.
    fn member(&mut self, _member: &TarMember, _content: &mut dyn Read) -> Result<(), ReadError> {
        Ok(())
    }

    /// One entry of the manifest, in the order of the members.
    fn listed(&mut self, _member: &Member) {}
}

/// Wants nothing but the proof.
pub struct Proof;
impl Visit for Proof {}

/// What a whole archive was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// Its one folder.
    pub folder: String,
    /// Members, the manifest not counted.
    pub members: usize,
    /// Bytes of these members.
    pub bytes: u64,
    /// The manifest and its hash; none in an archive of the old script, whose
    /// content has nothing to be compared with.
    pub manifest: Option<(ManifestHead, Digest)>,
}

/// Proves that an archive can be read to its last byte and agrees with its manifest.
///
/// # Errors
/// [`ReadError::Damaged`] says what is wrong with it, [`ReadError::Io`] that the disk failed.
pub fn verify(file: &File) -> Result<ReadBack, ReadError> {
    read(file, Limits::STORED, &mut Proof)
}

/// Reads a whole archive, showing each member to `visit`.
///
/// # Errors
/// As [`verify`]; an error of the visitor comes back as it was.
pub fn read(input: impl Read, limits: Limits, visit: &mut dyn Visit) -> Result<ReadBack, ReadError> {
    let mut input = BufReader::with_capacity(READ_BUFFER, Uninterrupted(input));
    if input.fill_buf()?.is_empty() {
        return Err(Damage::Empty.into());
    }
    let mut archive = tar::Archive::new(GzDecoder::new(input));
    let mut gate = Gate::new(limits);
    let mut found: Vec<[u8; 32]> = Vec::new();
    let mut bytes = 0;
    let mut manifest = None;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let Some(member) = gate.admit(&mut entry)? else { continue };
        let shown = escape(&member.name);
        if manifest.is_some() {
            return Err(Damage::BehindManifest(shown).into());
        }
        let mut content = Hashing::new(&mut entry);
        if shown == MANIFEST_MEMBER {
            let head = compare(&mut content, &member, &found, visit)?;
            drain(&mut content)?;
            manifest = Some((head, content.digest()));
            continue;
        }
        visit.member(&member, &mut content)?;
        drain(&mut content)?;
        if content.bytes != member.size {
            return Err(Damage::CutShort.into());
        }
        bytes += member.size;
        let digest = content.digest().to_string();
        found.push(super::fingerprint(&shown, member.size, member.mode, member.mtime, &digest));
    }
    end(archive.into_inner())?;
    let folder = gate.into_folder().filter(|_| !found.is_empty()).ok_or(Damage::NoMembers)?;
    Ok(ReadBack { folder, members: found.len(), bytes, manifest })
}

/// Holds the members that were found against the manifest's.
fn compare(
    content: &mut dyn Read,
    member: &TarMember,
    found: &[[u8; 32]],
    visit: &mut dyn Visit,
) -> Result<ManifestHead, ReadError> {
    if member.size > MANIFEST_LIMIT {
        return Err(Damage::TooLarge { what: "manifest", limit: MANIFEST_LIMIT }.into());
    }
    let mut listed = 0;
    let head = manifest::parse(content, &mut |member| {
        match found.get(listed) {
            None => return Err(Damage::Missing(member.member)),
            Some(found) if *found != super::promised(&member) => return Err(Damage::Differs(member.member)),
            Some(_) => listed += 1,
        }
        visit.listed(&member);
        Ok(())
    })?;
    if listed < found.len() {
        return Err(Damage::Unlisted(found.len() - listed).into());
    }
    Ok(head)
}

/// Reads on to the end of the gzip stream, where its checksum stands, and behind it.
fn end(mut gzip: GzDecoder<BufReader<impl Read>>) -> Result<(), ReadError> {
    let mut padding = Vec::new();
    gzip.by_ref().take(PADDING_LIMIT + 1).read_to_end(&mut padding)?;
    if padding.len() as u64 > PADDING_LIMIT || padding.iter().any(|byte| *byte != 0) {
        return Err(Damage::TrailingBytes.into());
    }
    if !gzip.into_inner().fill_buf()?.is_empty() {
        return Err(Damage::TrailingBytes.into());
    }
    Ok(())
}

/// Reads on where a signal interrupts a call: the decoder would hand that on as an error.
struct Uninterrupted<R>(R);

impl<R: Read> Read for Uninterrupted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

fn drain(content: &mut dyn Read) -> io::Result<()> {
    io::copy(content, &mut io::sink()).map(drop)
}

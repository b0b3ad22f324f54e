//! Writes an archive as a stream, in constant memory and deterministically:
//! the same members give the same bytes, whatever the time of day.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder, write::GzEncoder};
use jiff::Timestamp;
use tar::{Builder, EntryType, Header};

use super::Hashing;
use super::limits::{LONGEST_NAME, Limits, MANIFEST_LIMIT};
use super::manifest::ManifestSpool;
use crate::model::{ArchiveName, Digest, MANIFEST_MEMBER, ManifestHead, Member, escape::escape};

/// gzip's own default, and the best trade on JSON and file lists.
const COMPRESSION: Compression = Compression::new(6);
const FOLDER_MODE: u32 = 0o750;
const MANIFEST_MODE: u32 = 0o644;
/// Setuid and its kin have no place on a configuration file.
const PERMISSION_BITS: u32 = 0o777;

/// What is known of a member before its content is read.
#[derive(Clone, Debug)]
pub struct MemberMeta {
    /// Its name below the archive's folder, raw bytes.
    pub name: Vec<u8>,
    /// Where it was read from, raw bytes; none for what this program made.
    pub path: Option<Vec<u8>>,
    /// Bytes that the content has.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    /// The owner's name.
    pub owner: Option<String>,
    /// The group's name.
    pub group: Option<String>,
    /// The last modification.
    pub mtime: Timestamp,
}

/// How a member was taken.
#[derive(Debug)]
pub struct Added {
    /// The content as stored.
    pub digest: Digest,
    /// Bytes that the source lacked at its end and that were stored as zeros,
    /// because it shrank while it was read, or could not be read to its end.
    pub missing: u64,
    /// Why it could not be read to its end.
    pub failure: Option<io::Error>,
}

/// An archive that is being written.
pub struct ArchiveWriter<W: Write> {
    tar: Builder<GzEncoder<W>>,
    folder: String,
    manifest: ManifestSpool,
    newest: Timestamp,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins the archive of this name; a long manifest is spooled in `spool_dir`.
    pub fn new(out: W, name: &ArchiveName, newest: Timestamp, spool_dir: &Path) -> io::Result<Self> {
        // No name and no time in gzip's own header, or the bytes would differ each time.
        let gzip = GzBuilder::new().mtime(0).write(out, COMPRESSION);
        let mut tar = Builder::new(gzip);
        let mut folder = header_of_root();
        folder.set_entry_type(EntryType::Directory);
        folder.set_mode(FOLDER_MODE);
        folder.set_size(0);
        folder.set_mtime(super::tar_mtime(newest));
        let path = format!("{}/", name.stem());
        tar.append_data(&mut folder, &path, io::empty())?;
        let manifest = ManifestSpool::new(spool_dir);
        Ok(Self { tar, folder: name.stem().to_owned(), manifest, newest })
    }

    /// Streams one member into the archive and notes it in the manifest.
    ///
    /// Exactly `meta.size` bytes are stored, as the tar header was written before
    /// the content: more is cut off, less is filled with zeros and reported.
    ///
    /// # Errors
    /// The output's; a source that cannot be read is in [`Added`].
    pub fn add(&mut self, meta: MemberMeta, content: impl Read) -> io::Result<Added> {
        let mut header = header_of_root();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(meta.mode & PERMISSION_BITS);
        header.set_size(meta.size);
        header.set_mtime(super::tar_mtime(meta.mtime));
        let mut exact = Hashing::new(Exact { inner: content, left: meta.size, missing: 0, failure: None });
        self.tar.append_data(&mut header, member_path(&self.folder, &meta.name), &mut exact)?;
        let (missing, failure) = (exact.inner.missing, exact.inner.failure.take());
        let digest = exact.digest();
        let member = Member {
            member: escape(&meta.name),
            path: meta.path.as_deref().map(escape),
            size: meta.size,
            mode: format!("{:04o}", meta.mode & PERMISSION_BITS),
            uid: meta.uid,
            gid: meta.gid,
            owner: meta.owner,
            group: meta.group,
            mtime: meta.mtime,
            sha256: digest.to_string(),
        };
        self.manifest.push(&member)?;
        Ok(Added { digest, missing, failure })
    }

    /// Writes the manifest and the end; gives back the output and the manifest's hash.
    pub fn finish(mut self, head: &ManifestHead) -> io::Result<(W, Digest)> {
        let mut manifest = self.manifest.finish(head)?;
        let size = manifest.seek(SeekFrom::End(0))?;
        manifest.rewind()?;
        let mut header = header_of_root();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(MANIFEST_MODE);
        header.set_size(size);
        header.set_mtime(super::tar_mtime(self.newest));
        let mut hashing = Hashing::new(manifest);
        let path = member_path(&self.folder, MANIFEST_MEMBER.as_bytes());
        self.tar.append_data(&mut header, path, &mut hashing)?;
        Ok((self.tar.into_inner()?.finish()?, hashing.digest()))
    }

    /// Whether a member of this name and size would leave an archive that the strict
    /// reader still reads.
    pub fn has_room_for(&self, name: &[u8], size: u64) -> bool {
        let (members, manifest_bytes) = self.manifest.so_far();
        let path = (self.folder.len() + 1 + name.len()) as u64;
        // The line of the longest path, and a head with all its warnings.
        let reserve = 256 << 10;
        path < LONGEST_NAME
            && size <= Limits::STORED.member_bytes
            && members + 1 < Limits::STORED.members
            && manifest_bytes + reserve < MANIFEST_LIMIT
    }
}

/// Fixed ownership, written out: a field of nothing but NULs is no number to strict readers.
fn header_of_root() -> Header {
    let mut header = Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// `backup-…/NAME`, whose bytes need not be UTF-8.
fn member_path(folder: &str, name: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(folder).join(std::ffi::OsStr::from_bytes(name))
}

/// Exactly as many bytes as promised, zeros where the source ends early.
struct Exact<R> {
    inner: R,
    left: u64,
    missing: u64,
    /// Why the source ended early, where it did not just shrink.
    failure: Option<io::Error>,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let mut count = 0;
        if self.missing == 0 {
            count = match self.inner.read(&mut buffer[..most]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => {
                    self.failure = Some(error);
                    0
                }
                Ok(count) => count,
            };
        }
        if count == 0 {
            buffer[..most].fill(0);
            self.missing += most as u64;
            count = most;
        }
        self.left -= count as u64;
        Ok(count)
    }
}

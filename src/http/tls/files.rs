//! Somebody else's certificate: two files, and whether they have changed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustls::sign::CertifiedKey;

use super::error::TlsError;
use super::identity::{Pem, identity};

/// Bytes; a chain of four large certificates has about 10,000.
const LARGEST: u64 = 1 << 20;

/// What is another one after a file was written or replaced: device, inode, size and the
/// two times of a change.
type Stamp = (u64, u64, u64, (i64, i64), (i64, i64));

/// The two files.
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// How they looked when they were last read, also where they were of no use.
    seen: [Option<Stamp>; 2],
}

impl Files {
    pub(super) fn new(certificate: &Path, key: &Path) -> Self {
        Self { certificate: certificate.to_owned(), key: key.to_owned(), seen: [None; 2] }
    }

    /// Reads them, whether they have changed or not.
    pub(super) fn load(&mut self) -> Result<CertifiedKey, TlsError> {
        // Before reading: what changes meanwhile is read again.
        self.seen = self.stamps();
        let certificate = read(&self.certificate)?;
        let key = read(&self.key)?;
        identity(Pem { path: &self.certificate, text: &certificate }, Pem { path: &self.key, text: &key })
    }

    /// Reads them where they have changed, once for each change: what cannot be used is
    /// told once.
    pub(super) fn renewed(&mut self) -> Option<Result<CertifiedKey, TlsError>> {
        (self.stamps() != self.seen).then(|| self.load())
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        [stamp(&self.certificate), stamp(&self.key)]
    }
}

/// Of the file itself where the path is a link: renewal often sets a link anew.
fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    let (modified, changed) = ((found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
    Some((found.dev(), found.ino(), found.size(), modified, changed))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let content = || {
        // A pipe would keep the panel waiting for its other end.
        let found = fs::metadata(path)?;
        if !found.is_file() || found.len() > LARGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file, or too large"));
        }
        let mut content = Vec::new();
        File::open(path)?.take(LARGEST).read_to_end(&mut content)?;
        Ok(content)
    };
    content().map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::identity::fingerprint;
    use super::*;

    /// Replaces a pair as a renewal does.
    fn renew(folder: &Path) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for (name, text) in [("c", made.cert.pem()), ("k", made.signing_key.serialize_pem())] {
            fs::write(folder.join("new"), text).unwrap();
            fs::rename(folder.join("new"), folder.join(name)).unwrap();
        }
    }

    #[test]
    fn a_change_is_read_once_and_a_broken_pair_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        renew(folder.path());
        let mut files = Files::new(&folder.path().join("c"), &folder.path().join("k"));
        let first = fingerprint(&files.load().unwrap());
        assert!(files.renewed().is_none());
        renew(folder.path());
        assert_ne!(fingerprint(&files.renewed().unwrap().unwrap()), first);
        assert!(files.renewed().is_none());
        fs::write(folder.path().join("c"), "half").unwrap();
        assert!(matches!(files.renewed().unwrap(), Err(TlsError::NoCertificate { .. })));
        assert!(files.renewed().is_none());
        fs::remove_file(folder.path().join("k")).unwrap();
        assert!(files.renewed().unwrap().is_err());
        assert!(files.renewed().is_none());
        renew(folder.path());
        assert!(files.renewed().unwrap().is_ok());
    }

    #[test]
    fn a_link_that_is_set_anew_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["1", "2"] {
            fs::create_dir(folder.path().join(version)).unwrap();
            renew(&folder.path().join(version));
        }
        let live = folder.path().join("live");
        symlink("1", &live).unwrap();
        let mut files = Files::new(&live.join("c"), &live.join("k"));
        files.load().unwrap();
        fs::remove_file(&live).unwrap();
        symlink("2", &live).unwrap();
        assert!(files.renewed().unwrap().is_ok());
    }

    #[test]
    fn only_files_of_bearable_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        for path in [folder.path(), &large, Path::new("/dev/zero"), Path::new("/nothing")] {
            assert!(matches!(read(path), Err(TlsError::Unreadable { .. })), "{}", path.display());
        }
    }
}

//! Remembers of a stream whether it was another's equal. Uses no other room.

use std::io::{self, BufRead, Read};

use sha2::{Digest, Sha256};

/// A reader that remembers what it read as a digest: two listings that this program cannot
/// read are the same if all their bytes are, and none can be read twice.
pub(super) struct Digesting<'a> {
    reader: &'a mut dyn BufRead,
    digest: Sha256,
}

impl<'a> Digesting<'a> {
    /// Nothing of it read yet.
    pub(super) fn of(reader: &'a mut dyn BufRead) -> Self {
        Self { reader, digest: Sha256::new() }
    }

    /// The digest of all bytes, those that were not read yet included.
    pub(super) fn finish(mut self) -> io::Result<[u8; 32]> {
        loop {
            let count = match self.fill_buf() {
                Ok(bytes) => bytes.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if count == 0 {
                return Ok(self.digest.finalize().into());
            }
            self.consume(count);
        }
    }
}

impl Read for Digesting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}

impl BufRead for Digesting<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What is filled is given again without a read; an error here comes back at the next.
        if let Ok(bytes) = self.reader.fill_buf() {
            self.digest.update(&bytes[..count.min(bytes.len())]);
        }
        self.reader.consume(count);
    }
}

//! The room on the file system that the archives lie on.

/// Its figures, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// All of it.
    pub total: u64,
    /// What the program's user may still write.
    pub free: u64,
    /// What the archives take.
    pub backups: u64,
    /// What a run needs beside its archive.
    pub reserve: u64,
    /// Whether one more file can be made, whatever its size.
    pub takes_files: bool,
}

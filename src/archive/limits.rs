//! How much an archive may hold: what the reader refuses beyond, and the writer keeps to.

/// The longest member name that is read, in bytes; Linux's own limit of a path.
pub(super) const LONGEST_NAME: u64 = 4096;

/// A manifest line is about 300 bytes, and 1,300 with the longest of paths. It is
/// streamed, so this bounds time, not memory.
pub(super) const MANIFEST_LIMIT: u64 = 256 << 20;

/// How often a foreign archive may hold its own size.
const MOST_GROWTH: u64 = 200;
/// What any archive may hold, however well it is packed (64 MiB).
const LEAST_GROWN: u64 = 64 << 20;

/// How much an archive may hold before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one member.
    pub member_bytes: u64,
    /// Bytes of all members together.
    pub total_bytes: u64,
    /// Members.
    pub members: u64,
}

impl Limits {
    /// For archives that lie in the store: as much as a card can hold. Of each member
    /// about fifty bytes are kept in memory while an archive is read.
    pub const STORED: Self = Self { member_bytes: 1 << 40, total_bytes: 4 << 40, members: 200_000 };

    /// For an archive of this many bytes that comes from somebody, or is to be put back:
    /// what unpacks to more than two hundred times its size was made to fill a card.
    /// Settings and lists shrink to a twentieth, videos do not shrink.
    pub fn foreign(archive_bytes: u64) -> Self {
        let grown = archive_bytes.saturating_mul(MOST_GROWTH).max(LEAST_GROWN);
        Self { member_bytes: grown, total_bytes: grown, ..Self::STORED }
    }
}

/// A member as its tar header describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TarMember {
    /// The name below the archive's folder: raw bytes, relative, without `..`.
    pub name: Vec<u8>,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub mtime: u64,
}

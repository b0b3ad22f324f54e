//! Archives that lie in the directory already: of the old script, empty, broken.

use std::fs;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::{Timestamp, ToSpan};

use crate::club::{Club, local, touch};

impl Club {
    /// An empty file with the name and the time of so many days ago.
    pub(crate) fn empty(&self, days: i64) -> String {
        self.put(days, b"")
    }

    /// A good archive without a manifest, as the old script made them.
    pub(crate) fn legacy(&self, days: i64) -> String {
        let name = name_of(days);
        self.put(days, &legacy_archive(name.strip_suffix(".tar.gz").unwrap()))
    }

    /// A file with this content and the name and the time of so many days ago.
    pub(crate) fn put(&self, days: i64, content: &[u8]) -> String {
        let name = name_of(days);
        fs::write(self.backup(&name), content).unwrap();
        let then = (Timestamp::now() - (24 * days).hours()).as_second();
        touch(&self.backup(&name), u64::try_from(then).unwrap());
        name
    }
}

/// The name of an archive that was made so many days ago.
pub(crate) fn name_of(days: i64) -> String {
    local(Timestamp::now() - (24 * days).hours()).strftime("backup-%Y%m%d-%H%M%S.tar.gz").to_string()
}

/// What the old script made: three files, no manifest.
pub(crate) fn legacy_archive(folder: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for name in ["configuration.json", "sync-agent.env", "site.conf"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(3);
        header.set_mode(0o600);
        tar.append_data(&mut header, format!("{folder}/{name}"), &b"{}\n"[..]).unwrap();
    }
    let mut gzip = tar.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

//! `manifest.json` as a stream, so that a manifest of 100,000 videos takes no more
//! memory than one of three files.

use std::fmt;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tempfile::SpooledTempFile;

use super::error::{Damage, ReadError};
use crate::model::{MANIFEST_FORMAT, ManifestHead, Member};

/// A manifest up to this size never touches the disk before it is archived.
const SPOOL_IN_MEMORY: usize = 256 << 10;

/// Collects the members while the archive is written.
pub(super) struct ManifestSpool {
    members: SpooledTempFile,
    any: bool,
    folder: std::path::PathBuf,
}

impl ManifestSpool {
    pub(super) fn new(folder: &Path) -> Self {
        let members = SpooledTempFile::new_in(SPOOL_IN_MEMORY, folder);
        Self { members, any: false, folder: folder.to_owned() }
    }

    /// Notes one member, on a line of its own.
    pub(super) fn push(&mut self, member: &Member) -> io::Result<()> {
        let mut line = if self.any { b",\n    ".to_vec() } else { b"\n    ".to_vec() };
        self.any = true;
        serde_json::to_writer(&mut line, member)?;
        self.members.write_all(&line)
    }

    /// The whole document, its position at the end.
    pub(super) fn finish(&mut self, head: &ManifestHead) -> io::Result<SpooledTempFile> {
        let head = serde_json::to_string_pretty(head)?;
        let open = head.trim_end_matches('}').trim_end();
        let mut document = SpooledTempFile::new_in(SPOOL_IN_MEMORY, &self.folder);
        write!(document, "{open},\n  \"members\": [")?;
        self.members.rewind()?;
        io::copy(&mut self.members, &mut document)?;
        document.write_all(b"\n  ]\n}\n")?;
        Ok(document)
    }
}

/// Reads a manifest, handing each member on as it comes.
pub(super) fn parse(
    input: impl Read,
    each: &mut dyn FnMut(Member) -> Result<(), Damage>,
) -> Result<ManifestHead, ReadError> {
    let mut refusal = None;
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(input));
    let document = Document { each, refusal: &mut refusal };
    let head = json.deserialize_map(document).and_then(|head| json.end().map(|()| head));
    if let Some(damage) = refusal {
        return Err(damage.into());
    }
    let head = head.map_err(|error| match error.classify() {
        serde_json::error::Category::Io => ReadError::from(io::Error::from(error)),
        _ => Damage::BadManifest(error.to_string()).into(),
    })?;
    if head.format > MANIFEST_FORMAT {
        return Err(Damage::NewerFormat(head.format).into());
    }
    Ok(head)
}

struct Document<'a> {
    each: &'a mut dyn FnMut(Member) -> Result<(), Damage>,
    refusal: &'a mut Option<Damage>,
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ManifestHead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a manifest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ManifestHead, A::Error> {
        let mut head = serde_json::Map::new();
        let mut members = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "members" if members => return Err(A::Error::duplicate_field("members")),
                "members" => {
                    map.next_value_seed(Members { each: self.each, refusal: self.refusal })?;
                    members = true;
                }
                "format" | "program" | "host" | "sequence" | "created" | "clock_trusted" | "warnings" => {
                    head.insert(key, map.next_value()?);
                }
                // A later program of the same format may say more.
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if !members {
            return Err(A::Error::missing_field("members"));
        }
        serde_json::from_value(head.into()).map_err(A::Error::custom)
    }
}

struct Members<'a> {
    each: &'a mut dyn FnMut(Member) -> Result<(), Damage>,
    refusal: &'a mut Option<Damage>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of members")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(member) = list.next_element::<Member>()? {
            if let Err(damage) = (self.each)(member) {
                let text = damage.to_string();
                *self.refusal = Some(damage);
                return Err(A::Error::custom(text));
            }
        }
        Ok(())
    }
}

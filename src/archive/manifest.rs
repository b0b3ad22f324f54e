//! `manifest.json` as a stream, so that a manifest of 100,000 videos takes no more
//! memory than one of three files.

use std::fmt;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tempfile::SpooledTempFile;

use super::error::{Damage, ReadError};
use crate::model::json::Bounded;
use crate::model::{MANIFEST_FORMAT, ManifestHead, Member};

/// A manifest up to this size never touches the disk before it is archived.
const SPOOL_IN_MEMORY: usize = 256 << 10;

/// Brackets of ours that are open at once: three. The rest is for the future.
const MOST_NESTING: usize = 16;
/// Linux's longest path, each byte escaped, and the escapes escaped for JSON.
const LONGEST_STRING: usize = 32 << 10;
/// A run tells about a hundred sentences.
const MOST_WARNING_BYTES: usize = 64 << 10;

/// Collects the members while the archive is written.
pub(super) struct ManifestSpool {
    members: SpooledTempFile,
    count: u64,
    bytes: u64,
    folder: std::path::PathBuf,
}

impl ManifestSpool {
    pub(super) fn new(folder: &Path) -> Self {
        let members = SpooledTempFile::new_in(SPOOL_IN_MEMORY, folder);
        Self { members, count: 0, bytes: 0, folder: folder.to_owned() }
    }

    /// Notes one member, on a line of its own.
    pub(super) fn push(&mut self, member: &Member) -> io::Result<()> {
        let mut line = if self.count > 0 { b",\n    ".to_vec() } else { b"\n    ".to_vec() };
        serde_json::to_writer(&mut line, member)?;
        self.count += 1;
        self.bytes += line.len() as u64;
        self.members.write_all(&line)
    }

    /// Members so far, and the bytes that they take in the manifest.
    pub(super) fn so_far(&self) -> (u64, u64) {
        (self.count, self.bytes)
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

/// Reads a manifest, handing each member on as it comes. Nothing of it may be believed before
/// its end, and nothing of a member that was not held against the archive's.
///
/// # Errors
/// [`ReadError::Damaged`] where it is none of ours; a refusal by `each` comes back as it was.
pub fn parse(
    input: impl Read,
    each: &mut dyn FnMut(Member) -> Result<(), Damage>,
) -> Result<ManifestHead, ReadError> {
    let mut refusal = None;
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(Bounded::new(
        input,
        MOST_NESTING,
        LONGEST_STRING,
    )));
    let document = Document { each, refusal: &mut refusal };
    let head = json.deserialize_map(document).and_then(|head| json.end().map(|()| head));
    if let Some(damage) = refusal {
        return Err(damage.into());
    }
    let head = head.map_err(|error| match error.classify() {
        serde_json::error::Category::Io => match io::Error::from(error) {
            bound if bound.kind() == io::ErrorKind::InvalidData && bound.raw_os_error().is_none() => {
                Damage::BadManifest("made to fill the memory".into()).into()
            }
            error => ReadError::from(error),
        },
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
        let mut head = Partial::default();
        let mut members = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "members" if members => return Err(A::Error::duplicate_field("members")),
                "members" => {
                    map.next_value_seed(Members { each: self.each, refusal: self.refusal })?;
                    members = true;
                }
                "format" => head.format = Some(map.next_value()?),
                "program" => head.program = Some(map.next_value()?),
                "host" => head.host = Some(map.next_value()?),
                "sequence" => head.sequence = Some(map.next_value()?),
                "created" => head.created = Some(map.next_value()?),
                "clock_trusted" => head.clock_trusted = Some(map.next_value()?),
                "warnings" => head.warnings = map.next_value::<Warnings>()?.0,
                // A later program of the same format may say more.
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if !members {
            return Err(A::Error::missing_field("members"));
        }
        head.whole().map_err(A::Error::missing_field)
    }
}

/// The head as far as it has been read.
#[derive(Default)]
struct Partial {
    format: Option<u32>,
    program: Option<String>,
    host: Option<String>,
    sequence: Option<u64>,
    created: Option<Timestamp>,
    clock_trusted: Option<bool>,
    warnings: Vec<String>,
}

impl Partial {
    /// The whole head, or the name of a field that is not there.
    fn whole(self) -> Result<ManifestHead, &'static str> {
        Ok(ManifestHead {
            format: self.format.ok_or("format")?,
            program: self.program.ok_or("program")?,
            host: self.host.ok_or("host")?,
            sequence: self.sequence.ok_or("sequence")?,
            created: self.created.ok_or("created")?,
            clock_trusted: self.clock_trusted.ok_or("clock_trusted")?,
            warnings: self.warnings,
        })
    }
}

/// The warnings of a run, as many as one of ours has; more are passed over.
struct Warnings(Vec<String>);

impl<'de> Deserialize<'de> for Warnings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Warnings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of warnings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Warnings, A::Error> {
                let mut warnings = Vec::new();
                let mut bytes = 0;
                while let Some(warning) = list.next_element::<String>()? {
                    bytes += warning.len() + size_of::<String>();
                    if bytes <= MOST_WARNING_BYTES {
                        warnings.push(warning);
                    }
                }
                Ok(Warnings(warnings))
            }
        }
        deserializer.deserialize_seq(List)
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{maybe_text, text, timestamp};

    fn head() -> impl Strategy<Value = ManifestHead> {
        let made = (text(), text(), any::<u64>(), timestamp(), any::<bool>());
        (0..=MANIFEST_FORMAT, made, vec(text(), 0..3)).prop_map(|(format, made, warnings)| {
            let (program, host, sequence, created, clock_trusted) = made;
            ManifestHead { format, program, host, sequence, created, clock_trusted, warnings }
        })
    }

    fn member() -> impl Strategy<Value = Member> {
        let owner = (any::<(u32, u32)>(), maybe_text(), maybe_text());
        (text(), maybe_text(), any::<u64>(), text(), owner, timestamp(), text()).prop_map(
            |(member, path, size, mode, ((uid, gid), owner, group), mtime, sha256)| Member {
                member,
                path,
                size,
                mode,
                uid,
                gid,
                owner,
                group,
                mtime,
                sha256,
            },
        )
    }

    proptest! {
        #[test]
        fn a_manifest_is_read_as_it_was_written(head in head(), members in vec(member(), 0..4)) {
            let mut spool = ManifestSpool::new(&std::env::temp_dir());
            for member in &members {
                spool.push(member).unwrap();
            }
            let mut document = spool.finish(&head).unwrap();
            document.rewind().unwrap();
            let mut read = Vec::new();
            let found = parse(document, &mut |member| {
                read.push(member);
                Ok(())
            });
            prop_assert_eq!(found.unwrap(), head);
            prop_assert_eq!(read, members);
        }

        #[test]
        fn no_text_makes_it_panic(
            text: Vec<u8>,
            near in vec(
                "\"(format|sequence|created|warnings|members|x)\":(1|-1|\"a\"|\\[\\]|\\[1\\]|\\[\\{\\}\\]|null|\\[\\[|\\{\\})",
                0..4,
            ),
        ) {
            for text in [text, format!("{{{}}}", near.join(",")).into_bytes()] {
                let _ = parse(&text[..], &mut |_| Ok(()));
            }
        }
    }
}

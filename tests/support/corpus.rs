//! Archives that must not be put back, made without the program, one row a case.

use std::io::{Read, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, write::GzEncoder};
use nix::unistd::{getegid, geteuid};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::planted;

/// The archives' folder, and their name.
pub(crate) const STEM: &str = "backup-20241218-030000";
pub(crate) const NAME: &str = "backup-20241218-030000.tar.gz";

/// The club of all but one.
pub(crate) const SITE: &str = "SITE_NAME=\"Gymnase d'Évreux\"\nVERSION=archived\n";

/// What is said of an archive that is brought by somebody.
#[allow(dead_code)] // of which only the panel's tests know
pub(crate) enum Brought {
    /// It is refused as a restore of it is.
    Refused,
    /// It is an archive like any other, and this is said of it.
    Warned(&'static str),
    /// It is an archive like any other.
    Listed,
}
use Brought::{Listed, Refused, Warned};

/// One archive.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) bytes: fn() -> Vec<u8>,
    /// The code of a restore's refusal.
    pub(crate) code: &'static str,
    /// Words of its sentence that name the rule.
    pub(crate) rule: &'static str,
    /// What becomes of it when it is brought.
    #[allow(dead_code)]
    pub(crate) brought: Brought,
}

const fn broken(what: &'static str, rule: &'static str, bytes: fn() -> Vec<u8>) -> Case {
    Case { what, bytes, code: "archive_refused", rule, brought: Refused }
}

const fn odd(
    what: &'static str,
    code: &'static str,
    rule: &'static str,
    brought: Brought,
    bytes: fn() -> Vec<u8>,
) -> Case {
    Case { what, bytes, code, rule, brought }
}

/// Ten GB.
const TEN_GB: u64 = 10 << 30;

/// The corpus.
pub(crate) const CASES: &[Case] = &[
    broken("an empty file", "le fichier est vide", Vec::new),
    broken("no gzip", "illisible comme tar.gz", || b"PK\x03\x04 this is a zip".to_vec()),
    broken("no tar", "illisible comme tar.gz", || gzip(&[b'x'; 5000])),
    broken("a gzip of the gzip", "illisible comme tar.gz", || gzip(&sound())),
    broken("two gzip members", "étrangères suivent", || [sound(), sound()].concat()),
    broken("a byte behind the gzip", "étrangères suivent", || [sound(), b"x".into()].concat()),
    broken("a tar behind the tar", "étrangères suivent", || gzip(&[made().tar(), made().tar()].concat())),
    broken("no members", "aucun fichier", || Made::default().gzip()),
    broken("a member twice", "y est deux fois", || made().with("site.conf", SITE.as_bytes()).gzip()),
    broken("a symbolic link", "un lien", || made().entry("a.conf", EntryType::Symlink, "/etc/passwd").gzip()),
    broken("a hard link", "un lien", || made().entry("a.conf", EntryType::Link, "/etc/passwd").gzip()),
    broken("a link for a folder", "un lien", || made().entry("", EntryType::Symlink, "/etc").gzip()),
    broken("a character device", "un périphérique", || made().entry("a", EntryType::Char, "").gzip()),
    broken("a block device", "un périphérique", || made().entry("a", EntryType::Block, "").gzip()),
    broken("a pipe", "un tube nommé", || made().entry("a", EntryType::Fifo, "").gzip()),
    broken("a sparse file", "un fichier à trous", || made().entry("a", EntryType::GNUSparse, "").gzip()),
    broken("a PAX header with a size", "un en-tête étendu", || made().pax(EntryType::XHeader).gzip()),
    broken("a PAX header for all", "un en-tête étendu", || made().pax(EntryType::XGlobalHeader).gzip()),
    broken("a long link's name", "un en-tête étendu", || {
        made().entry("a", EntryType::GNULongLink, "").gzip()
    }),
    broken("a long name that leads elsewhere", "nom dangereux", || {
        made().long_name(b"../../etc/passwd\0").with("site.conf.d", b"").gzip()
    }),
    broken("a long name with a NUL in it", "nom dangereux", || {
        made().long_name(format!("{STEM}/a\0/../../etc\0").as_bytes()).with("a", b"").gzip()
    }),
    broken("a longer name than any", "longueur d'un nom", || made().long_name(&[b'x'; 5000]).gzip()),
    broken("two long names for one", "longueur d'un nom", || made().long_name(b"a").long_name(b"b").gzip()),
    broken("an absolute name", "nom dangereux", || made().at("/etc/passwd", b"x").gzip()),
    broken("a name above", "nom dangereux", || made().at("../passwd", b"x").gzip()),
    broken("a name with a way up", "nom dangereux", || made().with("../../passwd", b"x").gzip()),
    broken("a folder of another name", "nom dangereux", || {
        Made::default().at("club/site.conf", SITE.as_bytes()).gzip()
    }),
    broken("two folders", "nom dangereux", || made().at("backup-20241218-030001/a", b"").gzip()),
    broken("a size of all bytes there are", "pour un fichier", || {
        made().sized("huge", 0x7fff_ffff_ffff_ffff).gzip()
    }),
    broken("ten GB of zeros in a member", "pour un fichier", || {
        zeros(&made().sized("videos", TEN_GB).open())
    }),
    broken("ten GB of zeros in the manifest", "pour un fichier", || {
        zeros(&made().sized("manifest.json", TEN_GB).open())
    }),
    broken("ten GB of zeros in no member", "étrangères suivent", || zeros(&made().open())),
    broken("more in all than it can hold", "pour l'ensemble", || {
        let members = (0..31).map(|n| format!("{n}.mp4"));
        members.fold(made(), |made, name| made.with(&name, &vec![0; 10 << 20])).gzip()
    }),
    broken("a manifest with another hash", "diffère du manifeste", || {
        listed(|list| list["members"][1]["sha256"] = "0".repeat(64).into())
    }),
    broken("a manifest with another size", "diffère du manifeste", || {
        listed(|list| list["members"][1]["size"] = 1.into())
    }),
    broken("a manifest with another mode", "diffère du manifeste", || {
        listed(|list| list["members"][1]["mode"] = "4755".into())
    }),
    broken("a manifest with a member more", "il y manque", || {
        listed(|list| {
            let more = list["members"][0].clone();
            list["members"].as_array_mut().unwrap().push(more);
        })
    }),
    broken("a manifest with a member less", "n'est pas dans le manifeste", || {
        listed(|list| drop(list["members"].as_array_mut().unwrap().pop()))
    }),
    broken("a manifest of the future", "plus récent que ce programme", || {
        listed(|list| list["format"] = 2.into())
    }),
    broken("a manifest that is no JSON", "incompréhensible", || made().with("manifest.json", b"{").gzip()),
    broken("a member behind the manifest", "après le manifeste", || {
        let made = made();
        let list = made.list().to_string();
        made.with("manifest.json", list.as_bytes()).with("z.conf", b"").gzip()
    }),
    odd(
        "settings that are no JSON",
        "member_invalid",
        "n'est pas du JSON",
        Warned("n'est pas du JSON"),
        || Made::of(b"{\"half\": ", &env(), SITE.as_bytes()).proven(),
    ),
    odd("settings full of NULs", "member_invalid", "octets nuls", Warned("octets nuls"), || {
        Made::of(b"{}", &[0; 998], SITE.as_bytes()).proven()
    }),
    odd("another club's", "other_club", "« Salle de Brest »", Listed, || {
        Made::of(b"{}", &env(), b"SITE_NAME=\"Salle de Brest\"\n").proven()
    }),
    odd("nothing of the club's", "nothing_to_restore", "aucun des fichiers de cette box", Listed, || {
        Made::default().with("other.txt", b"").proven()
    }),
];

/// The sound archive cut at many places, and with one bit flipped at many.
pub(crate) fn damaged() -> Vec<(String, Vec<u8>)> {
    let good = sound();
    let cut = (0..40).map(|part| part * good.len() / 40);
    let cut = cut.map(|length| (format!("cut after {length} bytes"), good[..length].to_vec()));
    // Bytes 4 to 9 of a gzip header (time and system) say nothing of the content.
    let flipped = (0..60).map(|part| 10 + part * (good.len() - 10) / 60).map(|place| {
        let mut bad = good.clone();
        bad[place] ^= 1 << (place % 8);
        (format!("flipped at {place}"), bad)
    });
    // Filling bits, and codes that nothing uses, change nothing.
    let content = unpacked(&good);
    cut.chain(flipped).filter(|(_, bytes)| unpacked(bytes) != content).collect()
}

fn unpacked(gzip: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(gzip).read_to_end(&mut tar).ok().map(|_| tar)
}

/// The control: what differs from all of the above in nothing but being good.
pub(crate) fn sound() -> Vec<u8> {
    made().proven()
}

/// The same with so many bytes that do not shrink.
#[allow(dead_code)]
pub(crate) fn sound_of(bytes: usize) -> Vec<u8> {
    let noise = (0_u64..).flat_map(|n| Sha256::digest(n.to_le_bytes()));
    made().with("videos/but.mp4", &noise.take(bytes).collect::<Vec<_>>()).proven()
}

/// The same as the old script made it.
#[allow(dead_code)]
pub(crate) fn without_manifest() -> Vec<u8> {
    made().gzip()
}

fn env() -> Vec<u8> {
    format!("SITE_ID=evreux\nAPI_TOKEN={}\n", planted::OF_THE_CLUB).into()
}

fn made() -> Made {
    Made::of("{\"name\": \"archivé à Évreux\"}\n".as_bytes(), &env(), SITE.as_bytes())
}

fn listed(change: fn(&mut Value)) -> Vec<u8> {
    let made = made();
    let mut list = made.list();
    change(&mut list);
    made.with("manifest.json", list.to_string().as_bytes()).gzip()
}

/// A tar in the making, and what its manifest is to say.
struct Made {
    tar: Builder<Vec<u8>>,
    members: Vec<Value>,
}

impl Default for Made {
    fn default() -> Self {
        Self { tar: Builder::new(Vec::new()), members: Vec::new() }
    }
}

impl Made {
    fn of(configuration: &[u8], settings: &[u8], site: &[u8]) -> Self {
        Self::default()
            .with("configuration.json", configuration)
            .with("sync-agent.env", settings)
            .with("site.conf", site)
    }

    fn with(mut self, inner: &str, content: &[u8]) -> Self {
        if inner != "manifest.json" {
            let sha256 =
                Sha256::digest(content).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            self.members.push(json!({
                "member": inner, "path": null, "size": content.len(), "mode": "0640",
                "uid": geteuid().as_raw(), "gid": getegid().as_raw(), "owner": null, "group": null,
                "mtime": "2023-11-14T22:13:20Z", "sha256": sha256,
            }));
        }
        self.at(&format!("{STEM}/{inner}"), content)
    }

    fn at(self, path: &str, content: &[u8]) -> Self {
        self.raw(path, EntryType::Regular, content.len() as u64, content, "")
    }

    fn entry(self, inner: &str, kind: EntryType, link: &str) -> Self {
        self.raw(&format!("{STEM}/{inner}"), kind, 0, b"", link)
    }

    fn long_name(self, name: &[u8]) -> Self {
        self.raw("././@LongLink", EntryType::GNULongName, name.len() as u64, name, "")
    }

    /// The size of the next entry is what this says, to who believes it.
    fn pax(self, kind: EntryType) -> Self {
        let size = b"20 size=99999999999\n";
        self.raw("PaxHeaders/a", kind, size.len() as u64, size, "").with("a", b"")
    }

    /// A member that says that it is so large, and has no content.
    fn sized(self, inner: &str, size: u64) -> Self {
        self.raw(&format!("{STEM}/{inner}"), EntryType::Regular, size, b"", "")
    }

    fn raw(mut self, path: &str, kind: EntryType, size: u64, content: &[u8], link: &str) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o640);
        header.set_mtime(1_700_000_000);
        // Names that the builder would not take.
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path.as_bytes());
        old.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        self.tar.append(&header, content).unwrap();
        self
    }

    fn list(&self) -> Value {
        json!({
            "format": 1, "program": "corpus", "host": "elsewhere", "sequence": 7,
            "created": "2024-12-18T02:00:00Z", "clock_trusted": true, "warnings": [],
            "members": self.members,
        })
    }

    /// With the manifest of it.
    fn proven(self) -> Vec<u8> {
        let list = self.list().to_string();
        self.with("manifest.json", list.as_bytes()).gzip()
    }

    fn tar(self) -> Vec<u8> {
        self.tar.into_inner().unwrap()
    }

    /// Without the two empty blocks of its end.
    fn open(self) -> Vec<u8> {
        let mut tar = self.tar();
        tar.truncate(tar.len() - 1024);
        tar
    }

    fn gzip(self) -> Vec<u8> {
        gzip(&self.tar())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A true gzip of these bytes and ten GB of zeros behind them, made in a moment: a packed
/// piece is the same wherever it stands.
fn zeros(head: &[u8]) -> Vec<u8> {
    const PIECE: usize = 64 << 20;
    let piece = vec![0; PIECE];
    let (mut crc, mut piece_crc) = (Crc::new(), Crc::new());
    crc.update(head);
    piece_crc.update(&piece);
    let (head_packed, piece_packed) =
        (deflated(head, FlushCompress::Full), deflated(&piece, FlushCompress::Full));
    let mut all = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    all.extend(head_packed);
    for _ in 0..TEN_GB / PIECE as u64 {
        all.extend(&piece_packed);
        crc.combine(&piece_crc);
    }
    all.extend(deflated(b"", FlushCompress::Finish));
    all.extend(crc.sum().to_le_bytes());
    // Of the length, gzip keeps what fits.
    all.extend(&(TEN_GB + head.len() as u64).to_le_bytes()[..4]);
    all
}

fn deflated(bytes: &[u8], end: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() / 500 + 4096);
    Compress::new(Compression::best(), false).compress_vec(bytes, &mut packed, end).unwrap();
    packed
}

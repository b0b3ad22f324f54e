//! The settings, each beside its default and its bounds.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::civil::{Time, time};

use super::{FileSource, InventorySource, Masking, Origins, Restore};
use crate::model::Language;

/// Everything that can be configured, checked as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whose box this is.
    pub club: Club,
    /// Where this program keeps its own things.
    pub paths: Paths,
    /// The files that are copied, in the order of the archive; may be empty.
    pub files: Vec<FileSource>,
    /// The folders that are listed; may be empty.
    pub inventories: Vec<InventorySource>,
    /// How long archives are kept.
    pub retention: Retention,
    /// How the club's files are put back.
    pub restore: Restore,
    /// What of their content is never shown.
    pub masking: Masking,
    /// When a backup is made by itself.
    pub schedule: Schedule,
    /// The panel's server.
    pub http: Http,
    /// Whether others on the network can read along.
    pub tls: Tls,
    /// How this program speaks.
    pub ui: Ui,
    /// Which of these values a file has set, and where; no part of equality.
    pub origins: Origins,
}

impl Default for Config {
    fn default() -> Self {
        let club = Club::default();
        Self {
            paths: Paths::of(&club),
            files: FileSource::defaults(&club),
            inventories: InventorySource::defaults(&club),
            club,
            retention: Retention::default(),
            restore: Restore::default(),
            masking: Masking::default(),
            schedule: Schedule::default(),
            http: Http::default(),
            tls: Tls::DEFAULT,
            ui: Ui::default(),
            origins: Origins::default(),
        }
    }
}

impl Config {
    /// The file and the line (from 1) that set this dotted key, `retention.days` or
    /// `files[0].path`; none where the default is in force.
    pub fn set_at(&self, key: &str) -> Option<(&Path, usize)> {
        self.origins.get(key)
    }

    /// Whether the file names the language; where it does not, `LANG` has a say.
    pub fn language_is_set(&self) -> bool {
        self.set_at("ui.language").is_some()
    }
}

/// `[club]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Club {
    /// The user to whom the club's files belong: backups run as this user under systemd,
    /// and the default paths lie in `/home/USER`.
    pub user: String,
}

impl Club {
    /// The user that Raspberry Pi OS makes.
    pub const DEFAULT_USER: &str = "pi";

    /// Where the user's files lie.
    pub(super) fn home(&self) -> PathBuf {
        Path::new("/home").join(&self.user)
    }
}

impl Default for Club {
    fn default() -> Self {
        Self { user: Self::DEFAULT_USER.to_owned() }
    }
}

/// `[paths]`: absolute, without `..`; neither `state` nor `runtime` is `backups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The archives, their log and the status file.
    pub backups: PathBuf,
    /// What must survive a reboot and is not an archive.
    pub state: PathBuf,
    /// Job events, gone at reboot.
    pub runtime: PathBuf,
}

impl Paths {
    /// The directory of lasting state.
    pub const DEFAULT_STATE: &str = "/var/lib/neopro-backup";
    /// The directory of job events.
    pub const DEFAULT_RUNTIME: &str = "/run/neopro-backup";

    /// The places of this club's box, as the contract has them.
    pub fn of(club: &Club) -> Self {
        Self {
            backups: club.home().join("neopro-backups"),
            state: Self::DEFAULT_STATE.into(),
            runtime: Self::DEFAULT_RUNTIME.into(),
        }
    }
}

/// `[retention]`: an archive that any of these rules keeps is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days an archive is kept, in [`Retention::DAYS`].
    pub days: u16,
    /// The newest verified archives that stay whatever their age, in [`Retention::KEEP_LAST`].
    pub keep_last: u16,
    /// Days whose last archive is kept, in [`Retention::KEEP_MORE`]; 0 is off.
    pub keep_daily: u16,
    /// Weeks whose last archive is kept, in [`Retention::KEEP_MORE`]; 0 is off.
    pub keep_weekly: u16,
    /// Months whose last archive is kept, in [`Retention::KEEP_MORE`]; 0 is off.
    pub keep_monthly: u16,
}

impl Retention {
    /// Days an archive is kept.
    pub const DEFAULT_DAYS: u16 = 7;
    /// Bounds of `days`: a day to ten years.
    pub const DAYS: RangeInclusive<u16> = 1..=3_650;
    /// Archives in the floor.
    pub const DEFAULT_KEEP_LAST: u16 = 3;
    /// Bounds of `keep_last`: the contract promises three, so none can ask for fewer.
    pub const KEEP_LAST: RangeInclusive<u16> = 3..=10_000;
    /// Days, weeks and months kept further: none.
    pub const DEFAULT_KEEP_MORE: u16 = 0;
    /// Bounds of `keep_daily`, `keep_weekly` and `keep_monthly`.
    pub const KEEP_MORE: RangeInclusive<u16> = 0..=3_650;
    /// Each number with its name in the file and its bounds.
    pub const BOUNDS: [(&str, RangeInclusive<u16>); 5] = [
        ("days", Self::DAYS),
        ("keep_last", Self::KEEP_LAST),
        ("keep_daily", Self::KEEP_MORE),
        ("keep_weekly", Self::KEEP_MORE),
        ("keep_monthly", Self::KEEP_MORE),
    ];

    /// The number of this name, which is one of [`Retention::BOUNDS`].
    pub fn number(&self, name: &str) -> u16 {
        let mut copy = *self;
        *copy.number_mut(name)
    }

    pub(super) fn number_mut(&mut self, name: &str) -> &mut u16 {
        match name {
            "days" => &mut self.days,
            "keep_last" => &mut self.keep_last,
            "keep_daily" => &mut self.keep_daily,
            "keep_weekly" => &mut self.keep_weekly,
            "keep_monthly" => &mut self.keep_monthly,
            unknown => unreachable!("{unknown} is no number of [retention]"),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: Self::DEFAULT_DAYS,
            keep_last: Self::DEFAULT_KEEP_LAST,
            keep_daily: Self::DEFAULT_KEEP_MORE,
            keep_weekly: Self::DEFAULT_KEEP_MORE,
            keep_monthly: Self::DEFAULT_KEEP_MORE,
        }
    }
}

/// Who starts the nightly backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// systemd where it runs this machine, else this program.
    Auto,
    /// systemd's timer.
    Systemd,
    /// A timer in this program.
    Local,
}

impl Manager {
    /// Each with its name in the file.
    pub const NAMES: [(&str, Self); 3] =
        [("auto", Self::Auto), ("systemd", Self::Systemd), ("local", Self::Local)];
}

/// `[schedule]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Who starts the nightly backup.
    pub manager: Manager,
    /// When the local timer does, in local time to the minute; systemd's timer unit has its own.
    pub at: Time,
}

impl Schedule {
    /// Whichever this machine has.
    pub const DEFAULT_MANAGER: Manager = Manager::Auto;
    /// 03:00, local time, as in the timer unit.
    pub const DEFAULT_AT: Time = time(3, 0, 0, 0);
}

impl Default for Schedule {
    fn default() -> Self {
        Self { manager: Self::DEFAULT_MANAGER, at: Self::DEFAULT_AT }
    }
}

/// Who may use the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Who knows the password.
    Password,
    /// Everyone on the local network: the old behaviour.
    OpenLan,
}

impl Auth {
    /// Each with its name in the file.
    pub const NAMES: [(&str, Self); 2] = [("password", Self::Password), ("open-lan", Self::OpenLan)];
}

/// `[http]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to listen; ignored when a socket is inherited. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Who may use the panel.
    pub auth: Auth,
    /// Further names this device is reached by: lower case, no scheme, no port.
    pub hosts: Vec<String>,
    /// Addresses of proxies in front of the panel, whose word on the caller is believed.
    pub proxies: Vec<IpAddr>,
    /// Connections open at once, in [`Http::CONNECTIONS`].
    pub max_connections: u16,
    /// Those from one address, in [`Http::CONNECTIONS`].
    pub max_connections_per_address: u16,
}

impl Http {
    /// Port 8080 on every IPv4 address.
    pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8080);
    /// A password is asked for.
    pub const DEFAULT_AUTH: Auth = Auth::Password;
    /// Connections open at once.
    pub const DEFAULT_MAX_CONNECTIONS: u16 = 128;
    /// Connections open at once from one address; a browser opens six.
    pub const DEFAULT_MAX_CONNECTIONS_PER_ADDRESS: u16 = 32;
    /// Bounds of both numbers of connections.
    pub const CONNECTIONS: RangeInclusive<u16> = 1..=4_096;
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: Self::DEFAULT_LISTEN,
            auth: Self::DEFAULT_AUTH,
            hosts: Vec::new(),
            proxies: Vec::new(),
            max_connections: Self::DEFAULT_MAX_CONNECTIONS,
            max_connections_per_address: Self::DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
        }
    }
}

/// `[tls]`: how the panel is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// With a certificate that this program makes for itself.
    SelfSigned,
    /// With these files, in PEM, which are read again when they change.
    Files {
        /// The certificate, then its chain.
        certificate: PathBuf,
        /// The private key, without a password.
        key: PathBuf,
    },
}

impl Tls {
    /// Off: no certificate is one that a visitor's browser knows without somebody's help.
    pub const DEFAULT: Self = Self::Off;
    /// The names of the modes in the file, in the order of the variants.
    pub(super) const MODES: [&str; 3] = ["off", "self-signed", "files"];

    /// The mode's name in the file.
    pub fn mode(&self) -> &'static str {
        let [off, self_signed, files] = Self::MODES;
        match self {
            Self::Off => off,
            Self::SelfSigned => self_signed,
            Self::Files { .. } => files,
        }
    }

    /// Certificate and key as the file has them: empty but for the mode that reads them.
    pub(super) fn files(&self) -> [&Path; 2] {
        match self {
            Self::Off | Self::SelfSigned => [Path::new(""); 2],
            Self::Files { certificate, key } => [certificate, key],
        }
    }
}

/// `[ui]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ui {
    /// The language in force; [`Config::language_is_set`] says whether the file named it.
    pub language: Language,
}

impl Ui {
    /// French.
    pub const DEFAULT_LANGUAGE: Language = Language::French;
    /// Each language with its name in the file.
    pub const LANGUAGES: [(&str, Language); 2] = [("fr", Language::French), ("en", Language::English)];
}

impl Default for Ui {
    fn default() -> Self {
        Self { language: Self::DEFAULT_LANGUAGE }
    }
}

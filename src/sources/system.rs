//! What the machine says of itself, as text beside the files of a backup.
//!
//! Reads `/proc`, `/sys` and `/etc`; asks no program. What cannot be read is
//! `unknown`. Uses: model.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::statvfs::statvfs;
use nix::sys::utsname::uname;

use crate::model::escape::escape;
use crate::model::size_in_words;

/// Bytes that are read of one system file; `/proc/meminfo` has about 1,500.
const MAX_FILE: u64 = 16 << 10;

/// Characters of the longest value; a longer one ends in `…`.
const MAX_VALUE: usize = 400;

/// The machine's name in its network.
pub fn host_name() -> String {
    uname().map_or_else(|_| "unknown".to_owned(), |names| escape(names.nodename().as_bytes()))
}

/// `key: value` lines about the machine and the disk that holds `disk_of`.
///
/// Keys are English and always the same, in the same order; a value has at most
/// 400 characters and no control characters, or is `unknown`.
pub fn system_info(disk_of: &Path) -> String {
    info_under(Path::new("/"), disk_of)
}

fn info_under(root: &Path, disk_of: &Path) -> String {
    let meminfo = read(root, "proc/meminfo");
    let memory = |key: &str| meminfo.as_deref().and_then(|text| kibibytes(text, key)).map(in_words);
    let disk = statvfs(disk_of).ok();
    let values = [
        ("program", Some(concat!("neopro-backup ", env!("CARGO_PKG_VERSION")).to_owned())),
        ("host", Some(host_name())),
        ("model", model(root)),
        ("os", read(root, "etc/os-release").and_then(|text| pretty_name(&text))),
        ("kernel", uname().ok().map(|names| names.release().to_string_lossy().into_owned())),
        ("architecture", uname().ok().map(|names| names.machine().to_string_lossy().into_owned())),
        ("uptime", read(root, "proc/uptime").and_then(|text| uptime(&text))),
        ("load", read(root, "proc/loadavg").and_then(|text| load(&text))),
        ("memory total", memory("MemTotal:")),
        ("memory available", memory("MemAvailable:")),
        ("swap total", memory("SwapTotal:")),
        ("swap free", memory("SwapFree:")),
        ("disk total", disk.map(|disk| in_words(disk.blocks() * disk.fragment_size()))),
        ("disk free", disk.map(|disk| in_words(disk.blocks_available() * disk.fragment_size()))),
        ("temperature", temperatures(root)),
        ("addresses", addresses()),
        ("time zone", time_zone(root)),
    ];
    let mut text = String::new();
    for (key, value) in values {
        text.push_str(key);
        text.push_str(": ");
        text.push_str(&bounded(&value.unwrap_or_default()));
        text.push('\n');
    }
    text
}

/// One line of text that is neither empty nor endless.
fn bounded(value: &str) -> String {
    let value = value.trim();
    if value.is_empty() {
        return "unknown".to_owned();
    }
    let escaped = escape(value.as_bytes());
    match escaped.char_indices().nth(MAX_VALUE) {
        None => escaped,
        Some(_) => escaped.chars().take(MAX_VALUE - 1).chain(['…']).collect(),
    }
}

fn read(root: &Path, path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(root.join(path)).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn in_words(bytes: u64) -> String {
    format!("{} ({bytes} bytes)", size_in_words(bytes))
}

/// A Raspberry Pi names itself in the device tree, a PC in its firmware's tables.
fn model(root: &Path) -> Option<String> {
    let named = |path| read(root, path).map(|text| text.trim_end_matches('\0').to_owned());
    named("proc/device-tree/model").or_else(|| named("sys/devices/virtual/dmi/id/product_name"))
}

fn pretty_name(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

/// `/proc/uptime` begins with the seconds since boot.
fn uptime(text: &str) -> Option<String> {
    let seconds: u64 = text.split(['.', ' ']).next()?.parse().ok()?;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    Some(format!("{days} d {hours} h {minutes} min"))
}

/// `/proc/loadavg` begins with the means of 1, 5 and 15 minutes.
fn load(text: &str) -> Option<String> {
    let means: Vec<&str> = text.split_whitespace().take(3).collect();
    (means.len() == 3).then(|| means.join(" "))
}

/// The bytes in a line such as `MemTotal:  3884332 kB`.
fn kibibytes(meminfo: &str, key: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
    value.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// The kernel counts in thousandths of a degree.
fn temperatures(root: &Path) -> Option<String> {
    let mut zones: Vec<String> = fs::read_dir(root.join("sys/class/thermal"))
        .ok()?
        .filter_map(|zone| zone.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("thermal_zone"))
        .collect();
    zones.sort();
    let degrees = |zone: &String| {
        let text = read(root, &format!("sys/class/thermal/{zone}/temp"))?;
        Some(format!("{:.1} °C", text.trim().parse::<f64>().ok()? / 1000.0))
    };
    Some(zones.iter().filter_map(degrees).collect::<Vec<_>>().join(", "))
}

fn addresses() -> Option<String> {
    let mut found = Vec::new();
    for interface in getifaddrs().ok()? {
        let Some(address) = interface.address else { continue };
        let ip = match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
            (Some(v4), _) => v4.ip().to_string(),
            (_, Some(v6)) => v6.ip().to_string(),
            _ => continue,
        };
        if !interface.flags.contains(InterfaceFlags::IFF_LOOPBACK) {
            found.push(format!("{} {ip}", interface.interface_name));
        }
    }
    Some(found.join(", "))
}

/// The link decides what the clock shows; the file is only what Debian says of it.
fn time_zone(root: &Path) -> Option<String> {
    let link = fs::read_link(root.join("etc/localtime")).ok();
    let zone = link.as_ref().and_then(|link| link.to_str()?.split_once("zoneinfo/"));
    zone.map(|(_, zone)| zone.to_owned()).or_else(|| read(root, "etc/timezone"))
}

#[cfg(test)]
#[path = "system_tests.rs"]
mod tests;

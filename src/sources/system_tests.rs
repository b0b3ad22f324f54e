//! A false root with the files of a Raspberry Pi, and one with nothing.

use std::os::unix::fs::symlink;

use super::*;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn value<'a>(info: &'a str, key: &str) -> &'a str {
    let line = info.lines().find(|line| line.split(": ").next() == Some(key));
    line.unwrap().split_once(": ").unwrap().1
}

#[test]
fn a_pi_s_files_are_read() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    put(root, "proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0");
    put(root, "etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    put(root, "proc/uptime", "93784.55 350000.10\n");
    put(root, "proc/loadavg", "0.10 0.25 1.05 2/150 4242\n");
    put(
        root,
        "proc/meminfo",
        "MemTotal:        3884332 kB\nMemFree: 1 kB\nMemAvailable:    1048576 kB\n\
         SwapTotal:        102396 kB\nSwapFree:             0 kB\n",
    );
    put(root, "sys/class/thermal/thermal_zone1/temp", "-1500\n");
    put(root, "sys/class/thermal/thermal_zone0/temp", "48312\n");
    put(root, "sys/class/thermal/thermal_zone2/temp", "broken\n");
    put(root, "sys/class/thermal/cooling_device0/temp", "1\n");
    symlink("/usr/share/zoneinfo/Europe/Paris", root.join("etc/localtime")).unwrap();
    let info = info_under(root, root);
    for (key, expected) in [
        ("program", concat!("neopro-backup ", env!("CARGO_PKG_VERSION"))),
        ("model", "Raspberry Pi 4 Model B Rev 1.4"),
        ("os", "Debian GNU/Linux 12 (bookworm)"),
        ("uptime", "1 d 2 h 3 min"),
        ("load", "0.10 0.25 1.05"),
        ("memory total", "3.7 GB (3977555968 bytes)"),
        ("memory available", "1.0 GB (1073741824 bytes)"),
        ("swap total", "100.0 MB (104853504 bytes)"),
        ("swap free", "0.0 B (0 bytes)"),
        ("temperature", "48.3 °C, -1.5 °C"),
        ("time zone", "Europe/Paris"),
    ] {
        assert_eq!(value(&info, key), expected, "{key}");
    }
    assert!(value(&info, "disk total").ends_with(" bytes)"));
}

#[test]
fn what_cannot_be_read_is_unknown_and_the_order_is_the_same() {
    let root = tempfile::tempdir().unwrap();
    let info = info_under(root.path(), &root.path().join("absent"));
    let keys: Vec<_> = info.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        keys.join(","),
        "program,host,model,os,kernel,architecture,uptime,load,memory total,memory available,\
         swap total,swap free,disk total,disk free,temperature,addresses,time zone"
    );
    for key in ["model", "os", "uptime", "load", "memory total", "disk free", "temperature", "time zone"] {
        assert_eq!(value(&info, key), "unknown", "{key}");
    }
}

#[test]
fn nonsense_in_a_file_is_unknown_too() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "proc/uptime", "soon\n");
    put(root.path(), "proc/loadavg", "0.1\n");
    put(root.path(), "proc/meminfo", "MemTotal: 99999999999999999999 kB\nSwapTotal:\n");
    put(root.path(), "etc/os-release", "ID=debian\n");
    put(root.path(), "sys/class/thermal/cooling_device0/temp", "1\n");
    let info = info_under(root.path(), root.path());
    for key in ["uptime", "load", "memory total", "swap total", "os", "temperature"] {
        assert_eq!(value(&info, key), "unknown", "{key}");
    }
}

#[test]
fn a_pc_names_itself_in_its_firmware_and_debian_its_zone_in_a_file() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "sys/devices/virtual/dmi/id/product_name", "ThinkPad\n");
    put(root.path(), "etc/timezone", "Indian/Reunion\n");
    put(root.path(), "etc/localtime", "TZif2");
    let info = info_under(root.path(), root.path());
    assert_eq!(value(&info, "model"), "ThinkPad");
    assert_eq!(value(&info, "time zone"), "Indian/Reunion");
}

#[test]
fn values_are_bounded_and_have_no_control_characters() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "proc/device-tree/model", &format!("a\nhost: evil\u{1b}[2J{}", "é".repeat(100_000)));
    let info = info_under(root.path(), root.path());
    let model = value(&info, "model");
    assert!(model.starts_with("a\\nhost: evil\\x1B[2Jé") && model.ends_with("é…"), "{model}");
    assert_eq!(model.chars().count(), MAX_VALUE);
    assert_eq!(info.lines().count(), 17);
}

#[test]
fn this_machine_can_be_asked() {
    let info = system_info(Path::new("/"));
    assert_ne!(value(&info, "kernel"), "unknown");
    assert_eq!(value(&info, "host"), host_name());
    assert!(!info.contains("127.0.0.1"));
}

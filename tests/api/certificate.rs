//! The certificate that the panel shows: the program's own, or somebody's files.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use jiff::ToSpan;
use neopro_backup::http::fingerprint_of;
use neopro_backup::model::clock::RELEASED;

use crate::panel::Panel;
use crate::support::tools::lacks;
use crate::support::{Club, until};
use crate::tls::{OWN, ask, own};

/// A club whose panel is encrypted by `cert.pem` and `key.pem` of its folder, new ones.
fn with_files() -> Club {
    let club = Club::new();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| club.path(name).display().to_string());
    let mut settings = File::options().append(true).open(club.configuration()).unwrap();
    writeln!(settings, "[tls]\nmode = 'files'\ncertificate = '{certificate}'\nkey = '{key}'").unwrap();
    renew(&club);
    club
}

fn renew(club: &Club) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, text) in [("key.pem", made.signing_key.serialize_pem()), ("cert.pem", made.cert.pem())] {
        fs::write(club.path("new"), text).unwrap();
        fs::rename(club.path("new"), club.path(name)).unwrap();
    }
}

/// The fingerprint of the certificate that the next connection is shown.
fn shown(panel: &Panel) -> String {
    let script =
        "openssl s_client -connect $0 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256";
    let done = Command::new("sh").args(["-c", script, &panel.daemon.address.to_string()]).output().unwrap();
    let line = String::from_utf8(done.stdout).unwrap();
    line.trim().rsplit('=').next().unwrap().to_owned()
}

/// The fingerprint that the daemon has logged last.
fn logged(panel: &Panel) -> String {
    let lines = panel.daemon.logged("certificate in service");
    lines.last().unwrap().rsplit("fingerprint=").next().unwrap().trim().to_owned()
}

#[test]
fn the_program_s_own_certificate_is_kept_secret_and_shown_after_every_start() {
    if lacks(&["openssl"]) {
        return;
    }
    let mut panel = own();
    let state = panel.club.path("state");
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state.join("access")), 0o700);
    assert_eq!(mode(&state.join("access/tls.pem")), 0o600);
    let first = shown(&panel);
    assert_eq!(first.len(), 32 * 3 - 1);
    assert_eq!(logged(&panel), first);
    assert_eq!(fingerprint_of(&state).as_ref(), Some(&first));
    assert_eq!(panel.daemon.logged("PRIVATE"), [""; 0]);
    panel.daemon.stop();
    let panel = Panel::of(panel.club);
    assert_eq!((shown(&panel), logged(&panel)), (first.clone(), first));
}

#[test]
fn the_program_s_own_certificate_is_valid_from_before_its_release_for_ten_years() {
    if lacks(&["openssl"]) {
        return;
    }
    let panel = own();
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-dates", "-in"]).arg(panel.club.path("state/access/tls.pem"));
    let dates = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let released: jiff::civil::Date = RELEASED.parse().unwrap();
    let (begins, ends) = (released.yesterday().unwrap(), released.checked_add(10.years()).unwrap());
    let [begins, ends] = [begins, ends].map(|date| date.strftime("%b %e 00:00:00 %Y GMT"));
    assert_eq!(dates, format!("notBefore={begins}\nnotAfter={ends}\n"));
}

#[test]
fn a_damaged_certificate_of_the_program_s_own_is_made_anew() {
    let mut panel = own();
    let first = logged(&panel);
    panel.daemon.stop();
    fs::write(panel.club.path("state/access/tls.pem"), "half a certif").unwrap();
    let mut panel = Panel::of(panel.club);
    let second = logged(&panel);
    assert_ne!(second, first);
    panel.daemon.stop();
    assert_eq!(logged(&Panel::of(panel.club)), second);
}

#[test]
fn a_certificate_that_cannot_be_kept_is_served_all_the_same() {
    let club = Club::with_http(OWN);
    fs::create_dir(club.path("state")).unwrap();
    symlink(club.path("backups"), club.path("state/access")).unwrap();
    let panel = Panel::of(club);
    assert_eq!(panel.daemon.logged("is not kept").len(), 1);
    assert_eq!(fs::read_dir(panel.club.path("backups")).unwrap().count(), 0);
}

#[test]
fn renewed_files_are_shown_to_the_next_connection_and_a_broken_pair_changes_nothing() {
    if lacks(&["curl", "openssl"]) {
        return;
    }
    let panel = Panel::of(with_files());
    let first = shown(&panel);
    assert_eq!(logged(&panel), first);
    renew(&panel.club);
    let second = shown(&panel);
    assert_ne!(second, first);
    until("the new fingerprint", || (logged(&panel) == second).then_some(()));
    // The certificate is there, its key is not yet.
    let key = fs::read(panel.club.path("key.pem")).unwrap();
    renew(&panel.club);
    fs::write(panel.club.path("key.pem"), &key).unwrap();
    for _ in 0..3 {
        assert_eq!(shown(&panel), second);
        assert_eq!(ask(&panel, "/api/health", &[]).status, 200);
    }
    let told = || panel.daemon.logged("the old one stays").len();
    until("the warning", || (told() > 0).then_some(()));
    assert_eq!(told(), 1, "once");
    fs::remove_file(panel.club.path("cert.pem")).unwrap();
    assert_eq!(shown(&panel), second);
    renew(&panel.club);
    assert_ne!(shown(&panel), second);
}

#[test]
fn files_that_cannot_be_served_are_an_error_with_their_name() {
    let club = with_files();
    let (certificate, key) = (club.path("cert.pem"), club.path("key.pem"));
    let refused = |what: &str| {
        let done: Output = club.run(&["serve", "--listen", "127.0.0.1:0"]);
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains(what) && said.contains(key.to_str().unwrap()), "{said}");
        assert!(!said.contains("PRIVATE"), "{said}");
    };
    let good = fs::read(&key).unwrap();
    renew(&club);
    fs::write(&key, good).unwrap();
    refused("n'est pas celle du certificat");
    fs::copy(&certificate, &key).unwrap();
    refused("aucune clé privée");
    fs::remove_file(&key).unwrap();
    refused("ne peut pas être lu");
}

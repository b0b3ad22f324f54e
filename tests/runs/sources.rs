//! Sources that are not what they should be: never followed, never blocked on.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::sys::stat::Mode;

use crate::club::{Club, Said};

/// A way to spoil a path, and a word that the sentence must have.
type Spoiler = (fn(&Path), &'static str);

const SPOILERS: [Spoiler; 6] = [
    (|_| (), "n'existe pas"),
    (|path| symlink("/etc/hostname", path).unwrap(), "lien symbolique"),
    (|path| symlink("/nowhere", path).unwrap(), "lien symbolique"),
    (|path| nix::unistd::mkfifo(path, Mode::S_IRWXU).unwrap(), "tube nommé"),
    (|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), "socket"),
    (|path| fs::create_dir(path).unwrap(), "dossier"),
];

/// A run that is given up after a minute: blocking is what must not happen.
fn run(club: &Club) -> Said {
    Said::of(&mut club.command_by(&["timeout", "60"], &["run"]))
}

#[test]
fn a_required_file_that_is_none_fails_the_run_with_its_path_and_kind() {
    for (spoil, word) in SPOILERS {
        let club = Club::new();
        let path = club.at("webapp/configuration.json");
        fs::remove_file(&path).unwrap();
        spoil(&path);
        let said = run(&club).failed(1);
        assert!(said.contains(path.to_str().unwrap()) && said.contains(word), "{said}");
        let status = club.status();
        assert_eq!(status["success"], false);
        assert!(status["error"].as_str().unwrap().contains(word), "{status}");
        assert!(club.archives().is_empty());
        club.assert_swept(word);
    }
}

#[test]
fn an_optional_file_that_is_none_is_left_out_with_a_warning() {
    for (spoil, word) in SPOILERS {
        let club = Club::new();
        let path = club.at("sync-agent/.env");
        fs::remove_file(&path).unwrap();
        spoil(&path);
        run(&club).done();
        let status = club.status();
        assert_eq!((&status["success"], status["warnings"].as_array().unwrap().len()), (&true.into(), 1));
        let warning = status["warnings"][0].as_str().unwrap();
        assert!(warning.contains(path.to_str().unwrap()) && warning.contains(word), "{warning}");
        let manifest = club.manifest(status["archive"].as_str().unwrap());
        let members = manifest["members"].as_array().unwrap();
        assert!(members.iter().all(|member| member["member"] != "sync-agent.env"), "{manifest}");
        assert_eq!(manifest["warnings"][0], warning);
    }
}

#[test]
fn a_device_is_refused_where_it_is_required_and_left_out_where_not() {
    for (required, status) in [(true, 1), (false, 0)] {
        let club = Club::new();
        club.configure_with(&[&format!(
            "[[files]]\nmember = 'a'\npath = '/dev/zero'\nrequired = {required}\n"
        )]);
        let said = run(&club);
        assert_eq!(said.status, Some(status), "{said:?}");
        assert!(club.status().to_string().contains("périphérique"), "{}", club.status());
    }
}

#[test]
fn a_link_to_a_secret_never_brings_it_into_an_archive() {
    let club = Club::new();
    let (secret, site) = (club.at("secret"), club.at("site.conf"));
    fs::write(&secret, "hunter2 and nothing else").unwrap();
    fs::remove_file(&site).unwrap();
    symlink(&secret, &site).unwrap();
    let name = club.run();
    let manifest = club.manifest(&name).to_string();
    assert!(!manifest.contains("\"site.conf\""), "{manifest}");
}

#[test]
fn a_file_that_is_no_json_is_saved_as_it_is_with_a_warning() {
    let club = Club::new();
    fs::write(club.at("webapp/configuration.json"), "{\"half\": ").unwrap();
    let name = club.run();
    assert!(club.status()["warnings"][0].as_str().unwrap().contains("JSON"), "{}", club.status());
    assert_eq!(club.manifest(&name)["members"][0]["size"], 9);
}

#[test]
fn a_file_that_never_stands_still_is_saved_with_a_warning_and_does_not_hold_the_run() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let club = Club::new();
    let path = club.at("webapp/configuration.json");
    let stop = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            // Swapped as editors do it, so that each reading finds another file.
            for n in 0_u64.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                fs::write(club.at("next"), format!("{{\"n\": {n}}}")).unwrap();
                fs::rename(club.at("next"), &path).unwrap();
            }
        });
        let said = run(&club);
        stop.store(true, Ordering::Relaxed);
        said
    });
    said.done();
    club.assert_all_verify("after a restless source");
}

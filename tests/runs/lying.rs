//! A card that says "written" and has not: found out before anybody counts on it.

use std::process::Command;

use crate::club::Club;
use crate::tools::lacks;

#[test]
fn an_archive_that_does_not_read_back_is_never_published() {
    if lacks(&["strace"]) {
        return;
    }
    let club = Club::new();
    club.run();
    let before = club.archives();
    for nth in 1..=30 {
        // The call is not made, and the program is told that one byte was written.
        let traced = club.trace("write", Some(&format!("write:retval=1:when={nth}")));
        let first_of_archive = |line: &&String| line.contains("/backups/.neopro-backup-");
        if !traced.lines.iter().find(first_of_archive).is_some_and(|line| line.contains("INJECTED")) {
            continue;
        }
        let said = traced.said.failed(1);
        assert!(said.contains("relue telle qu'elle a été écrite"), "{said}");
        let archives = club.archives();
        assert!(before.iter().all(|(name, content)| archives.get(name) == Some(content)));
        let status = club.status();
        assert_eq!((&status["success"], &status["code"]), (&false.into(), &"not_proven".into()));
        club.assert_all_verify("after the lie");
        club.run();
        club.assert_swept("after the lie");
        return;
    }
    panic!("no write of the archive was found");
}

#[test]
fn an_archive_that_decays_on_the_card_is_found_by_verify() {
    let club = Club::new();
    let name = club.run();
    let path = club.backup(&name);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let modified = path.metadata().unwrap().modified().unwrap();
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    file.set_times(std::fs::FileTimes::new().set_modified(modified)).unwrap();
    // Size and time are as they were: only reading can tell.
    club.say(&["verify", &name]).failed(1);
    assert_eq!(club.json(&["list"])["backups"][0]["verification"], "damaged");
    assert_ne!(Command::new("gzip").arg("-t").arg(path).output().unwrap().status.code(), Some(0));
}

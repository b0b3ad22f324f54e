//! Where a directory that the sandbox shows really lies. A service looks at the directory
//! that was there when it started, also when that is renamed and another takes its place.

use std::fs;
use std::path::Path;

/// The directory's device and its place there; none where it is not mounted by itself,
/// as it is outside a sandbox.
pub fn origin_of(directory: &Path) -> Option<String> {
    origin_in(&fs::read_to_string("/proc/self/mountinfo").ok()?, directory)
}

/// The last mount on a place is the one that is seen; see `proc_pid_mountinfo(5)`.
fn origin_in(mountinfo: &str, directory: &Path) -> Option<String> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(2);
        Some((fields.next()?, fields.next()?, fields.next()?))
    });
    let mut here = mounts.filter(|(_, _, place)| Path::new(&unescaped(place)) == directory);
    here.next_back().map(|(device, root, _)| format!("{device} {root}"))
}

/// Spaces, tabs, newlines and backslashes are written as `\\ooo`.
fn unescaped(field: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(field.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_was_renamed_or_deleted_tells_so() {
        let lines = |root: &str| {
            format!(
                "31 1 8:2 / / rw shared:1 - ext4 /dev/sda2 rw\n\
                 90 31 0:50 / /home rw - tmpfs tmpfs rw\n\
                 91 90 8:2 {root} /home/pi/b\\040c rw - ext4 /dev/sda2 rw\n"
            )
        };
        let origin = |root: &str| origin_in(&lines(root), Path::new("/home/pi/b c"));
        assert_eq!(origin("/home/pi/b\\040c").as_deref(), Some("8:2 /home/pi/b\\040c"));
        assert_eq!(origin("/home/pi/old").as_deref(), Some("8:2 /home/pi/old"));
        assert_eq!(origin("/home/pi/b//deleted").as_deref(), Some("8:2 /home/pi/b//deleted"));
        assert_eq!(origin_in(&lines("/x"), Path::new("/home/pi")), None);
    }
}

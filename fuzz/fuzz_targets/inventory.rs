//! The inventory's parser: whatever it accepts is written exactly so.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neopro_backup::model::escape::escape;
use neopro_backup::model::time::rfc3339_utc;
use neopro_backup::sources::parse_inventory;

fuzz_target!(|text: &[u8]| {
    let mut lines = parse_inventory(text);
    let mut written = Vec::new();
    for line in lines.by_ref().map_while(Result::ok) {
        let inside = |name: &[u8]| !name.is_empty() && name != b"." && name != b".." && !name.contains(&0);
        assert!(line.path.split(|byte| *byte == b'/').all(inside), "a path that leads elsewhere");
        let (mtime, path) = (rfc3339_utc(line.mtime), escape(&line.path));
        written.push(format!("{}\t{mtime}\t{path}", line.size));
    }
    assert!(lines.next().is_none(), "something behind the end, or behind an error");
    let read: Vec<_> = text.split(|byte| *byte == b'\n').skip_while(|line| line.starts_with(b"#")).collect();
    assert!(written.len() <= read.len(), "more lines than there are");
    for (written, read) in written.iter().zip(read) {
        assert_eq!(written.as_bytes(), read, "accepted, and written otherwise");
    }
});

//! The manifest's reader: whatever is accepted is written so that it reads the same, and whoever
//! refuses a member hears of no other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neopro_backup::archive::{Damage, ReadError, parse_manifest};
use neopro_backup::model::{MANIFEST_FORMAT, ManifestHead, Member};
use serde_json::{Value, json};

fuzz_target!(|text: &[u8]| {
    let Ok((head, members)) = read(text) else { return };
    assert!(head.format <= MANIFEST_FORMAT, "one of the future");
    let mut written = json!(head);
    written["members"] = json!(members);
    let again = read(written.to_string().as_bytes()).expect("what was accepted is written as it should be");
    assert_eq!(again, (head, members), "read otherwise");
    // Where it has numbers that are too large for this reader, nobody needs them.
    if let Ok(others) = serde_json::from_slice::<Value>(text) {
        assert_eq!(
            others["members"].as_array().map(Vec::len),
            Some(again.1.len()),
            "a member was passed over"
        );
    }

    let last = again.1.len();
    let mut heard = 0;
    let refused = parse_manifest(text, &mut |member| {
        heard += 1;
        if heard == last { Err(Damage::Missing(member.member)) } else { Ok(()) }
    });
    let is_that = matches!(&refused, Err(ReadError::Damaged(Damage::Missing(name))) if *name == again.1[last - 1].member);
    assert!(heard == last && (last == 0 || is_that), "{refused:?}");
});

fn read(text: &[u8]) -> Result<(ManifestHead, Vec<Member>), ReadError> {
    let mut members = Vec::new();
    let head = parse_manifest(text, &mut |member| {
        members.push(member);
        Ok(())
    })?;
    Ok((head, members))
}

//! Names that travel in addresses, file names and unit names (archives, jobs, the timer's wishes)
//! and escaped paths: whatever is accepted is of the form that is promised, and is written so.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use neopro_backup::model::escape::{escape, unescape};
use neopro_backup::model::{ArchiveName, JobId};
use neopro_backup::supervisor::Wish;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let text = escape(bytes);
    assert_eq!(unescape(&text).as_deref(), Ok(bytes), "an escape that loses something");
    assert!(!text.contains(char::is_control));
    let Ok(text) = str::from_utf8(bytes) else { return };
    let _ = unescape(text);
    let archive = parsed::<ArchiveName>(text, is_archive_name(text));
    let job = parsed::<JobId>(text, is_job_id(text));
    parsed::<Wish>(text, is_wish(text));

    let in_json = Value::from(text);
    assert_eq!(serde_json::from_value::<ArchiveName>(in_json.clone()).ok(), archive);
    assert_eq!(serde_json::from_value::<JobId>(in_json).ok(), job);
    if let Some(name) = archive {
        assert_eq!(format!("{}.tar.gz", name.stem()), text);
        if let Some(local) = name.local() {
            // Clocks on walls have no leap seconds.
            let spelt = text.replace("60.tar.gz", "59.tar.gz");
            assert_eq!(ArchiveName::at(local).as_str(), spelt, "a time that is not the name's");
        }
    }
    if let Some(job) = job {
        assert!(text.starts_with(job.kind().code()) && text.ends_with(job.chance()));
        let _ = job.begun();
    }
});

/// What the text is read as, which it must be exactly where it has the form, and write as it was.
fn parsed<T: FromStr + Display>(text: &str, has_form: bool) -> Option<T> {
    let value = text.parse::<T>().ok();
    assert_eq!(value.is_some(), has_form, "{text:?}");
    if let Some(value) = &value {
        assert_eq!(value.to_string(), text, "accepted, and written otherwise");
    }
    value
}

/// Whether the text is of this form: `9` stands for a digit, `f` for a hexadecimal one, and
/// everything else for itself.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'9' => byte.is_ascii_digit(),
        b'f' => byte.is_ascii_hexdigit(),
        plain => byte == plain,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

fn is_archive_name(text: &str) -> bool {
    has_form(text, "backup-99999999-999999.tar.gz")
}

fn is_job_id(text: &str) -> bool {
    let kinds = ["backup-", "verify-", "restore-", "preview-"];
    let rest = kinds.iter().find_map(|kind| text.strip_prefix(kind));
    rest.is_some_and(|rest| has_form(rest, "ffffffffffff-ffffffff"))
}

fn is_wish(text: &str) -> bool {
    let hour = |text: &str| has_form(text, "at-9999") && text[3..5] < *"24" && text[5..7] < *"60";
    text == "on" || text == "off" || hour(text)
}

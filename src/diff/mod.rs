//! Says what two states of an archive's member differ in, and shows one for people,
//! with the secrets masked in both.
//!
//! Pure: no disk, no clock; callers bring the contents as streams. What a mask hides
//! never leaves this room, and no content, however made, takes more memory than
//! [`LARGEST`] and [`MOST_VALUES`] allow. Uses: model, sources (its inventory parser).

mod digesting;
mod inventory;
mod json;
mod line;
mod mask;
mod masked;
mod path;
mod printable;
mod read;
mod settings;
mod tally;
mod units;
mod view;

use std::io::{self, BufRead, Read as _};

use crate::model::escape::escape;
use crate::model::{DiffState, Form, MemberDiff};

pub use mask::Mask;
pub use read::same_bytes;
pub use settings::site_of;
pub use view::view;

use tally::Tally;

/// Bytes of a JSON or settings member that is compared by path or key (8 MiB); a larger
/// one is compared as bytes only, and not shown.
pub const LARGEST: u64 = 8 << 20;

/// Values of a JSON member, or lines of a settings member, that is compared by path or
/// key; one of more is treated as too large. A parsed value takes about 100 bytes however
/// short it is written, and a box has 1 GiB: this is some 30 MB a side.
pub const MOST_VALUES: usize = 1 << 18;

/// How a member of this name is read. Only the caller knows which one is the inventory.
pub fn form_of(member: &str) -> Form {
    let name = member.to_ascii_lowercase();
    match name.rsplit_once('.').map(|(_, kind)| kind) {
        Some("json") => Form::Json,
        Some("env" | "conf" | "ini" | "properties") => Form::Settings,
        _ => Form::Opaque,
    }
}

/// Compares the older and the newer side of a member; a side that is absent is not there.
///
/// One that is too large to be read in its form is said to be [`Form::Opaque`], for so it
/// was read.
///
/// # Errors
/// What the readers answer.
pub fn compare(
    member: &str,
    form: Form,
    before: Option<&mut dyn BufRead>,
    after: Option<&mut dyn BufRead>,
    mask: &Mask,
) -> io::Result<MemberDiff> {
    let mut tally = Tally::default();
    let (form, state) = match (before, after) {
        (None, None) => (form, DiffState::Same),
        (None, Some(_)) => (form, DiffState::Added),
        (Some(_), None) => (form, DiffState::Removed),
        (Some(before), Some(after)) => match form {
            Form::Inventory => (form, inventory::compare(before, after, &mut tally)?),
            Form::Opaque => (form, state_of(read::same_bytes(before, after)?)),
            Form::Json | Form::Settings => compare_texts(form, before, after, mask, &mut tally)?,
        },
    };
    Ok(tally.into_diff(escape(member.as_bytes()), form, state))
}

/// Answers also how they were read.
fn compare_texts(
    form: Form,
    before: &mut dyn BufRead,
    after: &mut dyn BufRead,
    mask: &Mask,
    tally: &mut Tally,
) -> io::Result<(Form, DiffState)> {
    let (older, newer) = (read::start(before)?, read::start(after)?);
    if read::is_too_large(&older, form) || read::is_too_large(&newer, form) {
        let mut before = older.as_slice().chain(before);
        let mut after = newer.as_slice().chain(after);
        return Ok((Form::Opaque, state_of(read::same_bytes(&mut before, &mut after)?)));
    }
    let state = if older == newer {
        DiffState::Same
    } else if form == Form::Json {
        json::compare(older, newer, mask, tally)
    } else {
        settings::compare(&older, &newer, mask, tally)
    };
    Ok((form, state))
}

fn state_of(same: bool) -> DiffState {
    if same { DiffState::Same } else { DiffState::Changed }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;

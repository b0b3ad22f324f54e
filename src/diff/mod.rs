//! Says what two states of an archive's member differ in, and shows one for people,
//! with the secrets masked in both.
//!
//! Pure: no disk, no clock; callers bring the contents as streams. What a mask hides
//! never leaves this room, and no content, however made, takes more memory than
//! [`LARGEST`] and [`MOST_VALUES`] allow. Uses: model, sources (its inventory parser).

mod inventory;
mod json;
mod mask;
mod masked;
mod path;
mod printable;
mod read;
mod settings;
mod tally;
mod units;
mod view;

use std::io::{self, BufRead};

use crate::model::escape::escape;
use crate::model::{DiffState, Form, MemberDiff};

pub use mask::Mask;
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
    if name.ends_with(".json") {
        Form::Json
    } else if [".env", ".conf", ".ini", ".properties"].iter().any(|end| name.ends_with(end)) {
        Form::Settings
    } else {
        Form::Opaque
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
    let mut form = form;
    let mut tally = Tally::default();
    let state = match (before, after) {
        (None, None) => DiffState::Same,
        (None, Some(_)) => DiffState::Added,
        (Some(_), None) => DiffState::Removed,
        (Some(before), Some(after)) => match form {
            Form::Inventory => inventory::compare(before, after, &mut tally)?,
            Form::Opaque => state_of(read::same_bytes(before, after)?),
            Form::Json | Form::Settings => {
                let (older, newer) = (read::start(before)?, read::start(after)?);
                if read::is_too_large(&older, form) || read::is_too_large(&newer, form) {
                    form = Form::Opaque;
                    let (older, newer) = (&mut older.as_slice(), &mut newer.as_slice());
                    state_of(read::same_bytes(
                        &mut io::Read::chain(older, before),
                        &mut io::Read::chain(newer, after),
                    )?)
                } else if older == newer {
                    DiffState::Same
                } else if form == Form::Json {
                    json::compare(older, newer, mask, &mut tally)
                } else {
                    settings::compare(&older, &newer, mask, &mut tally)
                }
            }
        },
    };
    Ok(tally.into_diff(escape(member.as_bytes()), form, state))
}

fn state_of(same: bool) -> DiffState {
    if same { DiffState::Same } else { DiffState::Changed }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;

//! What is kept of access, in one file that is replaced whole: it is the old or the new,
//! never a mixture, and a change of password ends every session by the same write.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessError, Scope};
use crate::store::{Private, PrivateLock};

/// The file's name in the private folder.
pub(super) const FILE: &str = "access.json";
/// Bytes; the most that the limits of lists allow is about 60 KB.
const LARGEST: u64 = 256 << 10;

/// Everything. Unknown keys are of a later version, and are dropped by this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The hash of the code of the first use; none once it was used.
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) password: Option<Password>,
    #[serde(default)]
    pub(super) sessions: Vec<Session>,
    /// Browsers that somebody has signed in with.
    #[serde(default)]
    pub(super) browsers: Vec<Browser>,
    #[serde(default)]
    pub(super) tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Password {
    pub(super) hash: String,
    /// Which password this is, so that a session of the one before is none.
    pub(super) id: String,
    pub(super) set: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Its public name.
    pub(super) id: String,
    /// The hash of its secret.
    pub(super) secret: String,
    /// The password's id.
    pub(super) password: String,
    pub(super) created: Timestamp,
    /// To the hour: a card is not written to for every click.
    pub(super) used: Timestamp,
    pub(super) address: String,
    pub(super) browser: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Browser {
    pub(super) secret: String,
    pub(super) used: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) name: String,
    pub(super) secret: String,
    pub(super) scope: Scope,
    pub(super) created: Timestamp,
    #[serde(default)]
    pub(super) expires: Option<Timestamp>,
    /// To the hour, as a session's.
    #[serde(default)]
    pub(super) used: Option<Timestamp>,
    #[serde(default)]
    pub(super) address: Option<String>,
}

impl Kept {
    /// What the folder holds; nothing kept where there is no file.
    ///
    /// # Errors
    /// [`AccessError::Damaged`] for a file that cannot be understood: that is no reason to
    /// let everybody claim the panel.
    pub(super) fn read(folder: &Private) -> Result<Self, AccessError> {
        match folder.read(FILE, LARGEST)? {
            None => Ok(Self::default()),
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| AccessError::Damaged { path: folder.path().join(FILE) }),
        }
    }

    /// Puts it in the place of what was kept before.
    pub(super) fn write(&self, folder: &Private, held: &PrivateLock) -> Result<(), AccessError> {
        let bytes = serde_json::to_vec_pretty(self).expect("our own values are JSON");
        Ok(folder.replace(FILE, &bytes, held)?)
    }
}

/// Removes from the list what is meant; whether it was there.
pub(super) fn remove<T>(list: &mut Vec<T>, is_meant: impl Fn(&T) -> bool) -> bool {
    let before = list.len();
    list.retain(|item| !is_meant(item));
    list.len() < before
}

/// Keeps the list within its limit by dropping what was used longest ago.
pub(super) fn bound<T>(list: &mut Vec<T>, most: usize, used: impl Fn(&T) -> Timestamp) {
    while list.len() > most {
        let oldest = list.iter().enumerate().min_by_key(|(_, item)| used(item)).map(|(place, _)| place);
        list.remove(oldest.expect("a list that is too long has items"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::model::testing::{maybe_text, text, timestamp, written_and_read};

    fn password() -> impl Strategy<Value = Password> {
        (text(), text(), timestamp()).prop_map(|(hash, id, set)| Password { hash, id, set })
    }

    fn session() -> impl Strategy<Value = Session> {
        let used = (timestamp(), timestamp(), text(), text());
        (text(), text(), text(), used).prop_map(
            |(id, secret, password, (created, used, address, browser))| Session {
                id,
                secret,
                password,
                created,
                used,
                address,
                browser,
            },
        )
    }

    fn token() -> impl Strategy<Value = Token> {
        let scope = proptest::sample::select(Scope::NAMES.map(|(_, scope)| scope).to_vec());
        let times = (timestamp(), option::of(timestamp()), option::of(timestamp()));
        (text(), text(), scope, times, maybe_text()).prop_map(
            |(name, secret, scope, (created, expires, used), address)| Token {
                name,
                secret,
                scope,
                created,
                expires,
                used,
                address,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_as_it_was_written(
            code in maybe_text(), password in option::of(password()), sessions in vec(session(), 0..3),
            browsers in vec((text(), timestamp()), 0..3), tokens in vec(token(), 0..3)
        ) {
            let browsers = browsers.into_iter().map(|(secret, used)| Browser { secret, used }).collect();
            let kept = Kept { code, password, sessions, browsers, tokens };
            prop_assert_eq!(written_and_read(&kept), kept);
        }
    }
}

//! What access can fail at, as facts.

use std::path::PathBuf;
use std::time::Duration;

use super::{Need, Weakness};
use crate::model::Sentence;
use crate::store::StoreError;

/// Why somebody was not let in, or could not change who is.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// What is kept could not be read or written.
    #[error("the access file")]
    Store(#[from] StoreError),
    /// The file is there and says nothing that can be understood. Nobody is let in by it.
    #[error("{path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The kernel gave no random numbers.
    #[error("no random numbers")]
    NoRandomness,
    /// Nobody has been recognised, and that is needed.
    #[error("not signed in")]
    SignInNeeded,
    /// No password has been set yet, and what was asked needs one.
    #[error("not claimed yet")]
    NotClaimed,
    /// The token is unknown, revoked or has expired.
    #[error("bad token")]
    BadToken,
    /// The token is good, and not for this.
    #[error("the token may not do this")]
    NotAllowed {
        /// What it would need.
        need: Need,
    },
    /// A password has been set already.
    #[error("claimed already")]
    Claimed,
    /// The code of the first use is another one.
    #[error("wrong code")]
    WrongCode,
    /// The password is another one.
    #[error("wrong password")]
    WrongPassword,
    /// It was tried too often.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long to wait.
        wait: Duration,
    },
    /// A new password that is too easy.
    #[error("weak password")]
    Weak(Weakness),
    /// A name that no token can have.
    #[error("bad token name")]
    BadTokenName,
    /// A date or a number of days that no token can end with.
    #[error("bad expiry")]
    BadExpiry,
    /// Another token has this name.
    #[error("the token {name} exists")]
    TokenExists {
        /// The name.
        name: String,
    },
    /// There are as many tokens as there can be.
    #[error("too many tokens")]
    TooManyTokens {
        /// How many.
        most: usize,
    },
    /// No token has this name.
    #[error("no token {name}")]
    NoToken {
        /// The name.
        name: String,
    },
    /// No session has this public name.
    #[error("no session")]
    NoSession,
}

impl From<Weakness> for AccessError {
    fn from(weakness: Weakness) -> Self {
        Self::Weak(weakness)
    }
}

impl AccessError {
    /// English and stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Damaged { .. } => "access_damaged",
            Self::NoRandomness => "no_randomness",
            Self::SignInNeeded => "sign_in_needed",
            Self::NotClaimed => "not_claimed",
            Self::BadToken => "bad_token",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Claimed => "already_claimed",
            Self::WrongCode => "wrong_code",
            Self::WrongPassword => "wrong_password",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::Weak(_) => "weak_password",
            Self::BadTokenName => "bad_token_name",
            Self::BadExpiry => "bad_expiry",
            Self::TokenExists { .. } => "token_exists",
            Self::TooManyTokens { .. } => "too_many_tokens",
            Self::NoToken { .. } => "token_not_found",
            Self::NoSession => "session_not_found",
        }
    }

    /// What happened to what, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let say = Sentence::new(&format!("error.{}", self.code()));
        match self {
            Self::Store(error) => error.sentence(),
            Self::Damaged { path } => say.with("path", path.display()),
            // Another token would not help.
            Self::NotAllowed { need: Need::Person } => Sentence::new("error.not_allowed_person"),
            Self::NotAllowed { need } => say.with("need", need.code()),
            Self::TooManyAttempts { wait } => {
                let minutes = wait.as_secs().div_ceil(60).max(1);
                say.with("count", minutes)
            }
            Self::Weak(weakness) => say.with_sentence("reason", weakness.sentence()),
            Self::TokenExists { name } | Self::NoToken { name } => say.with("name", name),
            Self::TooManyTokens { most } => say.with("most", most),
            Self::NoRandomness
            | Self::SignInNeeded
            | Self::NotClaimed
            | Self::BadToken
            | Self::Claimed
            | Self::WrongCode
            | Self::WrongPassword
            | Self::BadTokenName
            | Self::BadExpiry
            | Self::NoSession => say,
        }
    }
}

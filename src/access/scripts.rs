//! Scripts: the tokens that they show.

use jiff::Timestamp;
use serde::Serialize;

use super::kept::{self, Token};
use super::{Access, AccessError, Moment, Scope, tokens};

/// A token as it is shown: all but its secret.
#[derive(Clone, Debug, Serialize)]
pub struct TokenView {
    /// Its name.
    pub name: String,
    /// What it is good for.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// Whether it has ended by itself.
    pub expired: bool,
    /// When it was used last, to the hour.
    pub used: Option<Timestamp>,
    /// From where it was used last.
    pub address: Option<String>,
}

impl Access {
    /// Makes a token; gives its secret, which is told once.
    ///
    /// # Errors
    /// A name of another form or one that is taken; an end that has passed; too many.
    pub fn add_token(
        &self,
        name: &str,
        scope: Scope,
        expires: Option<Timestamp>,
        now: Moment,
    ) -> Result<String, AccessError> {
        self.change(|kept| tokens::add(kept, name, scope, expires, now))
    }

    /// Says what [`Access::add_token`] would, and makes none.
    pub fn foresee_token(
        &self,
        name: &str,
        scope: Scope,
        expires: Option<Timestamp>,
        now: Moment,
    ) -> Result<(), AccessError> {
        let mut kept = self.held()?.kept.clone();
        tokens::add(&mut kept, name, scope, expires, now).map(drop)
    }

    /// All tokens, in the order of their making.
    pub fn tokens(&self, now: Moment) -> Result<Vec<TokenView>, AccessError> {
        let held = self.held()?;
        let view = |token: &Token| {
            let expired = tokens::is_over(token, now);
            let Token { name, scope, created, expires, used, address, .. } = token.clone();
            TokenView { name, scope, created, expires, expired, used, address }
        };
        Ok(held.kept.tokens.iter().map(view).collect())
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// [`AccessError::NoToken`].
    pub fn revoke_token(&self, name: &str) -> Result<(), AccessError> {
        self.change(|kept| {
            let none = || AccessError::NoToken { name: name.chars().take(40).collect() };
            if kept::remove(&mut kept.tokens, |token| token.name == name) { Ok(()) } else { Err(none()) }
        })
    }
}

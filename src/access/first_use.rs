//! The first use: the installation code, and whoever claims the panel with it.

use super::people::{begin, new_password, set};
use super::{Access, AccessError, Issued, Moment, Source, Visitor, password, secret};

impl Access {
    /// A new code of the first use, as it is written for people.
    pub fn new_code() -> Result<String, AccessError> {
        secret::new_code()
    }

    /// Makes this the code of the first use, in the place of the one before.
    ///
    /// # Errors
    /// [`AccessError::Claimed`] where a password has been set.
    pub fn set_code(&self, code: &str) -> Result<(), AccessError> {
        let code = secret::read_code(code).ok_or(AccessError::WrongCode)?;
        let hash = password::hash(&code)?;
        self.change(|kept| {
            if kept.password.is_some() {
                return Err(AccessError::Claimed);
            }
            kept.code = Some(hash);
            Ok(())
        })
    }

    /// Whether there is a code of the first use that somebody can have.
    pub fn has_code(&self) -> Result<bool, AccessError> {
        Ok(self.held()?.kept.code.is_some())
    }

    /// Whether this is the code of the first use.
    pub fn is_code(&self, typed: &str) -> Result<bool, AccessError> {
        let hash = self.held()?.kept.code.clone();
        Ok(match (secret::read_code(typed), hash) {
            (Some(code), Some(hash)) => password::fits(&code, &hash),
            _ => false,
        })
    }

    /// Claims the panel: with the code, a first password. Its attempt was counted before.
    ///
    /// # Errors
    /// [`AccessError::Claimed`], [`AccessError::WrongCode`].
    pub fn claim(
        &self,
        code: &str,
        new: &str,
        visitor: &Visitor,
        source: &Source,
        now: Moment,
    ) -> Result<Issued, AccessError> {
        if self.is_claimed()? {
            return Err(AccessError::Claimed);
        }
        if !self.is_code(code)? {
            return Err(AccessError::WrongCode);
        }
        self.was_right(source);
        let password = new_password(new, now)?;
        let issued = self.change(|kept| {
            // Another may have been quicker.
            if kept.password.is_some() {
                return Err(AccessError::Claimed);
            }
            set(kept, password);
            begin(kept, visitor, now)
        })?;
        Ok(self.begun(issued, now))
    }
}

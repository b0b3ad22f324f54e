//! Sessions as they are seen and ended, and whether what somebody was let in for still holds.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::Serialize;

use super::door::Known;
use super::kept::{self, Session};
use super::{Access, AccessError, Moment, Need, Who};

/// Sessions that are remembered as ended; more than there can be at once.
const MOST_ENDED: usize = 64;

/// A session as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    /// Its public name.
    pub id: String,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was used last, to the hour.
    pub used: Timestamp,
    /// From where it was begun.
    pub address: String,
    /// What the browser said of itself.
    pub browser: String,
}

impl Access {
    /// The sessions that have not ended, the newest use first.
    pub fn sessions(&self, now: Moment) -> Result<Vec<SessionView>, AccessError> {
        let mut held = self.held()?;
        let Known { kept, ages, .. } = &mut *held;
        let mut views: Vec<_> =
            kept.sessions.iter().filter(|session| !ages.is_over(session, now)).map(view).collect();
        views.sort_by_key(|view| Reverse(view.used));
        Ok(views)
    }

    /// Ends a session by its public name.
    ///
    /// # Errors
    /// [`AccessError::NoSession`].
    pub fn end_session(&self, id: &str) -> Result<(), AccessError> {
        let is_meant = |session: &Session| session.id == id;
        let known_here = {
            let mut known = self.held()?;
            let found = kept::remove(&mut known.kept.sessions, is_meant);
            if found {
                known.ended.push_front(id.to_owned());
                known.ended.truncate(MOST_ENDED);
            }
            found
        };
        let kept = self.change(|kept| {
            if kept::remove(&mut kept.sessions, is_meant) { Ok(()) } else { Err(AccessError::NoSession) }
        });
        match kept {
            // It was never written, or its end cannot be: it has ended all the same.
            Err(AccessError::NoSession) if known_here => Ok(()),
            Err(AccessError::Store(error)) if known_here => {
                tracing::warn!(%error, "a session's end is not kept: it would begin again at the next start");
                Ok(())
            }
            other => other,
        }
    }

    /// Whether what this caller was let in for still holds.
    pub fn still(&self, who: &Who, need: Need, now: Moment) -> bool {
        let lives = || -> Result<bool, AccessError> {
            Ok(match who {
                Who::Nobody => true,
                Who::Session { id } => self.sessions(now)?.iter().any(|session| session.id == *id),
                Who::Token { name, .. } => {
                    self.tokens(now)?.iter().any(|token| token.name == *name && !token.expired)
                }
            })
        };
        lives().is_ok_and(|lives| lives && self.admit(who, need).is_ok())
    }
}

fn view(session: &Session) -> SessionView {
    let Session { id, created, used, address, browser, .. } = session.clone();
    SessionView { id, created, used, address, browser }
}

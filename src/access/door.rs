//! The door: who somebody is by what he shows, and whether he may do what he asks.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::SignedDuration;

use super::kept::{FILE, Kept};
use super::rights::Standing;
use super::sessions::Ages;
use super::throttle::Attempts;
use super::{AccessError, Moment, Need, Source, Trail, Who, secret, tokens};
use crate::config::Auth;
use crate::store::{Private, Stamp};

/// What is used is noted so often: the card is not written to for every click.
const NOTE_USE: Duration = Duration::from_hours(1);

/// Who may do what on this device.
pub struct Access {
    pub(super) folder: Private,
    pub(super) mode: Auth,
    pub(super) known: Mutex<Known>,
}

/// What this process knows of the file and of time.
#[derive(Default)]
pub(super) struct Known {
    pub(super) kept: Kept,
    stamp: Option<Stamp>,
    pub(super) ages: Ages,
    /// Sessions that have ended here. A card that could not be written still has them, and
    /// may be written again.
    pub(super) ended: VecDeque<String>,
    pub(super) attempts: Attempts,
}

/// What somebody shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// A token, or what is said to be one.
    Token(String),
    /// What his browser holds for a session's secret; several where another program of
    /// this device has set a cookie of the same name.
    Session(Vec<String>),
}

impl Access {
    /// The door of this state directory.
    pub fn of(state: &Path, mode: Auth) -> Self {
        Self { folder: Private::of_panel(state), mode, known: Mutex::default() }
    }

    /// Makes the private folder where it is not there.
    pub fn make(&self) -> Result<(), AccessError> {
        Ok(self.folder.make()?)
    }

    /// Clears away what a pulled plug left half written.
    pub fn sweep(&self) -> Result<(), AccessError> {
        Ok(self.folder.sweep()?)
    }

    /// Where what is kept lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The trail of what was done.
    pub fn trail(&self) -> Trail {
        Trail::of(&self.folder)
    }

    /// What is kept, as it is in the file now, whoever changed it.
    pub(super) fn held(&self) -> Result<MutexGuard<'_, Known>, AccessError> {
        let mut held = self.known.lock().expect("no holder panics");
        let stamp = self.folder.stamp(FILE)?;
        if stamp.is_none() && held.kept.password.is_some() {
            // Whoever takes the file away under a panel that lives does not get one to claim.
            return Err(AccessError::Damaged { path: self.folder.path().join(FILE) });
        }
        if stamp != held.stamp {
            // What was known is no longer true, also where the new cannot be read.
            held.stamp = None;
            held.kept = Kept::read(&self.folder)?;
            held.stamp = stamp;
            let Known { kept, ages, ended, .. } = &mut *held;
            kept.sessions.retain(|session| !ended.contains(&session.id));
            ages.keep(&kept.sessions);
        }
        Ok(held)
    }

    /// Changes what is kept, by the file as it is now. Nothing is changed where `change` fails.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        self.make()?;
        let lock = self.folder.lock()?;
        let mut kept = Kept::read(&self.folder)?;
        let result = change(&mut kept)?;
        kept.write(&self.folder, &lock)?;
        Ok(result)
    }

    /// The same; on a card that cannot be written, for as long as this process lives: whoever
    /// wants to save his backups from a dying card must get in.
    pub(super) fn change_at_least_here<T>(
        &self,
        change: impl Fn(&mut Kept) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        match self.change(&change) {
            Err(AccessError::Store(error)) => {
                tracing::warn!(%error, "access not kept: it is forgotten at the next start");
                change(&mut self.held()?.kept)
            }
            other => other,
        }
    }

    /// Whether everybody on the network may do everything.
    pub fn is_open(&self) -> bool {
        self.mode == Auth::OpenLan
    }

    /// Whether a password has been set.
    pub fn is_claimed(&self) -> Result<bool, AccessError> {
        Ok(self.held()?.kept.password.is_some())
    }

    fn standing(&self, kept: &Kept) -> Standing {
        match (self.mode, &kept.password) {
            (Auth::OpenLan, _) => Standing::Open,
            (Auth::Password, None) => Standing::Unclaimed,
            (Auth::Password, Some(_)) => Standing::Closed,
        }
    }

    /// Who this is. A session that has ended is nobody's: the page is to ask again.
    ///
    /// # Errors
    /// [`AccessError::BadToken`] for a token that is none (any more).
    pub fn identify(&self, shown: &Presented, now: Moment) -> Result<Who, AccessError> {
        match shown {
            Presented::Nothing => Ok(Who::Nobody),
            Presented::Token(token) => {
                let held = self.held()?;
                let found = tokens::find(&held.kept, token, now).ok_or(AccessError::BadToken)?;
                Ok(Who::Token { name: found.name.clone(), scope: found.scope })
            }
            Presented::Session(secrets) => {
                let mut held = self.held()?;
                let Known { kept, ages, .. } = &mut *held;
                let password = kept.password.as_ref().map(|password| password.id.as_str());
                let session = secrets.iter().find_map(|shown| {
                    let hash = secret::hash(shown);
                    kept.sessions.iter().find(|session| {
                        session.secret == hash
                            && Some(session.password.as_str()) == password
                            && !ages.is_over(session, now)
                    })
                });
                Ok(session.map_or(Who::Nobody, |session| Who::Session { id: session.id.clone() }))
            }
        }
    }

    /// Lets him pass, or says why not.
    ///
    /// # Errors
    /// [`AccessError::SignInNeeded`] and [`AccessError::NotClaimed`] for nobody,
    /// [`AccessError::NotAllowed`] for a token of another scope.
    pub fn admit(&self, who: &Who, need: Need) -> Result<(), AccessError> {
        if need == Need::Nothing {
            return Ok(());
        }
        let held = self.held()?;
        match (who, self.standing(&held.kept)) {
            (who, standing) if who.has(need, standing) => Ok(()),
            (Who::Nobody, Standing::Unclaimed) => Err(AccessError::NotClaimed),
            (Who::Nobody, _) => Err(AccessError::SignInNeeded),
            _ => Err(AccessError::NotAllowed { need }),
        }
    }

    /// All that he may do.
    pub fn rights(&self, who: &Who) -> Result<Vec<Need>, AccessError> {
        let held = self.held()?;
        let standing = self.standing(&held.kept);
        Ok(Need::GRANTED.into_iter().filter(|need| who.has(*need, standing)).collect())
    }

    /// Notes that a session or a token is used; of nobody there is nothing to note.
    pub fn note_use(&self, who: &Who, address: &str, now: Moment) -> Result<(), AccessError> {
        if *who == Who::Nobody {
            return Ok(());
        }
        let old = |used| {
            now.wall.duration_since(used).abs() >= SignedDuration::try_from(NOTE_USE).unwrap_or_default()
        };
        let is_due = {
            let mut held = self.held()?;
            let Known { kept, ages, .. } = &mut *held;
            match who {
                Who::Nobody => false,
                Who::Session { id } => {
                    kept.sessions.iter().find(|session| session.id == *id).is_some_and(|session| {
                        ages.used(session, now);
                        old(session.used)
                    })
                }
                Who::Token { name, .. } => {
                    let token = kept.tokens.iter().find(|token| token.name == *name);
                    token.is_some_and(|token| token.used.is_none_or(old))
                }
            }
        };
        if !is_due {
            return Ok(());
        }
        self.change_at_least_here(|kept| {
            for session in &mut kept.sessions {
                if matches!(who, Who::Session { id } if session.id == *id) {
                    session.used = now.wall;
                }
            }
            for token in &mut kept.tokens {
                if matches!(who, Who::Token { name, .. } if token.name == *name) {
                    (token.used, token.address) = (Some(now.wall), Some(address.to_owned()));
                }
            }
            Ok(())
        })
    }

    /// Counts an attempt to sign in, before anything is looked at.
    ///
    /// # Errors
    /// [`AccessError::TooManyAttempts`].
    pub fn attempt(&self, source: &Source, now: Moment) -> Result<(), AccessError> {
        let mut held = self.known.lock().expect("no holder panics");
        held.attempts.admit(source, now.running).map_err(|wait| AccessError::TooManyAttempts { wait })
    }

    pub(super) fn was_right(&self, source: &Source) {
        self.known.lock().expect("no holder panics").attempts.was_right(source);
    }
}

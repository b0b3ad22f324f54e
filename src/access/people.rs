//! People: the club's password, and the sessions that it opens.

use super::gauge::judge;
use super::kept::{self, Browser, Kept, Password, Session};
use super::{Access, AccessError, Moment, Source, password, secret};

/// Sessions at once; the one that was used longest ago makes room.
const MOST_SESSIONS: usize = 32;
/// Browsers that are remembered.
const MOST_BROWSERS: usize = 32;
/// Characters of what a browser says of itself, of which a person recognises the beginning.
const LONGEST_BROWSER: usize = 160;

/// Whoever signs in, as far as it can be told.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// From where.
    pub address: String,
    /// What his browser says of itself.
    pub browser: String,
    /// What the browser keeps from an earlier time, or what is said to be that.
    pub known: Option<String>,
    /// The session that he has already, which ends.
    pub before: Option<String>,
}

/// What somebody who has signed in is given. It is told once, and kept by nobody.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The session's secret.
    pub session: String,
    /// What makes the browser a known one; none where it is one.
    pub browser: Option<String>,
    /// The session's public name.
    pub id: String,
}

impl Access {
    /// Judges a new password, as a person would have to choose it on this machine.
    pub fn judge(&self, new: &str) -> Result<(), AccessError> {
        check(new)
    }

    /// Which count an attempt belongs to.
    pub fn source(&self, address: std::net::IpAddr, known: Option<&str>) -> Result<Source, AccessError> {
        let stranger = Source::stranger(address);
        let Some(known) = known else { return Ok(stranger) };
        let hash = secret::hash(known);
        let is_known = self.held()?.kept.browsers.iter().any(|browser| browser.secret == hash);
        Ok(if is_known { Source::Known(hash) } else { stranger })
    }

    /// Signs in. Its attempt was counted before.
    ///
    /// # Errors
    /// [`AccessError::NotClaimed`], [`AccessError::WrongPassword`].
    pub fn sign_in(
        &self,
        typed: &str,
        visitor: &Visitor,
        source: &Source,
        now: Moment,
    ) -> Result<Issued, AccessError> {
        let known = self.right_password(typed)?;
        self.was_right(source);
        let issued = self.change_at_least_here(|kept| {
            still_right(kept, &known)?;
            begin(kept, visitor, now)
        })?;
        Ok(self.begun(issued, now))
    }

    /// Changes the password, for whoever knows the present one. Every session ends, and he
    /// is given a new one.
    pub fn change_password(
        &self,
        typed: &str,
        new: &str,
        visitor: &Visitor,
        source: &Source,
        now: Moment,
    ) -> Result<Issued, AccessError> {
        let known = self.right_password(typed)?;
        self.was_right(source);
        let password = new_password(new, now)?;
        let issued = self.change(|kept| {
            still_right(kept, &known)?;
            set(kept, password);
            begin(kept, visitor, now)
        })?;
        Ok(self.begun(issued, now))
    }

    /// Sets the password for whoever is on the machine itself, whatever was before; a file
    /// that is damaged is begun anew.
    pub fn reset_password(&self, new: &str, now: Moment) -> Result<(), AccessError> {
        let password = new_password(new, now)?;
        match self.change(|kept| {
            set(kept, password.clone());
            Ok(())
        }) {
            Err(AccessError::Damaged { .. }) => {
                let mut kept = Kept::default();
                set(&mut kept, password);
                kept.write(&self.folder, &self.folder.lock()?)
            }
            other => other,
        }
    }

    fn right_password(&self, text: &str) -> Result<Password, AccessError> {
        let known = self.held()?.kept.password.clone().ok_or(AccessError::NotClaimed)?;
        if password::fits(typed(text), &known.hash) { Ok(known) } else { Err(AccessError::WrongPassword) }
    }

    pub(super) fn begun(&self, issued: Issued, now: Moment) -> Issued {
        self.known.lock().expect("no holder panics").ages.made(&issued.id, now);
        issued
    }
}

/// Judges and hashes a new password.
pub(super) fn new_password(new: &str, now: Moment) -> Result<Password, AccessError> {
    check(new)?;
    Ok(Password { hash: password::hash(typed(new))?, id: secret::new_name()?, set: now.wall })
}

/// Judges a new password by what everybody on the network knows of this machine: its name.
fn check(new: &str) -> Result<(), AccessError> {
    let own_name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    Ok(judge(typed(new), own_name.as_slice())?)
}

/// That the password which was looked at is still the one: hashing takes a while.
fn still_right(kept: &Kept, known: &Password) -> Result<(), AccessError> {
    if kept.password.as_ref() == Some(known) { Ok(()) } else { Err(AccessError::WrongPassword) }
}

/// A password without the spaces around it, which a phone's keyboard adds by itself.
fn typed(text: &str) -> &str {
    text.trim()
}

/// With the password change every session and every code.
pub(super) fn set(kept: &mut Kept, password: Password) {
    kept.password = Some(password);
    kept.code = None;
    kept.sessions.clear();
}

pub(super) fn begin(kept: &mut Kept, visitor: &Visitor, now: Moment) -> Result<Issued, AccessError> {
    // Never the id that the browser came with: whoever planted it would know it.
    let session = secret::new()?;
    let before = visitor.before.as_deref().map(secret::hash);
    kept.sessions.retain(|session| Some(&session.secret) != before.as_ref());
    let id = secret::new_name()?;
    kept::bound(&mut kept.sessions, MOST_SESSIONS - 1, |session| session.used);
    kept.sessions.push(Session {
        id: id.clone(),
        secret: secret::hash(&session),
        password: kept.password.as_ref().map(|password| password.id.clone()).unwrap_or_default(),
        created: now.wall,
        used: now.wall,
        address: visitor.address.clone(),
        browser: visitor.browser.chars().filter(|c| !c.is_control()).take(LONGEST_BROWSER).collect(),
    });

    let known = visitor.known.as_deref().map(secret::hash);
    if let Some(browser) = kept.browsers.iter_mut().find(|browser| Some(&browser.secret) == known.as_ref()) {
        browser.used = now.wall;
        return Ok(Issued { session, browser: None, id });
    }
    let browser = secret::new()?;
    kept::bound(&mut kept.browsers, MOST_BROWSERS - 1, |browser| browser.used);
    kept.browsers.push(Browser { secret: secret::hash(&browser), used: now.wall });
    Ok(Issued { session, browser: Some(browser), id })
}

//! Replaces a set of files, all or none, whenever the plug is pulled.
//!
//! prepare: the new file and a second name of the old one lie beside it, synced → the
//! intent says so → apply: one rename a file, folders synced → the caller looks whether all
//! is well → finish or roll back. After a kill, [`Switch::resume`] gives it back.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::PathBuf;
use std::time::SystemTime;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

use super::error::{At, TargetError};
use super::intent::{Entry, Intent, Intents, Phase};
use super::place::{Place, Present};
use crate::archive::digest_of;
use crate::model::Digest;
use crate::store::PrivateLock;

/// Setuid and its kin have no place on a configuration file.
const PERMISSION_BITS: u32 = 0o777;
/// While it is written nobody else reads it.
const MODE_IN_THE_MAKING: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR);

/// What is to be in a place afterwards.
pub struct Content {
    /// The place.
    pub place: Place,
    /// What was there when it was copied for safety; none where nothing was.
    pub before: Option<Digest>,
    /// The new content; none where nothing is to be there.
    pub after: Option<New<'static>>,
}

/// A new file.
pub struct New<'c> {
    /// Its content.
    pub content: Box<dyn Read + 'c>,
    /// The owner's numeric id.
    pub uid: u32,
    /// The group's numeric id.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// The last modification.
    pub modified: SystemTime,
}

/// Files that are being replaced.
pub struct Switch {
    intents: Intents,
    held: PrivateLock,
    intent: Intent,
    places: Vec<Place>,
    /// Files whose owner could not be set, as this user has no right to give files away.
    pub kept_owner: Vec<PathBuf>,
}

impl Switch {
    /// Writes all new files beside the old ones. After an error nothing is left of it.
    ///
    /// # Errors
    /// [`TargetError::Changed`] where a file is no more what was copied for safety.
    pub fn prepare(
        intents: &Intents,
        mut intent: Intent,
        contents: Vec<Content>,
    ) -> Result<Self, TargetError> {
        let held = intents.hold()?;
        intent.phase = Phase::Prepare;
        let entry = |content: &Content| Entry {
            path: content.place.path().to_owned(),
            had: content.before.is_some(),
            puts: content.after.is_some(),
            inode: 0,
        };
        intent.entries = contents.iter().map(entry).collect();
        intents.write(&intent, &held)?;
        let (intents, places, kept_owner) = (intents.clone(), Vec::new(), Vec::new());
        let mut switch = Self { intents, held, intent, places, kept_owner };
        let mut written = Ok(());
        for (index, Content { place, before, after }) in contents.into_iter().enumerate() {
            switch.places.push(place);
            written = written.and_then(|()| switch.write(index, before, after));
        }
        match written.and_then(|()| switch.note(Phase::Apply)) {
            Ok(()) => Ok(switch),
            Err(error) => {
                switch.finish()?;
                Err(error)
            }
        }
    }

    /// What was begun and not ended; none where all was.
    pub fn resume(intents: &Intents) -> Result<Option<Self>, TargetError> {
        let Some(intent) = intents.read()? else { return Ok(None) };
        let held = intents.hold()?;
        let places = intent.entries.iter().map(|entry| Place::open(&entry.path));
        let places = places.collect::<Result<_, _>>()?;
        Ok(Some(Self { intents: intents.clone(), held, intent, places, kept_owner: Vec::new() }))
    }

    /// What is being done.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Notes how far it is; true after a power cut as well.
    pub fn note(&mut self, phase: Phase) -> Result<(), TargetError> {
        self.intent.phase = phase;
        self.intents.write(&self.intent, &self.held)
    }

    /// Replaces every file.
    pub fn apply(&mut self) -> Result<(), TargetError> {
        for (index, entry) in self.intent.entries.iter().enumerate() {
            let place = &self.places[index];
            if entry.puts {
                renameat(&place.folder, &*self.beside(index, "new"), &place.folder, &*place.name)
                    .at("replace", place.path())?;
            } else {
                remove(place, &place.name)?;
            }
        }
        self.sync()
    }

    /// Puts every file back as it was before, whatever was done so far, and ends.
    ///
    /// # Errors
    /// The note stays then, and the next start tries again.
    pub fn roll_back(mut self) -> Result<(), TargetError> {
        if self.intent.phase == Phase::Done {
            // A note that failed can be on the card all the same: a start in the midst of going
            // back must not believe it.
            self.note(Phase::Check)?;
        }
        if self.intent.phase > Phase::Prepare {
            for (index, entry) in self.intent.entries.iter().enumerate() {
                self.put_back(index, entry)?;
            }
            self.sync()?;
        }
        self.finish()
    }

    /// Clears away what lies beside the files, then the note.
    pub fn finish(self) -> Result<(), TargetError> {
        for (index, place) in self.places.iter().enumerate() {
            for kind in ["new", "old"] {
                remove(place, &self.beside(index, kind))?;
            }
        }
        self.sync()?;
        self.intents.clear(&self.held)
    }

    pub(super) fn put_back(&self, index: usize, entry: &Entry) -> Result<(), TargetError> {
        let (place, old) = (&self.places[index], self.beside(index, "old"));
        if entry.had {
            // Gone where an earlier attempt has put it back already.
            match renameat(&place.folder, &*old, &place.folder, &*place.name) {
                Ok(()) | Err(Errno::ENOENT) => Ok(()),
                Err(error) => Err(error).at("put back", place.path()),
            }
        } else if place.look()?.is_some_and(|now| now.inode == entry.inode) {
            // Only what this restore has put there.
            remove(place, &place.name)
        } else {
            Ok(())
        }
    }

    fn write(
        &mut self,
        index: usize,
        before: Option<Digest>,
        after: Option<New<'static>>,
    ) -> Result<(), TargetError> {
        let (place, old) = (&self.places[index], self.beside(index, "old"));
        let changed = || TargetError::Changed { path: place.path().to_owned() };
        match (place.look()?, before) {
            (None, None) => {}
            (Some(found), Some(before)) => {
                keep(place, &old, found)?;
                if digest_of(&mut place.read(&old)?).at("read", place.path())? != before {
                    return Err(changed());
                }
            }
            _ => return Err(changed()),
        }
        if let Some(new) = after {
            let (file, owned) = make(place, &self.beside(index, "new"), new)?;
            self.intent.entries[index].inode = file.metadata().at("look at", place.path())?.ino();
            if !owned {
                self.kept_owner.push(place.path().to_owned());
            }
        }
        place.sync()
    }

    /// A name of ours beside the file's: known again after a kill.
    fn beside(&self, index: usize, kind: &str) -> OsString {
        format!(".neopro-backup-{}-{index}-{kind}.partial", self.intent.job.chance()).into()
    }

    fn sync(&self) -> Result<(), TargetError> {
        self.places.iter().try_for_each(Place::sync)
    }
}

/// Gives what lies in a place a second name; where the file system has no such thing, a copy.
fn keep(place: &Place, old: &OsString, found: Present) -> Result<(), TargetError> {
    let linked = linkat(&place.folder, &*place.name, &place.folder, &**old, AtFlags::empty());
    match linked {
        Ok(()) => Ok(()),
        Err(Errno::EPERM | Errno::EOPNOTSUPP | Errno::EMLINK | Errno::ENOSYS) => {
            let content = place.read(&place.name)?;
            let modified = content.metadata().and_then(|found| found.modified()).at("read", place.path())?;
            let Present { uid, gid, mode, .. } = found;
            make(place, old, New { content: Box::new(content), uid, gid, mode, modified }).map(drop)
        }
        Err(error) => Err(error).at("keep", place.path()),
    }
}

/// Makes a file of ours, whole and synced; says whether it belongs to whom it should.
pub(super) fn make(place: &Place, name: &OsString, mut new: New<'_>) -> Result<(File, bool), TargetError> {
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let made = openat(&place.folder, &**name, flags, MODE_IN_THE_MAKING);
    let mut file = File::from(made.at("write in", place.parent())?);
    io::copy(&mut new.content, &mut file).at("write in", place.parent())?;
    let owned = give(&file, new.uid, new.gid).at("write in", place.parent())?;
    let permissions = Permissions::from_mode(new.mode & PERMISSION_BITS);
    file.set_permissions(permissions).at("write in", place.parent())?;
    file.set_modified(new.modified).at("write in", place.parent())?;
    file.sync_all().at("sync", place.parent())?;
    Ok((file, owned))
}

/// Gives the file to its owner, if this user may.
fn give(file: &File, uid: u32, gid: u32) -> io::Result<bool> {
    let found = file.metadata()?;
    if (found.uid(), found.gid()) == (uid, gid) {
        return Ok(true);
    }
    match fchown(file.as_fd(), Some(uid), Some(gid)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        other => other.map(|()| true),
    }
}

/// Removes a name in a place; one that is not there is no error.
pub(super) fn remove(place: &Place, name: &OsString) -> Result<(), TargetError> {
    match unlinkat(&place.folder, &**name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(error) => Err(error).at("remove", place.path()),
    }
}

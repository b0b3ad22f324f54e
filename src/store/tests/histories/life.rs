//! A box lives through a history. What a run does is told here in the order of `jobs/backup.rs`;
//! what it decides is decided by the code of the house.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::event::{Ends, Event, History, Import};
use super::figures::Figures;
use super::machine::Machine;
use super::promises;
use crate::config::Retention;
use crate::model::clock::{self, Reading, Sync};
use crate::model::{ArchiveInfo, ArchiveName, Sentence, Verification};
use crate::store::catalogue::{Catalogue, Record};
use crate::store::list::{describe, newest_first};
use crate::store::retention::{self, Verdict};

/// An archive on the card, and what nobody but the history knows of it.
#[derive(Clone, Debug)]
pub(super) struct OnCard {
    modified: Timestamp,
    /// Sequence, time and trust by its manifest.
    head: Option<(u64, Timestamp, bool)>,
    pub(super) sound: bool,
    /// The how manieth archive that was made here; none of one from elsewhere.
    pub(super) made: Option<u64>,
    /// When, by a right clock.
    pub(super) truth: Timestamp,
    /// Whether its manifest was read before it decayed, and is still remembered.
    pub(super) known: bool,
}

impl OnCard {
    /// When it was made, by what it says itself, where that clock could be believed.
    pub(super) fn believable(&self, listed: &ArchiveInfo, now: Timestamp) -> Option<Timestamp> {
        let (created, trusted) =
            self.head.map_or((listed.created, true), |(_, created, trusted)| (created, trusted));
        Some(created).filter(|created| trusted && *created <= now)
    }

    pub(super) fn modified(&self) -> Timestamp {
        self.modified
    }
}

/// A box.
pub(super) struct Life<'h> {
    pub(super) policy: &'h Retention,
    pub(super) machine: Machine,
    zone: TimeZone,
    pub(super) card: BTreeMap<ArchiveName, OnCard>,
    catalogue: Catalogue,
    pins: BTreeSet<ArchiveName>,
    last_reading: Option<Reading>,
    /// By how much the clock was wrong at the last reading, and in which boot that was.
    last_wrong: Option<(i64, u32)>,
    made: u64,
    /// Runs under a right clock, one after the other.
    right_runs: u32,
    figures: &'h mut Figures,
}

/// What a run knew when it came to prune.
pub(super) struct Pruning {
    /// The list as it was, newest first.
    pub(super) before: Vec<ArchiveInfo>,
    pub(super) now: Timestamp,
    pub(super) deleted: Vec<(ArchiveName, OnCard)>,
    /// Whether it was let do all of it.
    pub(super) whole: bool,
}

impl Pruning {
    /// The archive, where it was deleted.
    pub(super) fn deleted_card(&self, archive: &ArchiveInfo) -> Option<&OnCard> {
        self.deleted.iter().find(|(name, _)| *name == archive.name).map(|(_, on_card)| on_card)
    }
}

/// Lives through all of it.
///
/// # Errors
/// Which promise was broken.
pub(super) fn live(history: &History, figures: &mut Figures) -> Result<(), TestCaseError> {
    let mut life = Life {
        policy: &history.policy,
        machine: Machine::new(history.begins, history.time_service),
        zone: super::super::zone(),
        card: BTreeMap::new(),
        catalogue: Catalogue::default(),
        pins: BTreeSet::new(),
        last_reading: None,
        last_wrong: None,
        made: 0,
        right_runs: 0,
        figures,
    };
    for event in &history.events {
        life.happens(event)?;
    }
    Ok(())
}

impl Life<'_> {
    fn happens(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Night { hours, ends, clock_moves_meanwhile } => {
                return self.night(*hours, *ends, *clock_moves_meanwhile);
            }
            Event::ClockMoves(seconds) => self.machine.move_clock(*seconds),
            Event::ClockSet => self.machine.set_clock(),
            Event::Reboot { hours, starts } => {
                let saved = self.last_reading.as_ref().map(|reading| reading.wall);
                self.machine.reboot(*hours, *starts, saved);
            }
            Event::Pin(place) => self.with(*place, |life, name| {
                life.pins.insert(name.clone());
            }),
            Event::Unpin(place) => self.with(*place, |life, name| {
                life.pins.remove(name);
            }),
            Event::Delete(place) => self.with(*place, |life, name| {
                if !life.pins.contains(name) {
                    life.card.remove(name);
                    life.forget_what_is_gone();
                }
            }),
            Event::Decays(place) => self.with(*place, Life::decays),
            Event::Touched(place) => self.with(*place, |life, name| {
                life.card.get_mut(name).unwrap().modified = life.machine.wall();
            }),
            Event::Imported(import) => self.import(import),
            Event::CatalogueLost => self.lose_catalogue(),
            Event::StateLost => {
                self.lose_catalogue();
                self.pins.clear();
                (self.last_reading, self.last_wrong) = (None, None);
            }
        }
        Ok(())
    }

    pub(super) fn list(&self) -> Vec<ArchiveInfo> {
        let listed = |(name, on_card): (&ArchiveName, &OnCard)| {
            describe(name.clone(), 1, on_card.modified, self.pins.contains(name), &self.catalogue, &self.zone)
        };
        newest_first(self.card.iter().map(listed).collect())
    }

    /// Does something with the archive at this place, round and round the list.
    fn with(&mut self, place: usize, deed: impl FnOnce(&mut Self, &ArchiveName)) {
        let mut list = self.list();
        if !list.is_empty() {
            let place = place % list.len();
            deed(self, &list.swap_remove(place).name);
        }
    }

    fn decays(&mut self, name: &ArchiveName) {
        let known = self.list().iter().any(|a| a.name == *name && a.verification.is_good());
        let on_card = self.card.get_mut(name).unwrap();
        on_card.known &= known || !on_card.sound;
        on_card.sound = false;
        self.read(name);
        self.figures.decayed += 1;
    }

    fn lose_catalogue(&mut self) {
        self.catalogue = Catalogue::default();
        for on_card in self.card.values_mut() {
            on_card.known &= on_card.sound;
        }
    }

    fn import(&mut self, import: &Import) {
        let created = self.machine.truth - SignedDuration::from_hours(24 * import.days_old);
        let name = ArchiveName::at(created.to_zoned(self.zone.clone()).datetime());
        if self.card.contains_key(&name) {
            return;
        }
        let head = import.sequence.map(|sequence| (sequence, created, import.clock_trusted));
        let modified = self.machine.wall();
        self.card.insert(
            name.clone(),
            OnCard { modified, head, sound: true, made: None, truth: created, known: true },
        );
        self.read(&name);
        self.figures.imported += 1;
    }

    /// Reads the archive and notes what that has shown.
    fn read(&mut self, name: &ArchiveName) {
        let OnCard { modified, head, sound, .. } = &self.card[name];
        let head = head.filter(|_| *sound);
        let record = Record {
            bytes: 1,
            modified: *modified,
            verification: match (sound, head) {
                (false, _) => Verification::Damaged { reason: Sentence::new("x") },
                (true, None) => Verification::Readable,
                (true, Some(_)) => Verification::Verified,
            },
            sequence: head.map(|(sequence, ..)| sequence),
            created: head.map(|(_, created, _)| created),
            clock_trusted: head.is_none_or(|(.., trusted)| trusted),
            rehearsal: None,
        };
        self.catalogue.note_again(name.clone(), record);
        self.forget_what_is_gone();
    }

    /// As each change of the catalogue does.
    fn forget_what_is_gone(&mut self) {
        self.catalogue.archives.retain(|name, _| self.card.contains_key(name));
    }

    /// Reads what nobody has read.
    fn reconcile(&mut self) {
        for archive in self.list() {
            if archive.verification == Verification::Unverified {
                self.read(&archive.name);
            }
        }
    }

    fn night(&mut self, hours: i64, ends: Ends, moves: Option<i64>) -> Result<(), TestCaseError> {
        self.machine.passes(hours);
        self.figures.nights += 1;
        if ends == Ends::KilledAtOnce {
            return Ok(());
        }
        let wrong = self.clock_is_known_to_be_wrong();
        let reading = self.machine.reading();
        let trust = clock::judge(&reading, self.machine.sync, self.last_reading.as_ref());
        self.last_reading = Some(reading.clone());
        self.last_wrong = Some((self.machine.wrong_by, self.machine.boot));
        let right = self.machine.wrong_by == 0 && self.machine.sync != Sync::NotYet;
        self.right_runs = if right { self.right_runs + 1 } else { 0 };
        prop_assert!(
            self.right_runs < 2 || trust.is_trusted(),
            "the second right run is not trusted: {trust:?}"
        );
        if ends == Ends::WithoutArchive {
            return Ok(());
        }
        if self.catalogue.next_sequence == 0 {
            self.reconcile();
            self.catalogue.settle_numbers(true);
        }
        let name = self.make(&reading, trust.is_trusted());
        if ends == Ends::KilledAtPublishing {
            return Ok(());
        }
        self.read(&name);
        let wrong_before = self.machine.wrong_by;
        self.machine.move_clock(moves.unwrap_or(0));
        let by = self.machine.wrong_by - wrong_before;
        if by != 0 {
            self.right_runs = 0;
        }
        self.reconcile();
        let before = self.list();
        let mut pruning = Pruning { before, now: self.machine.wall(), deleted: Vec::new(), whole: false };
        let since = clock::judge(&self.machine.reading(), self.machine.sync, Some(&reading));
        if trust.is_trusted() && since.is_trusted() {
            self.figures.trusted += 1;
            self.prune(ends, &mut pruning);
        } else {
            self.figures.untrusted += 1;
        }
        let wrong = wrong.or((by.abs() > 301).then_some("it was moved since"));
        let nothing_deleted = pruning.deleted.is_empty();
        prop_assert!(wrong.is_none() || nothing_deleted, "pruned by a clock that is wrong: {wrong:?}");
        promises::hold(self, &pruning)
    }

    /// Why nobody may believe the clock now: what can be known, told by the truth.
    fn clock_is_known_to_be_wrong(&self) -> Option<&'static str> {
        let released = clock::RELEASED.parse::<jiff::civil::Date>().unwrap();
        let released = released.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let Machine { wrong_by, boot, sync, .. } = self.machine;
        let last = self.last_reading.as_ref();
        if sync == Sync::NotYet {
            Some("not synchronised")
        } else if self.machine.wall() < released {
            Some("older than the program")
        } else if last.is_some_and(|last| self.machine.wall() < last.wall) {
            Some("it went back")
        } else if self.last_wrong.is_some_and(|last| last.1 == boot && (wrong_by - last.0).abs() > 301) {
            Some("it jumped")
        } else {
            None
        }
    }

    /// Makes an archive and shows it.
    fn make(&mut self, reading: &Reading, trusted: bool) -> ArchiveName {
        let local = reading.wall.to_zoned(self.zone.clone()).datetime();
        let names = (0..).map(|seconds: i64| ArchiveName::at(local + seconds.seconds()));
        let name = names.into_iter().find(|name| !self.card.contains_key(name)).unwrap();
        let sequence = self.catalogue.take();
        self.forget_what_is_gone();
        self.made += 1;
        let on_card = OnCard {
            modified: reading.wall,
            head: Some((sequence, reading.wall, trusted)),
            sound: true,
            made: Some(self.made),
            truth: self.machine.truth,
            known: true,
        };
        self.card.insert(name.clone(), on_card);
        name
    }

    /// Lets go of what retention no longer keeps, oldest first, until it is killed.
    fn prune(&mut self, ends: Ends, pruning: &mut Pruning) {
        let verdicts = retention::decide(&pruning.before, self.policy, pruning.now, &self.zone);
        let most = if let Ends::KilledPruning(count) = ends { count } else { usize::MAX };
        let gone = |(_, verdict): &(&ArchiveInfo, &Verdict)| !verdict.keeps();
        let doomed = pruning.before.iter().zip(&verdicts).rev().filter(gone).map(|(archive, _)| archive);
        pruning.whole = most == usize::MAX;
        pruning.deleted = doomed.take(most).map(|gone| self.card.remove_entry(&gone.name).unwrap()).collect();
        if pruning.whole {
            self.catalogue.archives.retain(|name, _| self.card.contains_key(name));
        }
        for (_, on_card) in &pruning.deleted {
            let age = self.machine.truth.duration_since(on_card.truth);
            self.figures.deleted += 1;
            // What no clock of the box could know.
            let days = SignedDuration::from_hours(24 * i64::from(self.policy.days));
            self.figures.young_in_truth += u64::from(on_card.made.is_some() && age < days);
        }
        self.figures.held_by_floor +=
            verdicts.iter().filter(|verdict| verdict.reason == retention::Reason::Floor).count() as u64;
    }
}

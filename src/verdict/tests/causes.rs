//! Each rule alone, their orders and their thresholds.

use proptest::prelude::*;

use super::*;

/// Facts that a test may change, of a box on which all is well.
struct Known {
    archives: Vec<ArchiveInfo>,
    last_run: Option<LastRun>,
    automatic: Option<Automatic>,
    disk: Option<Disk>,
    is_running: bool,
}

fn well() -> Known {
    Known {
        archives: vec![good(6), good(30)],
        last_run: Some(LastRun { success: true, ..LastRun::default() }),
        automatic: Some(Automatic {
            enabled: true,
            active: true,
            next: Some(local("2026-12-19T03:00:00")),
            firing: false,
            at: None,
            word: None,
        }),
        disk: Some(Disk { total: 1 << 30, free: 1 << 20, backups: 2, reserve: 100, takes_files: true }),
        is_running: false,
    }
}

fn of(archives: Vec<ArchiveInfo>) -> Known {
    Known { archives, ..well() }
}

fn failed(code: &str) -> LastRun {
    let (error, code) = (Some("Pourquoi.".into()), Some(code.into()));
    LastRun { success: false, error, code, ..LastRun::default() }
}

impl Known {
    fn judge(&self) -> Verdict {
        judge(&Facts {
            archives: &self.archives,
            last_run: self.last_run.as_ref(),
            automatic: self.automatic.as_ref(),
            disk: self.disk.as_ref(),
            is_running: self.is_running,
            now: now(),
            longest_age: SignedDuration::from_secs(LONGEST_AGE_SECONDS.into()),
        })
    }

    /// The rules of its causes.
    fn rules(&self) -> Vec<Rule> {
        self.judge().causes.iter().map(|cause| cause.rule).collect()
    }

    /// The one cause that there is: its state, its button and what is said in French.
    fn only(&self, rule: Rule) -> (State, Option<(ActionKind, Option<ArchiveName>)>, String) {
        assert_eq!(self.rules(), [rule]);
        let verdict = self.judge();
        let cause = &verdict.causes[0];
        assert_eq!((verdict.state, &verdict.sentence), (cause.state, &cause.sentence));
        let action = cause.action.as_ref().map(|action| (action.kind, action.target.clone()));
        (cause.state, action, Language::French.say(&cause.sentence))
    }

    fn with_last(self, last_run: LastRun) -> Self {
        Self { last_run: Some(last_run), ..self }
    }

    fn with_timer(mut self, change: impl FnOnce(&mut Automatic)) -> Self {
        change(self.automatic.as_mut().unwrap());
        self
    }

    fn with_disk(mut self, change: impl FnOnce(&mut Disk)) -> Self {
        change(self.disk.as_mut().unwrap());
        self
    }

    fn running(self) -> Self {
        Self { is_running: true, ..self }
    }
}

#[test]
fn all_is_well_with_the_age_and_the_proof_in_words() {
    let say = |archives: Vec<ArchiveInfo>| {
        let verdict = of(archives).judge();
        assert_eq!((verdict.state, verdict.causes), (State::Good, vec![]));
        Language::French.say(&verdict.sentence)
    };
    let said = |age: &str, proof: &str| format!("Tout va bien : dernière sauvegarde {age}, {proof}.");
    assert_eq!(say(vec![good(6)]), said("il y a 6 h", "vérifiée"));
    assert_eq!(say(vec![made(40, Verification::Readable)]), said("il y a 40 min", "lisible"));
    assert_eq!(say(vec![made(0, Verification::Verified)]), said("à l'instant", "vérifiée"));
    assert_eq!(say(vec![made(-15, Verification::Verified)]), said("à l'instant", "vérifiée"));
    assert_eq!(say(vec![good(24)]), said("il y a 1 jour", "vérifiée"));
}

#[test]
fn what_is_not_known_is_no_cause() {
    let known = Known { last_run: None, automatic: None, disk: None, ..well() };
    assert_eq!(known.rules(), []);
}

#[test]
fn without_a_good_archive_somebody_must_act() {
    let (state, action, said) = of(vec![]).only(Rule::None);
    assert_eq!((state, action), (State::Act, Some((ActionKind::Run, None))));
    assert_eq!(said, "Aucune sauvegarde pour l'instant.");
    let archives = vec![broken(1), unread(2), unread(3)];
    let target = archives[1].name.clone();
    let (state, action, _) = of(archives).only(Rule::Unproven);
    assert_eq!((state, action), (State::Act, Some((ActionKind::Verify, Some(target)))), "the newest unread");
    let (state, action, _) = of(vec![broken(1), broken(2)]).only(Rule::AllDamaged);
    assert_eq!((state, action), (State::Act, Some((ActionKind::Run, None))));
}

#[test]
fn a_good_one_is_too_old_after_a_day_and_an_hour() {
    assert_eq!(of(vec![good(25)]).rules(), []);
    let (state, action, said) = of(vec![made(25 * 60 + 1, Verification::Verified)]).only(Rule::TooOld);
    assert_eq!((state, action), (State::Act, Some((ActionKind::Run, None))));
    assert!(said.contains("il y a 1 jour"), "{said}");
    let said = of(vec![broken(1), good(24 * 3)]).judge().sentence;
    assert!(Language::French.say(&said).contains("il y a 3 jours"), "the newest that is good");
}

#[test]
fn while_a_run_is_going_on_there_is_nothing_to_start() {
    for known in [of(vec![]), of(vec![good(30)]), of(vec![broken(1), broken(2)])] {
        let verdict = known.running().judge();
        let cause = &verdict.causes[0];
        assert_eq!((cause.state, &cause.action), (State::Act, &None));
        assert_eq!(cause.advice, Sentence::new("verdict.advice.wait"));
    }
    // To read one back takes no run's lock.
    assert!(of(vec![unread(1)]).running().judge().causes[0].action.is_some());
}

#[test]
fn a_run_that_failed_is_told_in_its_own_words() {
    let (state, action, said) = well().with_last(failed("source.missing")).only(Rule::Failed);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Run, None))));
    assert_eq!(said, "La dernière sauvegarde a échoué : Pourquoi.");
    for code in ["disk_full", "no_inodes", "source.spool_full"] {
        let (_, action, _) = well().with_last(failed(code)).only(Rule::Failed);
        assert_eq!(action, Some((ActionKind::Backups, None)), "{code}");
    }
    let (_, _, said) = well().with_last(LastRun::default()).only(Rule::Failed);
    assert_eq!(said, "La dernière sauvegarde a échoué.");
    let too_old = of(vec![good(30)]).with_last(failed("source.missing"));
    assert_eq!(too_old.rules(), [Rule::TooOld, Rule::Failed]);
}

#[test]
fn the_newest_archive_s_faults_are_told_beside_a_good_one() {
    let (state, action, said) = of(vec![broken(1), good(6)]).only(Rule::Damaged);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Run, None))));
    assert!(said.contains("le fichier est vide") && said.contains("il y a 6 h"), "{said}");
    assert_eq!(of(vec![good(6), broken(7)]).rules(), [], "an older one is no news");

    let newest = unread(1);
    let target = Some(newest.name.clone());
    let (state, action, _) = of(vec![newest, good(6)]).only(Rule::Unread);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Verify, target))));
    assert_eq!(of(vec![good(6), unread(7)]).rules(), []);

    let newest = unrestorable(1);
    let target = Some(newest.name.clone());
    let (state, action, _) = of(vec![newest, good(6)]).only(Rule::Unrestorable);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Open, target))));
    assert_eq!(of(vec![good(6), unrestorable(7)]).rules(), []);
}

#[test]
fn a_good_one_of_the_future_tells_of_the_clock() {
    let made = |minutes: i64| of(vec![made(-minutes, Verification::Verified)]);
    assert_eq!(made(15).rules(), []);
    let (state, action, _) = made(16).only(Rule::Future);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Refresh, None))));
}

#[test]
fn a_timer_that_will_not_ring_is_told() {
    let (state, action, off) =
        well().with_timer(|timer| (timer.enabled, timer.active) = (false, false)).only(Rule::Off);
    assert_eq!((state, action.clone()), (State::Watch, Some((ActionKind::Enable, None))));
    let (_, same, until_reboot) = well().with_timer(|timer| timer.enabled = false).only(Rule::Off);
    assert!(same == action && until_reboot != off, "{until_reboot}");
    let (state, same, _) = well().with_timer(|timer| timer.active = false).only(Rule::Stopped);
    assert_eq!((state, same), (State::Watch, action));
    let not_due = || well().with_timer(|timer| timer.next = None);
    not_due().only(Rule::Stopped);
    // systemd says no next time while what the timer started is at work.
    assert_eq!(not_due().running().rules(), []);
    assert_eq!(not_due().with_timer(|timer| timer.firing = true).rules(), []);
}

#[test]
fn the_room_is_counted_in_nights_of_the_largest_of_the_last_seven() {
    let sizes = |sizes: &[u64]| -> Vec<_> {
        (1..).zip(sizes).map(|(hours, bytes)| ArchiveInfo { bytes: *bytes, ..good(hours) }).collect()
    };
    let known = |free: u64| {
        let archives = sizes(&[1000, 500, 2000, 1, 1, 1, 1, 9_000_000]);
        Known { archives, ..well() }.with_disk(|disk| disk.free = free)
    };
    // 2,000 and a tenth; the eighth is too long ago to count.
    assert_eq!(known(7 * 2200).rules(), []);
    let (state, action, said) = known(7 * 2200 - 1).only(Rule::DiskLow);
    assert_eq!((state, action.clone()), (State::Watch, Some((ActionKind::Backups, None))));
    assert!(said.contains("6 nuits"), "{said}");
    let (_, _, said) = known(2200).only(Rule::DiskLow);
    assert!(said.contains("1 nuit ("), "{said}");
    let (state, same, _) = known(2199).only(Rule::DiskFull);
    assert_eq!((state, same), (State::Act, action));
    // What a run insists on beside its archive is more than a tenth of a small one.
    let small = |free| Known { archives: sizes(&[10]), ..well() }.with_disk(|disk| disk.free = free);
    assert_eq!((small(110).rules(), small(109).rules()), (vec![Rule::DiskLow], vec![Rule::DiskFull]));
    // Nothing is known of the size of a first one, but what every run insists on.
    let first = |free| of(vec![]).with_disk(|disk| disk.free = free);
    assert_eq!((first(100).rules(), first(99).rules()), (vec![Rule::None], vec![Rule::None, Rule::DiskFull]));
    well().with_disk(|disk| disk.takes_files = false).only(Rule::DiskFull);
}

#[test]
fn a_disk_that_gets_back_each_night_what_it_takes_is_not_low() {
    // The day after each of so many nights, of 1,000 bytes and a little more lately.
    let night = |day: i64| ArchiveInfo { bytes: 1000 + u64::from(day < 3), ..good(24 * day + 1) };
    let known = |nights: i64, days: u16| {
        let last_run = LastRun { success: true, retention_days: Some(days), ..LastRun::default() };
        of((0..nights).map(night).collect()).with_last(last_run).with_disk(|disk| disk.free = 3000)
    };
    assert_eq!(known(7, 7).rules(), [], "the next run lets go of the seventh");
    assert_eq!(known(6, 7).rules(), [Rule::DiskLow], "each night still takes more");
    assert_eq!((known(29, 30).rules(), known(30, 30).rules()), (vec![Rule::DiskLow], vec![]));
    assert_eq!(known(6, 3).rules(), [Rule::DiskLow], "the floor's and the week's are not counted");
    let oldest = |change: fn(&mut ArchiveInfo)| {
        let mut known = known(7, 7);
        change(&mut known.archives[6]);
        known.rules()
    };
    assert_eq!(oldest(|archive| archive.pinned = true), [Rule::DiskLow]);
    assert_eq!(oldest(|archive| archive.bytes = 800), [Rule::DiskLow], "less than a night");
    assert_eq!(known(7, 7).with_disk(|disk| disk.free = 1000).rules(), [Rule::DiskFull], "full is full");
    let unknown = known(7, 7).with_last(LastRun { success: true, ..LastRun::default() });
    assert_eq!(unknown.rules(), [Rule::DiskLow]);
}

#[test]
fn what_the_last_run_lacked_leads_to_its_archive() {
    let run = |warnings: &[&str], archive: Option<ArchiveName>| {
        let warnings = warnings.iter().map(|text| (*text).to_owned()).collect();
        LastRun { success: true, warnings, archive, ..LastRun::default() }
    };
    let name = || Some(good(6).name);
    let (state, action, said) = well().with_last(run(&["Il manque une chose."], name())).only(Rule::Warnings);
    assert_eq!((state, action), (State::Watch, Some((ActionKind::Open, name()))));
    assert_eq!(said, "La dernière sauvegarde est faite, avec une remarque : Il manque une chose.");
    let (_, _, said) = well().with_last(run(&["a", "b"], name())).only(Rule::Warnings);
    assert_eq!(said, "La dernière sauvegarde est faite, avec 2 remarques.");
    let (_, action, _) = well().with_last(run(&["a"], Some(good(99).name))).only(Rule::Warnings);
    assert_eq!(action, Some((ActionKind::Run, None)), "deleted since");
}

#[test]
fn causes_come_worst_first() {
    let newest = ArchiveInfo { bytes: 1 << 20, ..broken(1) };
    let known = of(vec![newest, good(30)])
        .with_last(failed("source.missing"))
        .with_timer(|timer| timer.enabled = false);
    let worst_first = [Rule::TooOld, Rule::DiskFull, Rule::Failed, Rule::Damaged, Rule::Off];
    assert_eq!(known.rules(), worst_first);
    assert_eq!(known.judge().sentence, known.judge().causes[0].sentence);
    let known = of(vec![
        ArchiveInfo { rehearsal: unrestorable(1).rehearsal, ..unread(1) },
        made(-20, Verification::Readable),
    ])
    .with_timer(|timer| timer.next = None)
    .with_disk(|disk| disk.free = 300);
    assert_eq!(
        known.rules(),
        [Rule::Unrestorable, Rule::Future, Rule::Stopped, Rule::Unread, Rule::DiskLow],
        "the order in which they weigh"
    );
}

fn any_archives() -> impl Strategy<Value = Vec<ArchiveInfo>> {
    let one = (-100_000i64..100_000, 0..5u8, 0..1u64 << 22).prop_map(|(minutes, what, bytes)| {
        let verification = match what {
            0 => damaged(),
            1 => Verification::Unverified,
            2 => Verification::Readable,
            _ => Verification::Verified,
        };
        let rehearsal = (what == 4).then(|| unrestorable(1).rehearsal).flatten();
        ArchiveInfo { bytes, rehearsal, ..made(minutes, verification) }
    });
    prop::collection::vec(one, 0..10)
}

proptest! {
    #[test]
    fn the_state_is_the_worst_of_its_causes_and_every_word_is_in_both_languages(
        archives in any_archives(),
        (success, warnings) in (any::<bool>(), 0..3usize),
        (enabled, active, firing, due) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        (free, takes_files) in (0..1u64 << 24, any::<bool>()),
        is_running in any::<bool>(),
    ) {
        let next = due.then(|| local("2026-12-19T03:00:00"));
        let warnings = vec!["w".to_owned(); warnings];
        let known = Known {
            archives,
            last_run: Some(LastRun { success, warnings, ..LastRun::default() }),
            automatic: Some(Automatic { enabled, active, next, firing, at: None, word: None }),
            disk: Some(Disk { total: 1 << 30, free, backups: 1, reserve: 1 << 16, takes_files }),
            is_running,
        };
        let verdict = known.judge();
        let worst = verdict.causes.iter().map(|cause| cause.state).max().unwrap_or(State::Good);
        prop_assert_eq!(verdict.state, worst);
        prop_assert_eq!(verdict.state == State::Good, verdict.causes.is_empty());
        prop_assert!(verdict.causes.is_sorted_by_key(|cause| std::cmp::Reverse(cause.state)));
        for (at, cause) in verdict.causes.iter().enumerate() {
            prop_assert!(verdict.causes[at + 1..].iter().all(|other| other.rule != cause.rule));
            if let Some(target) = cause.action.as_ref().and_then(|action| action.target.as_ref()) {
                prop_assert!(known.archives.iter().any(|archive| archive.name == *target));
            }
            prop_assert!(!is_running || cause.action.as_ref().is_none_or(|action| action.kind != ActionKind::Run));
        }
        for language in [Language::French, Language::English] {
            let view = VerdictView::of(&verdict, |sentence| language.say(sentence));
            let mut said = vec![view.sentence];
            for cause in view.causes {
                said.extend([cause.sentence, cause.advice]);
                said.extend(cause.action.map(|action| action.label));
            }
            for text in said {
                prop_assert!(!text.starts_with("verdict.") && !text.contains('{'), "{}", text);
            }
        }
    }
}

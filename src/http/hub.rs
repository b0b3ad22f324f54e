//! Everything that happens, for everybody who listens: what jobs write and what
//! changes in the directories becomes one numbered stream of events.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::jobs::{History, Tail};
use crate::model::{Fact, JobId};
use crate::service::Stop;
use crate::store::{Changed, Store};
use crate::supervisor::{Change, Watch};

/// Events that a browser can have missed and still catch up; a run is about a dozen,
/// its progress not counted.
const REMEMBERED: usize = 512;
/// One word for all that changes within a moment, such as a prune of many archives.
const SETTLE: Duration = Duration::from_millis(100);
/// After the kernel's watch broke.
const RETRY: Duration = Duration::from_mins(1);

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// Its place in this daemon's stream, from 1.
    pub(super) number: u64,
    /// `job`, `archives` or `schedule`.
    pub(super) kind: &'static str,
    /// JSON.
    pub(super) data: Arc<str>,
    /// The same, where it has sentences that each listener hears in his own language.
    pub(super) report: Option<Arc<serde_json::Value>>,
}

/// The stream.
pub struct Hub {
    /// Tells this daemon's numbers from those of the one before.
    pub(super) life: u32,
    past: Mutex<Past>,
    listeners: broadcast::Sender<Happening>,
}

#[derive(Default)]
struct Past {
    last: u64,
    /// The newest that is no longer remembered.
    forgotten: u64,
    remembered: VecDeque<Happening>,
}

/// Where a listener begins.
pub(super) struct Joined {
    /// What he has missed; none where it cannot be told any more.
    pub(super) missed: Option<Vec<Happening>>,
    /// What comes.
    pub(super) coming: broadcast::Receiver<Happening>,
}

impl Hub {
    /// A hub that nothing has happened in.
    pub fn new() -> Arc<Self> {
        let life = getrandom::u32().unwrap_or_else(|_| std::process::id());
        let (listeners, _) = broadcast::channel(REMEMBERED);
        Arc::new(Self { life, past: Mutex::default(), listeners })
    }

    fn tell(&self, kind: &'static str, data: &serde_json::Value) {
        let mut past = self.past.lock().expect("no holder panics");
        past.last += 1;
        let speaks = data.get("sentence").is_some() || data.get("outcome").is_some();
        let report = speaks.then(|| Arc::new(data.clone()));
        let happening = Happening { number: past.last, kind, data: data.to_string().into(), report };
        // How far a stage was a while ago is nothing to catch up with.
        if data["event"] != "progress" {
            if past.remembered.len() == REMEMBERED {
                past.forgotten = past.remembered.pop_front().map_or(0, |oldest| oldest.number);
            }
            past.remembered.push_back(happening.clone());
        }
        // An error means that nobody listens.
        let _ = self.listeners.send(happening);
    }

    /// Joins after the event of that number, or now.
    pub(super) fn join(&self, after: Option<u64>) -> Joined {
        let past = self.past.lock().expect("no holder panics");
        let coming = self.listeners.subscribe();
        let Some(after) = after else { return Joined { missed: Some(Vec::new()), coming } };
        let known = (past.forgotten..=past.last).contains(&after);
        let missed =
            || past.remembered.iter().filter(|happening| happening.number > after).cloned().collect();
        Joined { missed: known.then(missed), coming }
    }

    /// Tells that the timer was changed, where no directory says so.
    pub fn tell_schedule(&self) {
        self.tell("schedule", &json!({}));
    }

    /// Tells what happens in the store's directories and the jobs' folder, until the
    /// daemon stops.
    pub async fn attend(self: Arc<Self>, store: Store, history: History, mut stop: Stop) {
        loop {
            let failed = tokio::select! {
                failed = self.follow(&store, &history) => failed,
                () = stop.asked() => return,
            };
            if let Err(error) = failed {
                tracing::error!(%error, "live events interrupted; trying again in a minute");
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn follow(&self, store: &Store, history: &History) -> io::Result<()> {
        let mut directories = store.watched();
        let jobs_folder = directories.len();
        match history.make_folder() {
            Ok(()) => directories.push(history.folder().to_owned()),
            Err(error) => tracing::warn!(%error, "jobs are not followed live"),
        }
        let mut watch = Watch::new(directories)?;
        let mut jobs = Jobs::new(history)?;
        let mut news = News::default();
        let mut settled = None;
        loop {
            let Some(changes) = next(&mut watch, settled).await? else {
                self.tell_news(&mut news);
                settled = None;
                continue;
            };
            for change in changes {
                match (change.directory, change.name) {
                    (Some(place), Some(name)) if place == jobs_folder => {
                        self.pass_on(&mut jobs, history, &name);
                    }
                    (Some(place), Some(name)) => news.add(Store::changed(place, &name)),
                    (Some(_), None) => {}
                    (None, _) => {
                        news = News { archives: true, schedule: true };
                        watch.renew();
                    }
                }
            }
            if settled.is_none() && news.any() {
                settled = Some(Instant::now() + SETTLE);
            }
        }
    }

    fn tell_news(&self, news: &mut News) {
        let News { archives, schedule } = std::mem::take(news);
        for (changed, kind) in [(archives, "archives"), (schedule, "schedule")] {
            if changed {
                self.tell(kind, &json!({}));
            }
        }
    }

    /// What this job has written since. The file is in memory (/run): no need to
    /// leave the runtime for it.
    fn pass_on(&self, jobs: &mut Jobs, history: &History, file: &str) {
        let Some(id) = file.strip_suffix(".jsonl").and_then(|id| id.parse::<JobId>().ok()) else { return };
        let Some(tail) = jobs.tail(history, &id) else { return };
        let alive = tail.writer_lives();
        let events = tail.next_events().unwrap_or_default();
        let silent = events.is_empty();
        for event in events {
            let mut data = serde_json::to_value(&event).expect("an event is JSON");
            data["job"] = json!(id);
            self.tell("job", &data);
            if matches!(event.fact, Fact::Done { .. }) {
                jobs.0.insert(id, None);
                return;
            }
        }
        if silent && !alive {
            // Closed without a last word: killed.
            self.tell("job", &json!({ "event": "interrupted", "job": id }));
            jobs.0.insert(id, None);
        }
    }
}

/// The next changes; none where nothing more came until `settled`.
async fn next(watch: &mut Watch, settled: Option<Instant>) -> io::Result<Option<Vec<Change>>> {
    let Some(settled) = settled else { return watch.changes().await.map(Some) };
    tokio::time::timeout_at(settled, watch.changes()).await.ok().transpose()
}

#[derive(Default)]
struct News {
    archives: bool,
    schedule: bool,
}

impl News {
    fn add(&mut self, changed: Option<Changed>) {
        let settings = changed == Some(Changed::Settings);
        self.archives |= settings || changed == Some(Changed::Archives);
        self.schedule |= settings || changed == Some(Changed::Schedule);
    }

    fn any(&self) -> bool {
        self.archives || self.schedule
    }
}

/// The jobs that are followed; none for one that has ended.
struct Jobs(HashMap<JobId, Option<Tail>>);

impl Jobs {
    /// Jobs of before are not told again.
    fn new(history: &History) -> io::Result<Self> {
        let mut jobs = HashMap::new();
        for id in history.ids() {
            let mut tail = history.tail(&id)?;
            let ended = tail.next_events()?.iter().any(|event| matches!(event.fact, Fact::Done { .. }));
            jobs.insert(id, (!ended).then_some(tail));
        }
        Ok(Self(jobs))
    }

    fn tail(&mut self, history: &History, id: &JobId) -> Option<&mut Tail> {
        if !self.0.contains_key(id) {
            // The folder keeps fifty: what it has forgotten need not be remembered.
            let known = history.ids();
            self.0.retain(|id, _| known.contains(id));
            self.0.insert(id.clone(), history.tail(id).ok());
        }
        self.0.get_mut(id)?.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_hears_what_he_missed_or_that_it_is_lost() {
        let hub = Hub::new();
        for _ in 0..3 {
            hub.tell("archives", &json!({}));
        }
        let numbers = |after| {
            let missed = hub.join(after).missed;
            missed.map(|missed| missed.iter().map(|happening| happening.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(None), Some(vec![]));
        assert_eq!(numbers(Some(1)), Some(vec![2, 3]));
        assert_eq!(numbers(Some(3)), Some(vec![]));
        assert_eq!(numbers(Some(4)), None, "a number of another life");
        for _ in 0..REMEMBERED {
            hub.tell("archives", &json!({}));
            hub.tell("job", &json!({ "event": "progress" }));
        }
        assert_eq!(numbers(Some(2)), None);
        assert_eq!(numbers(Some(3)).unwrap().len(), REMEMBERED);
    }
}

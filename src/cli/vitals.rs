//! What the daemon tells systemd of itself: that it is ready, that it lives, and in one
//! sentence how the backups stand.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::http::Pulse;
use crate::model::{Automatic, Sentence};
use crate::service;
use crate::store::{Standing, StoreError};
use crate::text::Language;
use crate::verdict::LONGEST_AGE_SECONDS;

/// Without a watchdog, the sentence is renewed this often: it says how old the last one is. And
/// for so long holds what was said of the timer, unless something happens.
const RENEW: Duration = Duration::from_mins(1);
/// A store that cannot be read yet is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Tells it for as long as the daemon lives; without systemd there is nobody to tell.
///
/// Silence is deliberate: a panel that does not answer must be restarted, not kept alive.
pub(super) async fn tell(pulse: Pulse, backups: &Path, language: Language) {
    if !service::is_told() {
        return;
    }
    let mut ready = false;
    let mut said = String::new();
    let mut news = pulse.news();
    let origin = service::origin_of(backups);
    // systemd tells of changes; besides, what it said holds for a while.
    let mut timer: Option<(Instant, Option<Automatic>)> = None;
    loop {
        if service::origin_of(backups) != origin {
            tracing::warn!(directory = %backups.display(), "the backup directory is another one now; starting anew");
            return service::stop_myself();
        }
        let is_known = timer.as_ref().is_some_and(|(asked, _)| asked.elapsed() < RENEW);
        let sentence = match pulse.feel(!is_known).await {
            Ok(felt) => {
                service::watchdog_ping();
                if felt.store.is_ok() && !ready {
                    service::ready();
                    ready = true;
                }
                if !is_known {
                    timer = Some((Instant::now(), felt.automatic));
                }
                sentence_of(&felt.store, timer.as_ref().and_then(|(_, automatic)| automatic.as_ref()))
            }
            Err(silent) => {
                tracing::error!(%silent, "the panel does not answer; systemd is to restart it");
                sleep(LOOK_AGAIN).await;
                continue;
            }
        };
        let text = language.say(&sentence);
        if text != said {
            service::status(&text);
            said = text;
        }
        let pause = if ready { service::watchdog_interval().unwrap_or(RENEW) } else { LOOK_AGAIN };
        tokio::select! {
            () = sleep(pause) => {}
            () = news.next() => timer = None,
        }
    }
}

/// The verdict, and how many archives there are; where the store cannot say, why.
fn sentence_of(store: &Result<Standing, StoreError>, automatic: Option<&Automatic>) -> Sentence {
    let standing = match store {
        Ok(standing) => standing,
        Err(error) => return error.sentence(),
    };
    let longest_age = SignedDuration::from_secs(LONGEST_AGE_SECONDS.into());
    let verdict = standing.verdict(automatic, Timestamp::now(), longest_age);
    match standing.archives.len() {
        0 => verdict.sentence,
        count => {
            Sentence::new("vitals.status").with("count", count).with_sentence("sentence", verdict.sentence)
        }
    }
}

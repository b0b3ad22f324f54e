//! What the daemon tells systemd of itself: that it is ready, that it lives, and in one
//! sentence how the backups stand.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::http::{Felt, Pulse};
use crate::model::Sentence;
use crate::service;
use crate::text::Language;
use crate::verdict::LONGEST_AGE_SECONDS;

/// Without a watchdog, the sentence is renewed this often: it says how old the last one is.
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
    loop {
        if service::origin_of(backups) != origin {
            tracing::warn!(directory = %backups.display(), "the backup directory is another one now; starting anew");
            return service::stop_myself();
        }
        let sentence = match pulse.feel().await {
            Ok(felt) => {
                service::watchdog_ping();
                if felt.store.is_ok() && !ready {
                    service::ready();
                    ready = true;
                }
                sentence_of(&felt)
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
            () = news.next() => {}
        }
    }
}

/// The verdict, and how many archives there are; where the store cannot say, why.
fn sentence_of(felt: &Felt) -> Sentence {
    let standing = match &felt.store {
        Ok(standing) => standing,
        Err(error) => return error.sentence(),
    };
    let longest_age = SignedDuration::from_secs(LONGEST_AGE_SECONDS.into());
    let verdict = standing.verdict(felt.automatic.as_ref(), Timestamp::now(), longest_age);
    match standing.archives.len() {
        0 => verdict.sentence,
        count => {
            Sentence::new("vitals.status").with("count", count).with_sentence("sentence", verdict.sentence)
        }
    }
}

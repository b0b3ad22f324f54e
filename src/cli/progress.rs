//! A job's events: as JSON lines, or on a terminal a bar and the log's lines above it.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::Level;

use super::output::{self, Failed};
use crate::model::{Event, Fact, Outcome, size_in_words};
use crate::service;
use crate::text::Language;

/// Has a job done and told; one that fails is exit status 1.
pub(super) fn follow(
    as_json: bool,
    language: Language,
    job: impl FnOnce(&mut dyn FnMut(&Event)) -> Outcome,
) -> Result<(), Failed> {
    let shown = !as_json && io::stderr().is_terminal();
    // On a terminal the bar speaks; elsewhere the log's lines do.
    service::start_logging(if shown { Level::ERROR } else { Level::INFO });
    let mut bar = Bar::new(language, shown);
    let outcome = job(&mut |event| {
        tell(as_json, event);
        bar.show(event);
    });
    match outcome.failure {
        None => Ok(()),
        // The log or the events have said why.
        Some(_) if !shown => Err(Failed::silently()),
        Some(failure) => Err(Failed::of(language, &failure.sentence)),
    }
}

/// Prints an event for programs.
pub(super) fn tell(as_json: bool, event: &Event) {
    if as_json {
        output::line(&serde_json::to_string(event).expect("an event is JSON"));
    }
}

/// The bar; silent where nobody looks.
struct Bar {
    bar: ProgressBar,
    language: Language,
}

impl Bar {
    fn new(language: Language, shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), language }
    }

    fn show(&mut self, event: &Event) {
        match &event.fact {
            Fact::Started { .. } => self.style(false),
            Fact::Step { step } => {
                self.style(false);
                self.bar.set_message(self.language.word(&format!("step.{}", step.code())));
            }
            Fact::Progress { bytes, total_bytes: Some(total), .. } => {
                self.style(true);
                self.bar.set_length(*total);
                self.bar.set_position(*bytes);
            }
            Fact::Progress { bytes, files, .. } => {
                self.bar.set_prefix(format!("{files} · {}", size_in_words(*bytes)));
                self.bar.tick();
            }
            Fact::Log { text, .. } => self.bar.println(text),
            Fact::Done { .. } => self.bar.finish_and_clear(),
        }
    }

    fn style(&self, measured: bool) {
        let template = if measured {
            "{spinner} {msg} [{bar:30}] {bytes}/{total_bytes}"
        } else {
            "{spinner} {msg} {prefix}"
        };
        self.bar.set_style(ProgressStyle::with_template(template).expect("a constant template"));
    }
}

//! A job's events on a terminal: a bar, and the log's lines above it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::{Event, Fact, size_in_words};
use crate::text::Language;

/// The bar; silent where nobody looks.
pub(super) struct Bar {
    bar: ProgressBar,
    language: Language,
}

impl Bar {
    pub(super) fn new(language: Language, shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), language }
    }

    pub(super) fn show(&mut self, event: &Event) {
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

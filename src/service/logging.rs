//! Where the program's own log goes: to the journal with its fields under systemd,
//! else to standard error as readable lines.

use libsystemd::logging::connected_to_journal;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// For a command in a shell: what it does goes to the journal, where there is one, and
/// what it says to the shell is said by itself.
pub fn log_to_journal() {
    if let Ok(journal) = tracing_journald::layer() {
        let journal = journal.with_filter(LevelFilter::INFO);
        // A second call finds the log started.
        let _ = tracing_subscriber::registry().with(journal).try_init();
    }
}

/// Starts the log of this process. Called once.
pub fn start_logging(level: Level) {
    let lines = || {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .with_target(false)
            .with_filter(LevelFilter::from_level(level))
    };
    if connected_to_journal()
        && let Ok(journal) = tracing_journald::layer()
    {
        tracing_subscriber::registry().with(journal.with_filter(LevelFilter::from_level(level))).init();
    } else {
        tracing_subscriber::registry().with(lines()).init();
    }
}

//! Random histories of a box, its clock and its people, lived through by the real judgement of
//! the clock, the real numbering and the real retention; after each night every promise is looked at.
//!
//! `HISTORIES=1000000 cargo test --lib -- --nocapture any_history` lives through as many. A history
//! is made of its seed alone: one that breaks a promise is told with it, made as short as it
//! can be, and lived through again by `HISTORIES=1 FIRST_HISTORY=seed`.

mod event;
mod figures;
mod life;
mod machine;
mod promises;

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use event::histories;
use figures::Figures;
use life::live;

/// How many are lived through where nobody says how many.
const ORDINARY: u64 = 20_000;

/// A number that the caller may give.
fn asked(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect(variable))
}

/// Lives through the history of this seed.
///
/// # Errors
/// Which promise was broken, and the shortest history found that breaks it.
fn history(seed: u64, figures: &mut Figures) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases: 1, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let lived = std::cell::RefCell::new(figures);
    let result = runner.run(&histories(), |history| live(&history, &mut lived.borrow_mut()));
    result.map_err(|error| match error {
        TestError::Fail(why, history) => format!("history {seed}: {why}\n{history:#?}"),
        TestError::Abort(why) => format!("history {seed}: {why}"),
    })
}

#[test]
fn any_history_keeps_every_promise() {
    let (first, count) = (asked("FIRST_HISTORY", 0), asked("HISTORIES", ORDINARY));
    let next = AtomicU64::new(first);
    let worker = || {
        let mut figures = Figures::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return Ok(figures);
            }
            if let Err(broken) = history(seed, &mut figures) {
                // The others need not go on.
                next.store(first + count, Ordering::Relaxed);
                return Err(broken);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let results: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        started.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut sum = Figures::default();
    for result in results {
        sum.add(&result.unwrap_or_else(|broken| panic!("{broken}")));
    }
    println!("histories={count} first={first} {sum}");
    assert!(sum.has_seen_everything() || count < ORDINARY, "{sum}");
}

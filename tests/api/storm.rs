//! A guest who guesses all night, from as many addresses as he likes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::json;

use crate::document::assert_error;
use crate::guest::Guest;
use crate::panel::Panel;
use crate::support::planted::{PASSWORD, WRONG_PASSWORD};

const ATTEMPTS: u32 = 10_000;
const THREADS: u32 = 8;
/// Addresses of the attacker: each attempt has another one, until they are used up.
const ADDRESSES: u32 = 5_000;
const SESSION: &str = "/api/access/session";

fn attempt(password: &str) -> String {
    json!({ "password": password }).to_string()
}

/// KiB that the daemon had in memory at most so far.
fn peak(panel: &Panel) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", panel.daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn ten_thousand_guesses_pass_thirty_take_no_memory_and_keep_no_one_of_the_staff_out() {
    let panel = Panel::guarded_with("max_connections = 64");
    // The staff's browser was here before; 127.0.0.2 is its place.
    let staff = Ipv4Addr::new(127, 0, 0, 2);
    let first = panel.ask_from(staff, &Guest::nobody(), "POST", SESSION, &attempt(PASSWORD));
    assert_eq!(first.status, 200);
    let browser = Guest::cookies(&panel.given(&first)).on_page(&panel);
    assert_error(
        &panel.ask_from(staff, &Guest::nobody(), "POST", SESSION, &attempt(WRONG_PASSWORD)),
        401,
        "wrong_password",
    );
    let before = peak(&panel);

    let address = |n: u32| Ipv4Addr::from(0x7F01_0000 + n % ADDRESSES);
    let refused = &AtomicU32::new(0);
    let told = thread::scope(|scope| {
        let guess = |part: u32| {
            let panel = &panel.daemon.address;
            move || {
                let mut told = BTreeMap::<u16, u32>::new();
                for n in (part..ATTEMPTS).step_by(THREADS as usize) {
                    let status = crate::support::ask_from(
                        address(n),
                        *panel,
                        "POST",
                        SESSION,
                        &attempt(WRONG_PASSWORD),
                    );
                    refused.fetch_add(u32::from(status == 429), Ordering::Relaxed);
                    *told.entry(status).or_default() += 1;
                }
                told
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|part| scope.spawn(guess(part))).collect();
        // While they are refused, a person signs in with a browser that is known.
        crate::support::until("the throttle is at work", || {
            (refused.load(Ordering::Relaxed) > 0).then_some(())
        });
        let signed_in = panel.ask_from(staff, &browser, "POST", SESSION, &attempt(PASSWORD));
        assert_eq!(signed_in.status, 200, "{}", String::from_utf8_lossy(&signed_in.body));
        panel.given(&signed_in);
        let mut all = BTreeMap::<u16, u32>::new();
        for thread in threads {
            thread
                .join()
                .unwrap()
                .into_iter()
                .for_each(|(status, count)| *all.entry(status).or_default() += count);
        }
        all
    });
    println!("{told:?}, peak {before} KiB before, {} KiB after", peak(&panel));
    // Thirty in an hour from all who are not known: one was the staff's own mistake.
    assert_eq!(told.get(&401), Some(&29), "{told:?}");
    assert_eq!(told.get(&429), Some(&(ATTEMPTS - 29)), "{told:?}");
    // Hashing takes 12 MiB, once at a time; nothing grows with the number of addresses.
    assert!(peak(&panel) < before + (8 << 10), "{before} KiB, then {} KiB", peak(&panel));
    assert!(peak(&panel) < 32 << 10);

    // The hour is used up: the known browser does not wait for the strangers.
    let again = panel.ask_from(staff, &browser, "POST", SESSION, &attempt(PASSWORD));
    assert_eq!(again.status, 200, "{}", String::from_utf8_lossy(&again.body));
    panel.given(&again);

    let stranger =
        panel.ask_from(Ipv4Addr::new(127, 9, 9, 9), &Guest::nobody(), "POST", SESSION, &attempt(PASSWORD));
    assert_error(&stranger, 429, "too_many_attempts");
    let wait: u64 = stranger.header("retry-after").unwrap().parse().unwrap();
    assert!(wait <= 3600, "no longer than an hour: {wait}");

    let trail = std::fs::read_to_string(panel.club.path("state/access/audit.jsonl")).unwrap();
    assert!(trail.lines().count() < 60, "told once a minute, not ten thousand times");
}

#[test]
fn the_sixth_guess_from_one_address_waits_and_another_address_does_not() {
    let panel = Panel::guarded();
    let guess = |last, password| {
        panel.ask_from(Ipv4Addr::new(127, 0, 0, last), &Guest::nobody(), "POST", SESSION, &attempt(password))
    };
    for _ in 0..5 {
        assert_error(&guess(9, WRONG_PASSWORD), 401, "wrong_password");
    }
    let refused = guess(9, PASSWORD);
    assert_error(&refused, 429, "too_many_attempts");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((840..=900).contains(&wait), "{wait}");
    let other = guess(10, PASSWORD);
    assert_eq!(other.status, 200);
    panel.given(&other);
}

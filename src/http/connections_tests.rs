use std::time::Duration;

use super::*;

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

/// A table whose clock stands where the test puts it.
struct Table {
    connections: Arc<Connections>,
    begun: Instant,
}

impl Table {
    fn new(most: u16, most_per_address: u16) -> Self {
        Self { connections: Connections::new(&[], most, most_per_address), begun: Instant::now() }
    }

    fn at(&self, second: u64) -> Instant {
        self.begun + Duration::from_secs(second)
    }

    fn admit(&self, last: u8, second: u64) -> Option<Place> {
        self.connections.admit(address(last), self.at(second))
    }

    fn note(&self, place: &Place, steps: &[Step], second: u64) {
        for step in steps {
            place.turn().note(*step, self.at(second));
        }
    }
}

impl Place {
    fn is_let_go(&mut self) -> bool {
        self.asked_to_leave.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }
}

#[test]
fn a_named_proxy_has_as_many_as_all() {
    let proxy = address(1);
    let connections = Connections::new(&[proxy], 3, 1);
    let now = Instant::now();
    let places: Vec<_> = (0..3).map(|_| connections.admit(proxy, now).unwrap()).collect();
    assert!(places.len() == 3 && connections.admit(proxy, now).is_none());
}

#[test]
fn places_are_limited_in_all_and_by_address_and_given_back() {
    let table = Table::new(3, 2);
    let answering = |place: Option<Place>| {
        let place = place.unwrap();
        table.note(&place, &[Step::Asked], 0);
        place
    };
    let first = answering(table.admit(1, 0));
    let mapped = "::ffff:10.0.0.1".parse().unwrap();
    let _second = answering(table.connections.admit(mapped, table.at(0)));
    assert!(table.admit(1, 1).is_none(), "two from one address, however it is written");
    let _third = answering(table.admit(2, 1));
    assert!(table.admit(3, 1).is_none(), "three in all");
    drop(first);
    let _fourth = table.admit(1, 2).unwrap();
    assert_eq!(table.connections.seats.lock().unwrap().taken.len(), 3);
}

#[test]
fn who_has_waited_longest_makes_room_and_the_table_never_grows() {
    let table = Table::new(3, 3);
    let mut places: Vec<_> = (0..20u8).map(|n| table.admit(n, u64::from(n)).unwrap()).collect();
    let let_go: Vec<_> = places.iter_mut().map(Place::is_let_go).collect();
    assert_eq!(let_go, [vec![true; 17], vec![false; 3]].concat());
    assert_eq!(table.connections.seats.lock().unwrap().taken.len(), 3);
    drop(places.drain(..17));
    assert_eq!(table.connections.seats.lock().unwrap().taken.len(), 3, "who has left takes nobody along");
}

#[test]
fn an_idle_connection_counts_from_the_end_of_its_last_answer() {
    let table = Table::new(2, 2);
    let (mut answered, mut silent) = (table.admit(1, 0).unwrap(), table.admit(2, 1).unwrap());
    table.note(&answered, &[Step::Asked], 2);
    table.note(&answered, &[Step::Said, Step::Written], 3);
    let _newcomer = table.admit(3, 4).unwrap();
    assert!(silent.is_let_go());
    let _another = table.admit(3, 5).unwrap();
    assert!(answered.is_let_go());
}

#[test]
fn what_is_being_answered_keeps_its_place_until_all_is_written() {
    let table = Table::new(1, 1);
    let mut place = table.admit(1, 0).unwrap();
    table.note(&place, &[Step::Asked], 0);
    assert!(table.admit(2, 600).is_none(), "a long job");
    table.note(&place, &[Step::Written], 601);
    assert!(table.admit(2, 602).is_none(), "a part of a stream is written");
    table.note(&place, &[Step::Said], 603);
    assert!(table.admit(2, 604).is_none(), "the end is still under way");
    table.note(&place, &[Step::Written], 605);
    let _newcomer = table.admit(2, 606).unwrap();
    assert!(place.is_let_go());
}

#[test]
fn a_reader_who_takes_nothing_for_twenty_seconds_makes_room() {
    let table = Table::new(1, 1);
    let mut place = table.admit(1, 0).unwrap();
    table.note(&place, &[Step::Asked], 0);
    table.note(&place, &[Step::Stalled], 10);
    assert!(table.admit(2, 29).is_none());
    table.note(&place, &[Step::Taken], 29);
    assert!(table.admit(2, 31).is_none(), "it took something");
    table.note(&place, &[Step::Said, Step::Stalled], 40);
    assert!(table.admit(2, 59).is_none());
    let _newcomer = table.admit(2, 60).unwrap();
    assert!(place.is_let_go(), "also at the end of its answer");
}

#[test]
fn a_body_that_does_not_come_keeps_us_waiting_since_it_was_awaited() {
    let table = Table::new(2, 2);
    let (mut trickling, mut silent) = (table.admit(1, 0).unwrap(), table.admit(2, 2).unwrap());
    let asked_twice = [Step::Asked, Step::Said, Step::Written, Step::Asked, Step::BodyAwaited];
    table.note(&trickling, &asked_twice, 1);
    table.note(&trickling, &[Step::BodyAwaited], 9);
    let _newcomer = table.admit(3, 10).unwrap();
    assert!(trickling.is_let_go());
    table.note(&silent, &[Step::Asked, Step::BodyAwaited, Step::BodyEnded], 11);
    let _another = table.admit(3, 12).unwrap();
    assert!(!silent.is_let_go(), "its body has come: it is being answered");
}

#[test]
fn an_address_at_its_limit_takes_a_place_of_its_own() {
    let table = Table::new(9, 2);
    let mut other = table.admit(1, 0).unwrap();
    let (mut first, mut second) = (table.admit(2, 1).unwrap(), table.admit(2, 2).unwrap());
    let _third = table.admit(2, 3).unwrap();
    assert!(first.is_let_go() && !second.is_let_go() && !other.is_let_go());
}

#[test]
fn who_comes_back_at_once_has_waited_since_before() {
    let table = Table::new(2, 2);
    let crowd: Vec<_> = (1..=3).map(|n| table.admit(n, n.into()).unwrap()).collect();
    assert!(table.admit(1, 4).is_none(), "its first connection was let go for the third");
    let mut slow = table.admit(9, 5).unwrap();
    for second in 6..60 {
        assert!(table.admit(1, second).is_none() && table.admit(2, second).is_none());
    }
    assert!(!slow.is_let_go(), "its request had a minute to come");
    drop(crowd);
}

#[test]
fn who_came_back_may_have_the_place_of_one_of_its_own() {
    let table = Table::new(2, 2);
    let (mut first, mut second) = (table.admit(1, 0).unwrap(), table.admit(1, 1).unwrap());
    let _other = table.admit(2, 2).unwrap();
    let _third = table.admit(1, 3).unwrap();
    assert!(first.is_let_go() && second.is_let_go());
}

#[test]
fn who_was_answered_owes_nothing() {
    let table = Table::new(1, 1);
    let mut first = table.admit(1, 0).unwrap();
    let mut second = table.admit(2, 1).unwrap();
    assert!(first.is_let_go() && table.admit(1, 2).is_none());
    table.note(&second, &[Step::Asked, Step::Said, Step::Written], 3);
    let _third = table.admit(3, 4).unwrap();
    assert!(second.is_let_go());
    assert!(table.admit(2, 5).is_some());
}

#[test]
fn an_answer_settles_what_an_address_owed() {
    let table = Table::new(1, 1);
    let first = table.admit(1, 0).unwrap();
    drop(table.admit(2, 1).unwrap());
    let again = table.admit(1, 2).unwrap();
    table.note(&again, &[Step::Asked, Step::Said, Step::Written], 3);
    drop((first, again));
    let mut other = table.admit(3, 4).unwrap();
    let _newcomer = table.admit(1, 5).unwrap();
    assert!(other.is_let_go());
}

#[test]
fn an_answer_settles_what_other_connections_of_the_address_owed() {
    let table = Table::new(3, 3);
    drop([(1, 0), (2, 1), (3, 1), (4, 2)].map(|(last, second)| table.admit(last, second).unwrap()));
    let mut other = table.admit(5, 3).unwrap();
    let (mut indebted, answered) = (table.admit(1, 4).unwrap(), table.admit(1, 5).unwrap());
    table.note(&answered, &[Step::Asked, Step::Said, Step::Written], 6);
    let _newcomer = table.admit(6, 7).unwrap();
    assert!(other.is_let_go() && !indebted.is_let_go());
}

/// A full table of forty: readers who take nothing since one second, nine from each of four
/// addresses, and four who are answered.
fn crowded() -> (Table, Vec<Place>) {
    let table = Table::new(40, 32);
    let places = (0..40u8).map(|n| {
        let place = table.admit(if n < 36 { n / 9 } else { n }, 0).unwrap();
        table.note(&place, &[Step::Asked], 0);
        if n < 36 {
            table.note(&place, &[Step::Stalled], 1);
        }
        place
    });
    let places = places.collect();
    (table, places)
}

#[test]
fn a_crowd_that_takes_nothing_makes_room_at_once_for_who_has_less() {
    let (table, mut crowd) = crowded();
    let newcomers: Vec<_> = (0..3u8).map(|_| table.admit(50, 2).unwrap()).collect();
    assert_eq!(crowd.iter_mut().filter_map(|place| place.is_let_go().then_some(())).count(), 3);
    assert!(crowd[36..].iter_mut().all(|place| !place.is_let_go()), "who is answered keeps his place");
    for place in &newcomers {
        table.note(place, &[Step::Asked], 2);
    }
    assert!(table.admit(1, 3).is_none(), "one of the crowd has enough");
}

#[test]
fn a_throng_that_is_being_answered_makes_room_for_who_has_less_until_it_is_none() {
    let table = Table::new(20, 10);
    let mut throng: Vec<_> = (0..10).map(|second| table.admit(1, second).unwrap()).collect();
    let mut others: Vec<_> = (2..12).map(|last| table.admit(last, 10).unwrap()).collect();
    for place in throng.iter().chain(&others) {
        table.note(place, &[Step::Asked], 10);
    }
    let mut phone = Vec::new();
    for second in 11..13 {
        let place = table.admit(50, second).unwrap();
        table.note(&place, &[Step::Asked], second);
        phone.push(place);
    }
    assert!(throng[..2].iter_mut().all(Place::is_let_go), "the oldest");
    assert!(throng[2..].iter_mut().chain(&mut others).all(|place| !place.is_let_go()));
    assert!(table.admit(51, 13).is_none(), "eight are no throng");
}

#[test]
fn who_has_no_more_than_the_newcomer_would_is_no_crowd() {
    let table = Table::new(4, 4);
    let stalled: Vec<_> = [1, 1, 2, 2].map(|last| table.admit(last, 0).unwrap()).into();
    for place in &stalled {
        table.note(place, &[Step::Asked, Step::Stalled], 0);
    }
    assert!(table.admit(3, 4).is_none(), "they may come back");
    let first = table.admit(3, 5).unwrap();
    table.note(&first, &[Step::Asked], 5);
    assert!(table.admit(3, 6).is_none(), "two have two, as it would");
}

#[test]
fn one_of_a_crowd_takes_no_place_from_who_has_fewer() {
    let (table, mut crowd) = crowded();
    let mut phone = table.admit(50, 2).unwrap();
    for second in 3..10 {
        assert!(table.admit(3, second).is_none());
    }
    assert!(!phone.is_let_go(), "its request may be under way");
    drop(crowd.drain(..));
}

#[test]
fn who_has_more_waits_a_moment_for_the_request_of_who_has_fewer() {
    let table = Table::new(3, 3);
    let places = [1, 1].map(|last| table.admit(last, 0).unwrap());
    for place in &places {
        table.note(place, &[Step::Asked], 0);
    }
    let mut phone = table.admit(2, 5).unwrap();
    assert!(table.admit(1, 5).is_none() && !phone.is_let_go());
    let _third = table.admit(1, 6).unwrap();
    assert!(phone.is_let_go(), "its request had its moment");
}

#[test]
fn the_readers_of_a_named_proxy_are_no_crowd() {
    let proxy = address(1);
    let connections = Connections::new(&[proxy], 9, 9);
    let now = Instant::now();
    let stalled: Vec<_> = (0..9).map(|_| connections.admit(proxy, now).unwrap()).collect();
    for place in &stalled {
        place.turn().note(Step::Asked, now);
        place.turn().note(Step::Stalled, now);
    }
    assert!(connections.admit(address(2), now + Duration::from_secs(10)).is_none());
}

#[tokio::test]
async fn a_connection_that_lost_its_place_ends_at_once() {
    let table = Table::new(1, 1);
    let first = table.admit(1, 0).unwrap();
    let second = table.admit(2, 1).unwrap();
    first.hold(std::future::pending()).await;
    second.hold(std::future::ready(())).await;
    assert!(table.connections.seats.lock().unwrap().taken.is_empty());
}

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::super::connections::{Connections, Place};
use super::*;

/// A connection whose peer is not reading, in the only place of a table.
struct Stalled {
    stream: Patient,
    reader: TcpStream,
    connections: Arc<Connections>,
    begun: Instant,
    _place: Place,
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Stalled {
    async fn new() -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (connections, begun) = (Connections::new(&[], 1, 1), Instant::now());
        let place = connections.admit(HERE, begun).unwrap();
        place.turn().note(Step::Asked, begun);
        let wire = Box::new(listener.accept().await.unwrap().0);
        let mut stream = Patient::new(wire, Language::English, place.turn());
        poll_fn(|cx| {
            while write(&mut stream, cx).is_ready() {}
            Poll::Ready(())
        })
        .await;
        Self { stream, reader, connections, begun, _place: place }
    }

    fn lets_a_newcomer_in(&self, after: Duration) -> bool {
        self.connections.admit(HERE, self.begun + after).is_some()
    }
}

fn write(stream: &mut Patient, cx: &mut Context<'_>) -> Poll<usize> {
    Pin::new(stream).poll_write(cx, &[0; 4096]).map(Result::unwrap)
}

#[tokio::test]
async fn a_reader_who_stops_is_told_to_the_table() {
    let stalled = Stalled::new().await;
    assert!(!stalled.lets_a_newcomer_in(Duration::from_secs(19)));
    assert!(stalled.lets_a_newcomer_in(Duration::from_mins(2)));
}

#[tokio::test]
async fn a_reader_who_goes_on_is_told_to_the_table() {
    let mut stalled = Stalled::new().await;
    let mut buffer = vec![0; 64 << 10];
    let Stalled { stream, reader, .. } = &mut stalled;
    let read = async { while reader.read(&mut buffer).await.is_ok() {} };
    tokio::select! {
        _ = poll_fn(|cx| write(stream, cx)) => {}
        () = read => panic!("the reader failed"),
    }
    assert!(!stalled.lets_a_newcomer_in(Duration::from_mins(2)));
}

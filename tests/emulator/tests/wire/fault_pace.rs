//! Requests and answers that take long, and connections that end between two of them.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use mgprint_emulator::faults::{CloseIdle, Drip, Dripping, Fault, FaultPlan, Match};
use mgprint_emulator::{Cut, Emulator};

use crate::client::{emulator, Client, Upload};

fn plan(emulator: &Emulator, fault: Fault) {
    emulator.plan(FaultPlan { matching: Match::default(), fault });
}

#[tokio::test]
async fn a_body_and_an_answer_drip_and_are_whole() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 2_000).await;
    for (range, what) in [(0..1_000, Dripping::Request), (1_000..1_900, Dripping::Answer)] {
        let size = if what == Dripping::Request { 100 } else { 10 };
        plan(&emulator, Fault::Drip(Drip { bytes: size, every_ms: 10, what }));
        let started = Instant::now();
        let answer = upload.put(&emulator, range.clone()).await;
        assert_eq!(answer.status, 202);
        assert_eq!(answer.gaps(), [format!("{}-1999", range.end)]);
        assert!(started.elapsed() >= Duration::from_millis(60), "{what:?}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn an_idle_connection_ends_without_a_word() {
    let emulator = emulator(|_| {}).await;
    for (how, seen) in [(Cut::Close, ErrorKind::UnexpectedEof), (Cut::Reset, ErrorKind::ConnectionReset)] {
        let upload = Upload::begin(&emulator, 100).await;
        plan(&emulator, Fault::CloseIdle(CloseIdle { after_ms: 20, how }));
        let mut client = Client::connect(&emulator).await;
        let answer = upload.put_on(&mut client, 0..50).await;
        assert_eq!((answer.status, answer.header("connection")), (202, None), "nothing was announced");
        assert_eq!(client.broken().await, seen);
    }
}

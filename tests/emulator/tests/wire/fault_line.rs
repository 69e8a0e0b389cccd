//! Lines that break at every moment of a request.

use std::io::ErrorKind;

use mgprint_emulator::faults::{AnswerPart, CutAnswer, CutConnection, Fault, FaultPlan, KeepLate, LoseRequest, Match};
use mgprint_emulator::{Cut, Emulator};

use crate::client::{bytes, emulator, Client, Upload};

fn plan(emulator: &Emulator, nth: u64, fault: Fault) {
    emulator.plan(FaultPlan { matching: Match { nth, ..Match::default() }, fault });
}

#[tokio::test]
async fn a_connection_breaks_before_or_in_the_head_of_its_request() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let requests = || emulator.journal().snapshot().counts.requests;
    let before = requests();
    for (after_bytes, how, seen) in [
        (0, Cut::Reset, ErrorKind::ConnectionReset),
        (0, Cut::Close, ErrorKind::UnexpectedEof),
        (20, Cut::Reset, ErrorKind::ConnectionReset),
    ] {
        plan(&emulator, 2, Fault::CutConnection(CutConnection { after_bytes, how }));
        assert_eq!(upload.ask(&emulator, "GET").await.status, 200, "the first connection is whole");
        let mut client = Client::connect(&emulator).await;
        if after_bytes > 0 {
            // So many bytes it waits for.
            client.send("GET /uploadSessions/").await;
        }
        assert_eq!(client.broken().await, seen);
    }
    assert_eq!(requests(), before + 3, "no request was read of what was cut");
    assert_eq!(upload.put(&emulator, 0..10).await.status, 201);
}

#[tokio::test]
async fn a_service_without_keep_alive_has_a_connection_for_each_request() {
    let emulator = emulator(|settings| settings.keep_alive = false).await;
    let upload = Upload::begin(&emulator, 10).await;
    let mut client = Client::connect(&emulator).await;
    let answer = upload.put_on(&mut client, 0..5).await;
    assert_eq!((answer.status, answer.header("connection")), (202, Some("close")));
    assert_eq!(client.broken().await, ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_request_is_lost_whole() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    for (how, seen) in [(Cut::Reset, ErrorKind::ConnectionReset), (Cut::Close, ErrorKind::UnexpectedEof)] {
        plan(&emulator, 1, Fault::LoseRequest(LoseRequest { how }));
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&(0..100))).await;
        client.send(bytes(0..100)).await;
        assert_eq!(client.broken().await, seen);
        let last = emulator.journal().snapshot().entries.pop().unwrap();
        assert_eq!((last.fault, last.body_bytes), (Some("loseRequest"), 100));
        assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-99"]);
    }
}

#[tokio::test]
async fn a_range_is_kept_after_its_line_broke_and_the_status_was_told() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    plan(&emulator, 1, Fault::KeepLate(KeepLate { after_ms: 1000, how: Cut::Reset }));
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(0..50))).await;
    client.send(bytes(0..50)).await;
    assert_eq!(client.broken().await, ErrorKind::ConnectionReset);
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-99"]);
    let late = async {
        while upload.ask(&emulator, "GET").await.gaps() != ["50-99"] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), late).await.expect("kept in the end");
    assert_eq!(upload.put(&emulator, 50..100).await.status, 201);
}

#[tokio::test]
async fn an_answer_breaks_off_and_the_bytes_are_kept() {
    let emulator = emulator(|_| {}).await;
    for part in [AnswerPart::Status, AnswerPart::Headers, AnswerPart::Body] {
        let upload = Upload::begin(&emulator, 100).await;
        plan(&emulator, 1, Fault::CutAnswer(CutAnswer { part, how: Cut::Close }));
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&(0..50))).await;
        client.send(bytes(0..50)).await;
        let began = client.rest().await;
        let head = began.split_once("\r\n\r\n");
        match part {
            AnswerPart::Status => assert_eq!(began, "HTTP/1.1 2"),
            AnswerPart::Headers => {
                assert!(
                    began.starts_with("HTTP/1.1 202 Accepted\r\n") && began.len() == 60 && head.is_none(),
                    "{began}"
                );
            }
            AnswerPart::Body => {
                let (head, body) = head.expect("a whole head");
                let length: usize =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
                assert_eq!(body.len(), length / 2);
            }
        }
        assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["50-99"]);
    }
}

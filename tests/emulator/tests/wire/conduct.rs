//! The rules that no single request shows, and the journal that tells who broke them.

use axum::http::StatusCode;
use mgprint_emulator::faults::{Fault, FaultPlan, LoseAnswer, Match, StatusAnswer};
use mgprint_emulator::journal::Outcome;
use mgprint_emulator::{Cut, Emulator};

use crate::client::{bytes, emulator, Client, Upload};

fn on_put(fault: Fault) -> FaultPlan {
    FaultPlan { matching: Match { method: Some("PUT".into()), ..Match::default() }, fault }
}

fn status(code: u16) -> Fault {
    Fault::Status(StatusAnswer::new(StatusCode::from_u16(code).unwrap()))
}

/// The violations found so far, without the numbers of their requests.
fn violations(emulator: &Emulator) -> Vec<String> {
    let journal = emulator.journal().snapshot();
    let words = |line: String| line.split_once(": ").unwrap().1.to_owned();
    journal.violations.into_iter().map(words).collect()
}

const ACKNOWLEDGED: &str = "Bytes were sent again that the service had acknowledged.";
const UNREAD_STATUS: &str =
    "Bytes were sent again without reading the status, though it was unknown whether they had arrived.";

#[tokio::test]
async fn an_upload_by_the_rules_breaks_none() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    emulator.plan(on_put(status(503)));
    assert_eq!(upload.put(&emulator, 0..50).await.status, 503);
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-99"]);
    assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
    emulator.plan(on_put(status(429)));
    assert_eq!(upload.put(&emulator, 50..100).await.status, 429);
    assert_eq!(upload.put(&emulator, 50..100).await.status, 201);
    assert_eq!(violations(&emulator), [""; 0]);
}

#[tokio::test]
async fn bytes_sent_again_after_their_acknowledgement_are_noted() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
    assert_eq!(upload.put(&emulator, 49..100).await.status, 416);
    assert_eq!(violations(&emulator), [ACKNOWLEDGED]);
}

#[tokio::test]
async fn bytes_that_a_status_left_out_count_as_acknowledged() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    lose_the_answer(&emulator, &upload).await;
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["50-99"]);
    assert_eq!(upload.put(&emulator, 0..50).await.status, 416);
    assert_eq!(violations(&emulator), [ACKNOWLEDGED]);
}

#[tokio::test]
async fn bytes_sent_again_without_reading_the_status_are_noted() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    lose_the_answer(&emulator, &upload).await;
    assert_eq!(upload.put(&emulator, 0..50).await.status, 416);
    assert_eq!(violations(&emulator), [UNREAD_STATUS]);

    for code in [408, 500, 502, 503, 504] {
        emulator.reset();
        let upload = Upload::begin(&emulator, 100).await;
        emulator.plan(on_put(status(code)));
        assert_eq!(upload.put(&emulator, 0..50).await.status, code);
        assert_eq!(upload.put(&emulator, 50..100).await.status, 202);
        assert_eq!(violations(&emulator), [""; 0]);
        assert_eq!(upload.put(&emulator, 0..50).await.status, 201);
        assert_eq!(violations(&emulator), [UNREAD_STATUS]);
    }
}

async fn lose_the_answer(emulator: &Emulator, upload: &Upload) {
    emulator.plan(on_put(Fault::LoseAnswer(LoseAnswer { how: Cut::Close })));
    let mut client = Client::connect(emulator).await;
    client.send(upload.head(&(0..50))).await;
    client.send(bytes(0..50)).await;
    client.broken().await;
    let broken = |entry: &mgprint_emulator::journal::Entry| entry.outcome == Outcome::Broken;
    emulator.journal().until(|journal| journal.entries.iter().any(broken)).await;
}

#[tokio::test]
async fn bytes_on_their_way_twice_are_noted() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    let _open = half_a_put(&emulator, &upload).await;
    assert_eq!(upload.put(&emulator, 49..60).await.status, 202);
    assert_eq!(violations(&emulator), ["Bytes were sent that were on their way in another PUT."]);
}

#[tokio::test]
async fn a_put_that_its_client_gave_up_is_not_open_any_more() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    // Left without a pause: whether the service's tasks have noticed yet must make no difference.
    drop(half_a_put(&emulator, &upload).await);
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-99"]);
    assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
    assert_eq!(violations(&emulator), [""; 0]);

    // Its line's close comes behind the question.
    let upload = Upload::begin(&emulator, 100).await;
    let given_up = half_a_put(&emulator, &upload).await;
    let asked = |entry: &mgprint_emulator::journal::Entry| entry.method == "GET" && entry.outcome == Outcome::Open;
    let leave = async {
        emulator.journal().until(|journal| journal.entries.iter().any(asked)).await;
        drop(given_up);
    };
    let (answer, ()) = tokio::join!(upload.ask(&emulator, "GET"), leave);
    assert_eq!(answer.gaps(), ["0-99"]);
    assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
    assert_eq!(violations(&emulator), [""; 0]);

    let upload = Upload::begin(&emulator, 100).await;
    drop(half_a_put(&emulator, &upload).await);
    assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
    assert_eq!(violations(&emulator).len(), 1);
}

/// A PUT of the first 50 bytes of which only 20 were sent.
async fn half_a_put(emulator: &Emulator, upload: &Upload) -> Client {
    let before = emulator.journal().snapshot().counts.put_bytes;
    let mut client = Client::connect(emulator).await;
    client.send(upload.head(&(0..50))).await;
    client.send(bytes(0..20)).await;
    emulator.journal().until(|journal| journal.counts.put_bytes == before + 20).await;
    client
}

#[tokio::test]
async fn a_long_run_is_counted_but_not_remembered_whole() {
    let emulator = emulator(|settings| settings.journal_limit = 3).await;
    let upload = Upload::begin(&emulator, 100).await;
    for at in 0..10 {
        upload.put(&emulator, at..at + 1).await;
    }
    let journal = emulator.journal().snapshot();
    assert_eq!(journal.counts.requests, 11);
    let numbers: Vec<u64> = journal.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [9, 10, 11]);
    assert_eq!(journal.entries[2].content_range.as_deref(), Some("bytes 9-9/100"));
    assert_eq!(journal.entries[2].body_bytes, 1);
}

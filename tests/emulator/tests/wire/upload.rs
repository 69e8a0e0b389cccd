//! Upload sessions: whole documents, by ranges, in every order and to every end.

use std::time::Duration;

use mgprint_emulator::{DocumentState, GoneSession, PartialRange};
use sha2::{Digest, Sha256};

use crate::client::{bytes, emulator, Client, Upload};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn takes_a_document_in_one_put() {
    let emulator = emulator(|_| {}).await;
    for size in [1, 2, 9_999_999] {
        let upload = Upload::begin(&emulator, size).await;
        let answer = upload.put(&emulator, 0..size).await;
        assert_eq!(answer.status, 201);
        let body = answer.json();
        assert_eq!(body["id"], upload.id.as_str());
        assert_eq!(body["documentName"], "Test.pdf");
        assert_eq!(body["contentType"], "application/pdf");
        assert_eq!(body["size"], size);

        let document = emulator.document(&upload.id).unwrap();
        assert_eq!(document.state, DocumentState::Uploaded);
        assert_eq!(document.sha256, Some(sha256(&bytes(0..size))));
        assert_eq!(emulator.document_bytes(&upload.id).unwrap(), Some(bytes(0..size)));
    }
}

#[tokio::test]
async fn takes_ranges_in_any_order_and_lists_what_is_missing() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 1_000_001).await;
    let first = upload.put(&emulator, 500_000..750_000).await;
    assert_eq!((first.status, first.gaps()), (202, vec!["0-499999".into(), "750000-1000000".into()]));
    assert!(first.json().get("uploadUrl").is_none());

    let status = upload.ask(&emulator, "GET").await;
    assert_eq!((status.status, status.gaps()), (200, first.gaps()));
    assert_eq!(status.json()["expirationDateTime"], first.json()["expirationDateTime"]);

    // The last byte alone: what a document is left with whose size is one more than a multiple of the piece.
    assert_eq!(upload.put(&emulator, 1_000_000..1_000_001).await.gaps(), ["0-499999", "750000-999999"]);
    assert_eq!(upload.put(&emulator, 750_000..1_000_000).await.gaps(), ["0-499999"]);
    assert_eq!(upload.put(&emulator, 0..500_000).await.status, 201);
    assert_eq!(emulator.document_bytes(&upload.id).unwrap(), Some(bytes(0..1_000_001)));
}

#[tokio::test]
async fn a_complete_session_is_gone() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    assert_eq!(upload.put(&emulator, 0..10).await.status, 201);
    for method in ["GET", "DELETE"] {
        let answer = upload.ask(&emulator, method).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (404, "ItemNotFound"));
    }
    assert_eq!(upload.put(&emulator, 0..10).await.status, 404);
}

#[tokio::test]
async fn a_deleted_session_is_gone() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let deleted = upload.ask(&emulator, "DELETE").await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    assert_eq!(upload.ask(&emulator, "GET").await.status, 404);
    assert_eq!(upload.put(&emulator, 0..10).await.status, 404);
    assert_eq!(upload.ask(&emulator, "DELETE").await.status, 404);
}

#[tokio::test]
async fn a_session_deleted_under_a_put_takes_none_of_it() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(0..10))).await;
    client.send(bytes(0..5)).await;
    emulator.journal().until(|journal| journal.counts.put_bytes == 5).await;
    assert_eq!(upload.ask(&emulator, "DELETE").await.status, 204);
    client.send(bytes(5..10)).await;
    assert_eq!(client.answer().await.status, 404);
    assert_ne!(emulator.document(&upload.id).unwrap().state, DocumentState::Uploaded);
}

#[tokio::test]
async fn an_expired_session_is_gone() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    assert_eq!(emulator.expire_sessions(&upload.id), 1);
    assert_eq!(upload.ask(&emulator, "GET").await.status, 404);
    emulator.change_settings(|settings| settings.gone_session = GoneSession::Gone);
    assert_eq!(upload.put(&emulator, 0..10).await.status, 410);

    emulator.change_settings(|settings| settings.session_lifetime = Duration::ZERO);
    let stillborn = Upload::begin(&emulator, 10).await;
    assert_eq!(stillborn.ask(&emulator, "GET").await.status, 410);
}

#[tokio::test]
async fn nothing_stays_of_a_range_that_broke_off() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    break_off(&emulator, &upload).await;
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-99"]);
    assert_eq!(upload.put(&emulator, 0..100).await.status, 201);
    assert_eq!(emulator.document_bytes(&upload.id).unwrap(), Some(bytes(0..100)));
}

#[tokio::test]
async fn the_prefix_of_a_range_that_broke_off_stays_when_told_so() {
    let emulator = emulator(|settings| settings.partial_range = PartialRange::PrefixKept).await;
    let upload = Upload::begin(&emulator, 100).await;
    break_off(&emulator, &upload).await;
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["60-99"]);
    assert_eq!(upload.put(&emulator, 60..100).await.status, 201);
    assert_eq!(emulator.document(&upload.id).unwrap().sha256, Some(sha256(&bytes(0..100))));
}

/// Sends 60 of 100 bytes and leaves; returns when the service knows.
async fn break_off(emulator: &mgprint_emulator::Emulator, upload: &Upload) {
    use mgprint_emulator::journal::Outcome;
    let mut client = Client::connect(emulator).await;
    client.send(upload.head(&(0..100))).await;
    client.send(bytes(0..60)).await;
    drop(client);
    let ended = |entry: &mgprint_emulator::journal::Entry| entry.method == "PUT" && entry.outcome == Outcome::Broken;
    emulator.journal().until(|journal| journal.entries.iter().any(ended)).await;
}

#[tokio::test]
async fn discarded_documents_are_hashed_and_forgotten() {
    let emulator = emulator(|settings| settings.keep_documents = false).await;
    let upload = Upload::begin(&emulator, 300).await;
    for range in [200..300, 0..100, 100..200] {
        upload.put(&emulator, range).await;
    }
    assert_eq!(emulator.document(&upload.id).unwrap().sha256, Some(sha256(&bytes(0..300))));
    assert_eq!(emulator.document_bytes(&upload.id).unwrap(), None);
}

#[tokio::test]
async fn unhashed_documents_are_only_counted() {
    let emulator = emulator(|settings| {
        settings.keep_documents = false;
        settings.hash_documents = false;
    })
    .await;
    let upload = Upload::begin(&emulator, 300).await;
    assert_eq!(upload.put(&emulator, 0..300).await.status, 201);
    let document = emulator.document(&upload.id).unwrap();
    assert_eq!((document.size, document.sha256), (Some(300), None));
}

#[tokio::test]
async fn many_documents_share_one_connection() {
    let emulator = emulator(|_| {}).await;
    let mut client = Client::connect(&emulator).await;
    for _ in 0..20 {
        let upload = Upload::begin(&emulator, 50).await;
        assert_eq!(upload.put_on(&mut client, 0..25).await.status, 202);
        assert_eq!(upload.put_on(&mut client, 25..50).await.status, 201);
    }
    let journal = emulator.journal().snapshot();
    let connections = journal.entries.iter().filter(|entry| entry.method == "PUT").map(|entry| entry.connection);
    assert_eq!(connections.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

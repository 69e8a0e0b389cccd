//! Faults on demand.

use std::io::ErrorKind;

use axum::http::StatusCode;
use mgprint_emulator::faults::{CutBody, Fault, FaultPlan, HtmlPage, LoseAnswer, Match, Stall, StatusAnswer};
use mgprint_emulator::journal::{Entry, Outcome, Part};
use mgprint_emulator::{Cut, DocumentState, Emulator, NewDocument, PartialRange};

use crate::client::{bytes, document_path, emulator, get, post, properties, Client, Upload};

fn plan(emulator: &Emulator, matching: Match, fault: Fault) {
    emulator.plan(FaultPlan { matching, fault });
}

fn puts() -> Match {
    Match { method: Some("put".into()), part: Some(Part::Upload), ..Match::default() }
}

fn unavailable() -> Fault {
    Fault::Status(StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE))
}

#[tokio::test]
async fn a_status_answers_in_place_of_the_service() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    plan(&emulator, puts(), unavailable());
    let mut client = Client::connect(&emulator).await;
    let answer = upload.put_on(&mut client, 0..10).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (503, "ServiceUnavailable"));
    assert_eq!(answer.header("retry-after"), None);
    assert_eq!(upload.put_on(&mut client, 0..10).await.status, 201);

    let journal = emulator.journal().snapshot();
    let struck: Vec<_> = journal.entries.iter().map(|entry| entry.fault).collect();
    assert_eq!(struck, [None, Some("status"), None]);
}

#[tokio::test]
async fn a_status_can_carry_any_retry_after_and_body() {
    let emulator = emulator(|_| {}).await;
    let mut fault = StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS);
    fault.retry_after = Some("Fri, 31 Dec 1999 23:59:59 GMT".into());
    fault.body = Some("slow down".into());
    fault.content_type = Some("text/plain".into());
    plan(&emulator, Match::default(), Fault::Status(fault));
    let answer = get(&emulator, "/v1.0/print/printers").await;
    assert_eq!((answer.status, answer.body.as_str()), (429, "slow down"));
    assert_eq!(answer.header("retry-after"), Some("Fri, 31 Dec 1999 23:59:59 GMT"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn an_early_status_comes_before_the_body_is_read() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let mut fault = StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE);
    fault.early = true;
    plan(&emulator, puts(), Fault::Status(fault));
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(0..10))).await;
    assert_eq!(client.answer().await.status, 503);
}

#[tokio::test]
async fn a_page_of_html_answers_in_place_of_graph() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    plan(&emulator, Match::default(), Fault::Html(HtmlPage::default()));
    let path = format!("{}/createUploadSession", document_path(&ids));
    let answer = post(&emulator, &path, &properties(1)).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(emulator.document(&ids.print_document_id).unwrap().sessions_created, 0);
}

#[tokio::test]
async fn the_right_request_is_struck() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    let by_range = Match { range_start: Some(60), ..puts() };
    plan(&emulator, by_range, unavailable());
    let by_count = Match { nth: 2, times: Some(2), ..puts() };
    plan(&emulator, by_count, Fault::Html(HtmlPage::default()));
    let elsewhere = Match { path_contains: Some("no-such-path".into()), times: None, ..Match::default() };
    plan(&emulator, elsewhere, unavailable());

    let mut statuses = Vec::new();
    for start in [0, 20, 20, 20, 40, 60, 60, 80] {
        statuses.push(upload.put(&emulator, start..start + 20).await.status);
        upload.ask(&emulator, "GET").await;
    }
    assert_eq!(statuses, [202, 502, 502, 202, 202, 503, 202, 201]);
    assert_eq!(emulator.pending_faults().len(), 1);
}

#[tokio::test]
async fn a_fault_without_end_strikes_until_it_is_cleared() {
    let emulator = emulator(|_| {}).await;
    let forever = Match { times: None, ..Match::default() };
    plan(&emulator, forever, unavailable());
    for _ in 0..5 {
        assert_eq!(get(&emulator, "/v1.0/print/printers").await.status, 503);
    }
    emulator.reset();
    assert_eq!(get(&emulator, "/v1.0/print/printers").await.status, 200);
}

#[tokio::test]
async fn a_body_is_cut_where_it_was_told_and_forgotten() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 1_000_000).await;
    for (how, seen) in [(Cut::Reset, ErrorKind::ConnectionReset), (Cut::Close, ErrorKind::UnexpectedEof)] {
        plan(&emulator, puts(), Fault::CutBody(CutBody { after_bytes: 300_000, how }));
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&(0..1_000_000))).await;
        client.send(bytes(0..300_001)).await;
        assert_eq!(client.broken().await, seen);
        let journal = emulator.journal().until(|journal| last(&journal.entries).outcome == Outcome::Broken).await;
        let entry = last(&journal.entries);
        assert_eq!((entry.status, entry.fault, entry.body_bytes), (None, Some("cutBody"), 300_000));
        assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-999999"]);
    }
    assert_eq!(upload.put(&emulator, 0..1_000_000).await.status, 201);
}

fn last(entries: &[Entry]) -> &Entry {
    entries.last().unwrap()
}

#[tokio::test]
async fn the_prefix_of_a_cut_body_stays_when_told_so() {
    let emulator = emulator(|settings| settings.partial_range = PartialRange::PrefixKept).await;
    let upload = Upload::begin(&emulator, 100).await;
    let how = Cut::Reset;
    plan(&emulator, puts(), Fault::CutBody(CutBody { after_bytes: 99, how }));
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(0..100))).await;
    client.send(bytes(0..100)).await;
    assert_eq!(client.broken().await, ErrorKind::ConnectionReset);
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["99-99"]);
}

#[tokio::test]
async fn an_answer_is_lost_after_the_bytes_were_kept() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    for (how, range, seen) in
        [(Cut::Reset, 0..50, ErrorKind::ConnectionReset), (Cut::Close, 50..100, ErrorKind::UnexpectedEof)]
    {
        plan(&emulator, puts(), Fault::LoseAnswer(LoseAnswer { how }));
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&range)).await;
        client.send(bytes(range)).await;
        assert_eq!(client.broken().await, seen);
    }
    // The last answer lost was the 201.
    assert_eq!(upload.ask(&emulator, "GET").await.status, 404);
    assert_eq!(emulator.document(&upload.id).unwrap().state, DocumentState::Uploaded);
    assert_eq!(emulator.document_bytes(&upload.id).unwrap(), Some(bytes(0..100)));
}

#[tokio::test]
async fn a_lost_answer_of_graph_leaves_a_session_behind() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    plan(&emulator, Match::default(), Fault::LoseAnswer(LoseAnswer::default()));
    let mut client = Client::connect(&emulator).await;
    let authorization = crate::client::bearer(&emulator);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let path = format!("{}/createUploadSession", document_path(&ids));
    let body = properties(5);
    client.send(crate::client::head("POST", &path, &headers, body.len())).await;
    client.send(body).await;
    assert_eq!(client.broken().await, ErrorKind::ConnectionReset);
    assert_eq!(emulator.document(&ids.print_document_id).unwrap().sessions_created, 1);
}

#[tokio::test]
async fn a_stalled_request_waits_until_its_client_leaves() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 1_000_000).await;
    for after_bytes in [None, Some(1_000)] {
        plan(&emulator, puts(), Fault::Stall(Stall { after_bytes }));
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&(0..100_000))).await;
        client.send(bytes(0..100_000)).await;
        let journal = emulator.journal().until(|journal| last(&journal.entries).fault == Some("stall")).await;
        assert_eq!(last(&journal.entries).outcome, Outcome::Open);
        // Other requests are served meanwhile.
        assert_eq!(get(&emulator, "/v1.0/print/printers").await.status, 200);
        drop(client);
        let ended = |entry: &Entry| entry.fault != Some("stall") || entry.outcome == Outcome::Broken;
        emulator.journal().until(|journal| journal.entries.iter().all(ended)).await;
    }
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-999999"]);
}

#[tokio::test]
async fn shutdown_returns_when_every_connection_is_closed() {
    let emulator = emulator(|_| {}).await;
    let address = emulator.url().strip_prefix("http://").unwrap().to_owned();
    let mut idle = std::net::TcpStream::connect(&address).unwrap();
    emulator.journal().until(|journal| journal.counts.connections == 1).await;
    emulator.shutdown().await;
    idle.set_nonblocking(true).unwrap();
    assert_eq!(std::io::Read::read(&mut idle, &mut [0]).unwrap(), 0);
}

#[tokio::test]
async fn shutdown_ends_a_stalled_request_at_once() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    plan(&emulator, puts(), Fault::Stall(Stall::default()));
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(0..10))).await;
    client.send(bytes(0..10)).await;
    emulator.journal().until(|journal| last(&journal.entries).fault.is_some()).await;
    let url = emulator.url().strip_prefix("http://").unwrap().to_owned();
    emulator.shutdown().await;
    client.broken().await;
    let refused = tokio::net::TcpStream::connect(url).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

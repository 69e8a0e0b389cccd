//! Answers that no honest service gives.

use axum::http::StatusCode;
use mgprint_emulator::faults::{Fault, FaultPlan, Hostile, Match, Measureless};
use mgprint_emulator::Emulator;

use crate::client::{emulator, Client, Upload};

async fn ask(emulator: &Emulator, what: Measureless, amount: u64) -> Client {
    let upload = Upload::begin(emulator, 10).await;
    let fault = Fault::Hostile(Hostile { what, amount, status: StatusCode::OK });
    emulator.plan(FaultPlan { matching: Match::default(), fault });
    let mut client = Client::connect(emulator).await;
    client.send(upload.head(&(0..10))).await;
    client.send([0; 10]).await;
    client
}

#[tokio::test]
async fn bytes_come_with_and_without_their_number() {
    let emulator = emulator(|_| {}).await;
    let answer = ask(&emulator, Measureless::AnnouncedBytes, 3_000_000).await.answer().await;
    assert_eq!((answer.body.len(), answer.body.trim()), (3_000_000, ""));
    let mut client = ask(&emulator, Measureless::Bytes, 3_000_000).await;
    let (head, body) = client.until("\r\n0\r\n\r\n").await;
    assert!(head.contains("transfer-encoding: chunked") && body > 3_000_000, "{head} {body}");
    // What nobody reads to its end.
    let mut client = ask(&emulator, Measureless::AnnouncedBytes, 0).await;
    assert!(client.until("\r\n\r\n").await.0.contains("content-length: 1073741824"));
}

#[tokio::test]
async fn a_small_body_unfolds_to_a_large_one() {
    let emulator = emulator(|_| {}).await;
    let mut client = ask(&emulator, Measureless::CompressedBytes, 50_000_000).await;
    let head = client.until("\r\n\r\n").await.0;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let length: u64 = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(length < 100_000, "{length}");
    let mut unpacked = flate2::read::GzDecoder::new(std::io::Cursor::new(client.exactly(length as usize).await));
    assert_eq!(std::io::copy(&mut unpacked, &mut std::io::sink()).unwrap(), 50_000_000);
}

#[tokio::test]
async fn levels_ranges_and_control_characters_come_in_any_number() {
    let emulator = emulator(|_| {}).await;
    let answer = ask(&emulator, Measureless::Levels, 10_000).await.answer().await;
    assert!(answer.body.ends_with(&format!("{}}}", "]".repeat(10_000))));
    let answer = ask(&emulator, Measureless::Ranges, 1000).await.answer().await;
    assert_eq!((answer.gaps().len(), answer.gaps()[999].as_str()), (1000, "1998-1998"));
    let answer = ask(&emulator, Measureless::Controls, 0).await.answer().await;
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains('\u{202e}'));
}

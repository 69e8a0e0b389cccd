//! A service that is away, and sessions that are not what they were.

use std::time::Duration;

use mgprint_emulator::faults::{End, EndSession, Fault, FaultPlan, ForgetBytes, Match, Outage};
use mgprint_emulator::Emulator;
use tokio::net::TcpStream;

use crate::client::{bytes, emulator, Client, Upload};

fn plan(emulator: &Emulator, fault: Fault) {
    emulator.plan(FaultPlan { matching: Match::default(), fault });
}

#[tokio::test]
async fn an_outage_ends_every_connection_and_refuses_new_ones_for_a_time() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    upload.put(&emulator, 0..50).await;
    let address = emulator.url().strip_prefix("http://").unwrap().to_owned();
    let mut idle = Client::connect(&emulator).await;
    let mut struck = Client::connect(&emulator).await;
    plan(&emulator, Fault::Outage(Outage { for_ms: 300 }));
    struck.send(upload.head(&(50..100))).await;
    struck.broken().await;
    idle.broken().await;
    assert_eq!(TcpStream::connect(&address).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    // It comes back, and knows what it knew.
    let back = async {
        while TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("the service is back");
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["50-99"]);
    assert_eq!(upload.put(&emulator, 50..100).await.status, 201);
}

#[tokio::test]
async fn a_session_expires_or_is_deleted_before_or_after_a_request() {
    for why in [End::Expired, End::Deleted] {
        let emulator = emulator(|_| {}).await;
        let upload = Upload::begin(&emulator, 100).await;
        plan(&emulator, Fault::EndSession(EndSession { why, after: true }));
        assert_eq!(upload.put(&emulator, 0..50).await.status, 202);
        assert_eq!(upload.put(&emulator, 50..100).await.status, 404);

        let upload = Upload::begin(&emulator, 100).await;
        plan(&emulator, Fault::EndSession(EndSession { why, after: false }));
        assert_eq!(upload.put(&emulator, 0..50).await.status, 404);
        assert_eq!(upload.ask(&emulator, "GET").await.status, 404);
    }
}

#[tokio::test]
async fn forgotten_bytes_are_taken_again_and_the_digest_is_that_of_what_stays() {
    use sha2::{Digest, Sha256};
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    upload.put(&emulator, 0..60).await;
    plan(&emulator, Fault::ForgetBytes(ForgetBytes { bytes: Some([10, 30]) }));
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["10-29", "60-99"]);
    assert_eq!(upload.put(&emulator, 60..100).await.status, 202);
    // Others than before: what is there at the end counts.
    let mut client = Client::connect(&emulator).await;
    client.send(upload.head(&(10..30))).await;
    client.send([7; 20]).await;
    assert_eq!(client.answer().await.status, 201);
    let whole = [bytes(0..10), vec![7; 20], bytes(30..100)].concat();
    assert_eq!(emulator.document_bytes(&upload.id).unwrap().as_deref(), Some(whole.as_slice()));
    let digest: String = Sha256::digest(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(emulator.document(&upload.id).unwrap().sha256, Some(digest));
    assert_eq!(emulator.journal().snapshot().counts.violations, 0);
}

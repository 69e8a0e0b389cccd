//! Print jobs from creation to printing.

use mgprint_emulator::NewDocument;
use serde_json::json;

use crate::client::{bytes, emulator, get, head, post, properties, Client};

#[tokio::test]
async fn a_job_waits_for_its_document_and_then_starts() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let jobs = format!("/v1.0/print/printers/{}/jobs", ids.printer_id);

    let answer = post(&emulator, &jobs, br#"{"configuration":{"copies":2}}"#).await;
    assert_eq!(answer.status, 201);
    let job = answer.json();
    assert_eq!(job["status"]["state"], "paused");
    assert_eq!(job["status"]["details"], json!(["uploadPending"]));
    assert_eq!(job["configuration"], json!({"copies": 2}));
    assert!(job["@odata.context"].as_str().unwrap().ends_with("/jobs/$entity"));

    let job_path = format!("{jobs}/{}", job["id"].as_str().unwrap());
    let document = job["documents"][0]["id"].as_str().unwrap();
    let document_path = format!("{job_path}/documents/{document}");
    let early = post(&emulator, &format!("{job_path}/start"), b"").await;
    assert_eq!((early.status, early.error().0.as_str()), (409, "Conflict"));

    let answer = post(&emulator, &format!("{document_path}/createUploadSession"), &properties(3)).await;
    let url = answer.json()["uploadUrl"].as_str().unwrap().to_owned();
    let target = url.strip_prefix(emulator.url()).unwrap();
    let mut client = Client::connect(&emulator).await;
    client.send(head("PUT", target, &[("Content-Range", "bytes 0-2/3")], 3)).await;
    client.send(bytes(0..3)).await;
    assert_eq!(client.answer().await.status, 201);

    let started = post(&emulator, &format!("{job_path}/start"), b"").await;
    assert_eq!((started.status, started.json()["state"].as_str()), (200, Some("processing")));
    assert_eq!(get(&emulator, &job_path).await.json()["status"]["state"], "processing");
    assert_eq!(get(&emulator, &document_path).await.json()["size"], 3);
    assert_eq!(get(&emulator, &format!("{job_path}/documents")).await.json()["value"][0]["displayName"], "Test.pdf");

    let late = post(&emulator, &format!("{document_path}/createUploadSession"), &properties(3)).await;
    assert_eq!(late.status, 409);
    let cancel = format!("{job_path}/cancel");
    assert_eq!(post(&emulator, &cancel, b"").await.status, 204);
    assert_eq!(post(&emulator, &cancel, b"").await.status, 409);
}

#[tokio::test]
async fn a_job_can_be_created_on_a_share() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let jobs = format!("/v1.0/print/shares/{}/jobs", ids.printer_share_id);
    let job = post(&emulator, &jobs, b"{}").await;
    assert_eq!(job.status, 201);
    let path = format!("{jobs}/{}", job.json()["id"].as_str().unwrap());
    assert_eq!(get(&emulator, &path).await.json().get("documents"), None);
    let shown = get(&emulator, &format!("{path}?$expand=documents")).await.json();
    assert_eq!(shown["documents"], job.json()["documents"]);
    let context = shown["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("#print/shares/jobs/$entity"));

    for wrong in [br#"{"configuration":[]}"#.as_slice(), br#"{"displayName":"x"}"#] {
        assert_eq!(post(&emulator, &jobs, wrong).await.status, 400);
    }
}

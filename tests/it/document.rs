//! Documents sent in one operation: the session is created, or known from a resume file, and the bytes follow.

use std::path::PathBuf;
use std::sync::Arc;

use crate::common::{fault, Stage, TestFile};
use bytes::Bytes;
use http::StatusCode;
use mgprint::document::send;
use mgprint::http::headers::UploadHeaders;
use mgprint::session::create_session_request;
use mgprint::{Error, ErrorKind, MemorySource, Parent, Request, ResumeFile, UploadOptions, Uploaded};
use mgprint_emulator::faults::{CutBody, Drip, Dripping, Fault, Stall, StatusAnswer};

const PIECE: u64 = 100_000;

fn request(stage: &Stage, parent: Parent) -> Request {
    let ids = &stage.ids;
    let parent_id = if parent == Parent::Share { &ids.printer_share_id } else { &ids.printer_id };
    let body = r#"{"properties":{"contentType":"application/pdf","documentName":"Bericht 'ä'.pdf"}}"#;
    create_session_request(
        &stage.client,
        parent,
        parent_id,
        &ids.print_job_id,
        &ids.print_document_id,
        Bytes::from_static(body.as_bytes()),
    )
    .expect("a request")
}

async fn deliver(stage: &Stage, file: &TestFile, options: &UploadOptions) -> Result<Uploaded, Error> {
    send(&stage.client, &request(stage, Parent::Printer), file.path(), options).await
}

fn refusal(status: u16) -> Fault {
    Fault::Status(StatusAnswer::new(StatusCode::from_u16(status).unwrap()))
}

#[tokio::test]
async fn a_document_arrives_without_a_question_asked() {
    for parent in [Parent::Printer, Parent::Share] {
        let (stage, file) = (Stage::new().await, TestFile::new(10 * PIECE + 1));
        let options = stage.options(PIECE, 4);
        let sent = send(&stage.client, &request(&stage, parent), file.path(), &options).await.expect("delivered");
        assert!(sent.confirmed);
        assert_eq!(sent.bytes_sent, file.size);
        assert_eq!(stage.requests("GET"), Vec::<Option<String>>::new(), "the session is known to be empty");
        assert_eq!(stage.document().document_name.as_deref(), Some("Bericht 'ä'.pdf"));
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn what_cannot_be_sent_creates_no_session() {
    let (stage, empty) = (Stage::new().await, TestFile::new(0));
    let error = deliver(&stage, &empty, &stage.options(PIECE, 4)).await.expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::SourceEmpty);
    let nothing = Arc::new(MemorySource::new(Vec::new()));
    let error = send(&stage.client, &request(&stage, Parent::Printer), nothing, &stage.options(PIECE, 4))
        .await
        .expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::SourceEmpty);
    assert_eq!(stage.journal().entries.len(), 0);
}

#[tokio::test]
async fn a_session_that_nobody_can_go_on_with_is_cancelled() {
    let (stage, file) = (Stage::new().await, TestFile::new(3 * PIECE));
    let mut end = fault("PUT", refusal(409));
    end.matching.nth = 2;
    stage.plan(end);
    let error = deliver(&stage, &file, &stage.options(PIECE, 1)).await.expect_err("409");
    assert_eq!(error.http_status(), Some(409));
    assert!(!error.is_resumable() && error.next_step().contains("sends the whole document"), "{}", error.next_step());
    assert_eq!(stage.requests("DELETE").len(), 1);
    stage.assert_well_behaved();

    deliver(&stage, &file, &stage.options(PIECE, 1)).await.expect("begun anew");
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_session_of_a_call_that_is_dropped_is_cancelled_too() {
    let (stage, file) = (Stage::new().await, TestFile::new(PIECE));
    stage.plan(fault("PUT", Fault::Stall(Stall::default())));
    let options = stage.options(PIECE, 1);
    tokio::select! {
        sent = deliver(&stage, &file, &options) => panic!("{sent:?}"),
        _ = stage.emulator.journal().until(|journal| journal.entries.iter().any(|entry| entry.method == "PUT")) => {}
    }
    stage
        .emulator
        .journal()
        .until(|journal| journal.entries.iter().any(|entry| entry.method == "DELETE" && entry.status == Some(204)))
        .await;
    assert_eq!(stage.requests("DELETE").len(), 1);
}

#[tokio::test]
async fn a_session_that_is_created_for_a_call_that_was_dropped_is_cancelled_too() {
    let (stage, file) = (Stage::new().await, TestFile::new(PIECE));
    // The session is there, and the response that names it is on its way.
    stage.plan(fault("POST", Fault::Drip(Drip { bytes: 50, every_ms: 20, what: Dripping::Answer })));
    let options = stage.options(PIECE, 1);
    tokio::select! {
        sent = deliver(&stage, &file, &options) => panic!("{sent:?}"),
        _ = stage.emulator.journal().until(|journal| journal.entries.iter().any(|entry| entry.method == "POST")) => {}
    }
    stage
        .emulator
        .journal()
        .until(|journal| journal.entries.iter().any(|entry| entry.method == "DELETE" && entry.status == Some(204)))
        .await;
    assert_eq!(stage.puts(), Vec::<String>::new());
}

#[tokio::test]
async fn with_a_resume_file_the_same_call_goes_on() {
    let (stage, file, folder) = (Stage::new().await, TestFile::new(5 * PIECE), tempfile::tempdir().unwrap());
    let resume =
        ResumeFile { path: folder.path().join("job.resume"), identity: "printers/p/jobs/j/documents/d".into() };
    let options = UploadOptions { resume: Some(resume.clone()), ..stage.options(PIECE, 1) };
    let mut end = fault("PUT", refusal(409));
    end.matching.nth = 3;
    stage.plan(end);
    let error = deliver(&stage, &file, &options).await.expect_err("409");
    assert!(error.is_resumable() && error.next_step().contains("same command"), "{}", error.next_step());
    assert_eq!(stage.requests("DELETE").len(), 0);

    let sent = deliver(&stage, &file, &options).await.expect("gone on");
    assert_eq!(sent.bytes_sent, 3 * PIECE);
    let created = stage.journal().entries.iter().filter(|entry| entry.method == "POST").count();
    assert_eq!(created, 1, "the session of the first call is used");
    assert!(!resume.path.exists());
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_resume_file_that_cannot_be_written_costs_no_session() {
    let (stage, file) = (Stage::new().await, TestFile::new(PIECE));
    let resume = ResumeFile { path: PathBuf::from("/nonexistent/job.resume"), identity: String::new() };
    let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
    let error = deliver(&stage, &file, &options).await.expect_err("no such folder");
    assert_eq!(error.kind(), ErrorKind::ResumeFileFailed);
    assert_eq!(stage.journal().entries.len(), 0, "nothing is sent before the folder was tried");
}

#[tokio::test]
async fn a_document_whose_session_expired_starts_over_with_a_new_one() {
    let (stage, file, folder) = (Stage::new().await, TestFile::new(5 * PIECE), tempfile::tempdir().unwrap());
    let resume = ResumeFile { path: folder.path().join("job.resume"), identity: String::new() };
    let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
    let mut end = fault("PUT", refusal(409));
    end.matching.nth = 3;
    stage.plan(end);
    deliver(&stage, &file, &options).await.expect_err("409");
    stage.emulator.expire_sessions(&stage.ids.print_document_id);
    let sent = deliver(&stage, &file, &options).await.expect("in a new session");
    assert_eq!(sent.bytes_sent, 5 * PIECE);
    let warnings = stage.observed.warnings();
    assert!(
        matches!(&warnings[..], [warning] if warning.contains("Starting over with a new upload session")),
        "{warnings:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no resume file is left");
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_session_that_is_not_created_leaves_no_resume_file() {
    let (stage, file, folder) = (Stage::new().await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let resume = ResumeFile { path: folder.path().join("job.resume"), identity: String::new() };
    let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
    stage.plan(fault("POST", refusal(403)));
    deliver(&stage, &file, &options).await.expect_err("403");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_the_service_refuses_for_good_is_not_advised_to_be_run_again() {
    for status in [400, 403] {
        let (stage, file, folder) = (Stage::new().await, TestFile::new(2 * PIECE), tempfile::tempdir().unwrap());
        let resume = ResumeFile { path: folder.path().join("job.resume"), identity: String::new() };
        let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
        stage.plan(fault("PUT", refusal(status)));
        let error = deliver(&stage, &file, &options).await.expect_err("refused");
        assert!(
            !error.is_resumable() && !error.next_step().contains("same command again: it goes on"),
            "{}",
            error.next_step()
        );
    }
}

#[tokio::test]
async fn a_file_that_changed_since_is_told_with_the_resume_file_to_delete() {
    let (stage, file, folder) = (Stage::new().await, TestFile::new(5 * PIECE), tempfile::tempdir().unwrap());
    let resume = ResumeFile { path: folder.path().join("job.resume"), identity: String::new() };
    let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
    stage.plan(fault("PUT", refusal(409)));
    deliver(&stage, &file, &options).await.expect_err("409");
    std::fs::write(file.path(), vec![7; 4 * PIECE as usize]).unwrap();
    let error = deliver(&stage, &file, &options).await.expect_err("another size");
    assert_eq!(error.kind(), ErrorKind::SourceChanged);
    assert!(error.next_step().contains("job.resume' and run the same command again"), "{}", error.next_step());
}

#[tokio::test]
async fn a_command_that_creates_its_session_itself_is_not_told_to_create_one() {
    for status in [400, 401, 403] {
        let (stage, file, folder) = (Stage::new().await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
        let resume = ResumeFile { path: folder.path().join("job.resume"), identity: String::new() };
        let options = UploadOptions { resume: Some(resume), ..stage.options(PIECE, 1) };
        stage.plan(fault("PUT", refusal(status)));
        let error = deliver(&stage, &file, &options).await.expect_err("refused");
        assert!(!error.next_step().contains("new upload session"), "{status}: {}", error.next_step());
    }
}

#[tokio::test]
async fn a_session_that_is_gone_is_told_with_the_command_to_run_again() {
    let (stage, file) = (Stage::new().await, TestFile::new(2 * PIECE));
    stage.plan(fault("PUT", refusal(404)));
    let error = deliver(&stage, &file, &stage.options(PIECE, 1)).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    assert!(error.next_step().contains("run the command again"), "{}", error.next_step());
}

#[tokio::test]
async fn headers_of_the_caller_s_reach_the_upload_url_and_its_token_does_not() {
    let (stage, file) = (Stage::new().await, TestFile::new(2 * PIECE));
    let mut request = request(&stage, Parent::Printer);
    request.add_header("X-Trace", "graph").unwrap();
    request.add_header("Authorization", &format!("Bearer {}", stage.emulator.token())).unwrap();
    let mut headers = UploadHeaders::default();
    headers.add("X-Trace", "upload").unwrap();
    for name in ["Authorization", "Cookie", "Content-Range", "Host", "a b"] {
        assert_eq!(headers.add(name, "x").expect_err(name).kind(), ErrorKind::InvalidHeader);
    }
    let mut options = stage.options(PIECE, 1);
    options.call.upload_headers = headers;
    // One GET of the status too.
    stage.plan(fault("PUT", Fault::CutBody(CutBody { after_bytes: 10, ..CutBody::default() })));
    send(&stage.client, &request, file.path(), &options).await.expect("delivered");
    let journal = stage.journal();
    let traces: Vec<_> = journal.entries.iter().map(|e| (e.method.as_str(), e.header("x-trace"))).collect();
    assert!(traces.contains(&("GET", Some("upload"))), "{traces:?}");
    assert!(traces.iter().all(|&(method, trace)| trace == Some(if method == "POST" { "graph" } else { "upload" })));
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn more_than_the_service_prints_is_a_warning_and_no_refusal() {
    let stage = Stage::new().await;
    let file = tempfile::NamedTempFile::with_suffix(".pdf").unwrap();
    file.as_file().set_len(1_000_000_001).unwrap();
    // The first range ends it: what is looked at is the warning.
    stage.plan(fault("PUT", refusal(413)));
    let error = send(&stage.client, &request(&stage, Parent::Printer), file.path(), &stage.options(PIECE, 1))
        .await
        .expect_err("413");
    assert_eq!(error.http_status(), Some(413));
    assert!(error.next_step().contains("smaller chunk size"), "{}", error.next_step());
    assert!(matches!(&stage.observed.warnings()[..], [warning] if warning.contains("1 GB")));

    // A service that refuses such a session is asked after the warning.
    stage.plan(fault("POST", refusal(413)));
    let request = request(&stage, Parent::Printer);
    let error = send(&stage.client, &request, file.path(), &stage.options(PIECE, 1)).await.expect_err("413");
    // There are no ranges yet that could be smaller.
    assert!(!error.next_step().contains("chunk size"), "{}", error.next_step());
    assert_eq!(stage.observed.warnings().len(), 2);
}

#[tokio::test]
async fn a_large_document_is_said_to_be_worth_a_resume_file_before_it_is_sent() {
    for (size, is_said) in [(100_000_000, false), (100_000_001, true)] {
        let (stage, folder) = (Stage::new().await, tempfile::tempdir().unwrap());
        let path = folder.path().join("large.pdf");
        std::fs::File::create(&path).unwrap().set_len(size).unwrap();
        stage.plan(fault("POST", refusal(403)));
        send(&stage.client, &request(&stage, Parent::Printer), &path, &stage.options(PIECE, 1)).await.expect_err("403");
        assert_eq!(stage.observed.texts().contains("With a resume file"), is_said, "{size}");
    }
}

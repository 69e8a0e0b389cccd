//! Documents go to the service whole, in ranges, and go on after whatever happened.

use std::time::Duration;

use crate::common::{client, fault, Stage, TestFile};
use http::StatusCode;
use mgprint::session::upload_session_status;
use mgprint::{ErrorKind, Event, UploadOptions, UploadUrl};
use mgprint_emulator::faults::{CutBody, Fault, HtmlPage, LoseAnswer, Stall, StatusAnswer};
use mgprint_emulator::journal::Snapshot;
use mgprint_emulator::{GoneSession, PartialRange, Settings};

const RANGE: u64 = 8_192_000;

#[tokio::test]
async fn documents_of_every_edge_size_arrive() {
    for size in [1, 2, 199_999, RANGE - 1, RANGE, RANGE + 1, 4_533_322, 2 * RANGE + 1] {
        let (stage, file) = (Stage::new().await, TestFile::new(size));
        let session = stage.session(size).await;
        let uploaded = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect("delivered");
        assert!(uploaded.confirmed);
        assert_eq!((uploaded.bytes_total, uploaded.bytes_sent, uploaded.retries), (size, size, 0));
        let answer = uploaded.response.expect("the service's answer");
        assert!(String::from_utf8_lossy(&answer.body).contains("TestFile.pdf"));
        assert_eq!(stage.puts().len() as u64, size.div_ceil(RANGE));
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_hundred_million_bytes_go_in_parallel_and_in_flat_pieces() {
    let (stage, file) = (Stage::new().await, TestFile::new(100_000_000));
    let session = stage.session(file.size).await;
    stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect("delivered");
    stage.assert_arrived(&file);
    assert_eq!(stage.puts().len(), 13);
}

#[tokio::test]
async fn one_at_a_time_is_one_at_a_time() {
    let (stage, file) = (Stage::new().await, TestFile::new(1_000_000));
    let session = stage.session(file.size).await;
    stage.upload(&session, file.path(), &stage.options(100_000, 1)).await.expect("delivered");
    assert_eq!(stage.journal().counts.most_puts_open, 1);
    assert_eq!(stage.puts()[9], "bytes 900000-999999/1000000");
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn resumes_what_another_upload_began() {
    let (stage, file) = (Stage::new().await, TestFile::new(1_000_000));
    let session = stage.session(file.size).await;
    // The first upload gets three ranges through, then meets an answer that ends it.
    let mut end = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
    end.matching.nth = 4;
    stage.plan(end);
    let error = stage.upload(&session, file.path(), &stage.options(100_000, 1)).await.expect_err("409");
    assert_eq!((error.kind(), error.http_status(), error.is_resumable()), (ErrorKind::RequestFailed, Some(409), true));

    let uploaded = stage.upload(&session, file.path(), &stage.options(100_000, 4)).await.expect("resumed");
    assert_eq!(uploaded.bytes_sent, 700_000);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn resumes_after_a_lost_answer() {
    for concurrency in [1, 4] {
        let (stage, file) = (Stage::new().await, TestFile::new(1_000_000));
        let session = stage.session(file.size).await;
        let mut lost = fault("PUT", Fault::LoseAnswer(LoseAnswer::default()));
        lost.matching.nth = 3;
        stage.plan(lost);
        let uploaded =
            stage.upload(&session, file.path(), &stage.options(100_000, concurrency)).await.expect("resumed");
        assert_eq!((uploaded.bytes_sent, uploaded.retries), (1_000_000, 1), "what was kept is not sent again");
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn resumes_after_a_line_that_was_cut_in_a_body() {
    for (concurrency, kept) in [
        (1, PartialRange::Forgotten),
        (4, PartialRange::Forgotten),
        (1, PartialRange::PrefixKept),
        (4, PartialRange::PrefixKept),
    ] {
        let stage = Stage::with(Settings { partial_range: kept, ..Settings::default() }).await;
        let file = TestFile::new(30_000_000);
        let session = stage.session(file.size).await;
        let mut cut = fault("PUT", Fault::CutBody(CutBody { after_bytes: 3_000_000, ..CutBody::default() }));
        cut.matching.nth = 2;
        stage.plan(cut);
        let uploaded = stage.upload(&session, file.path(), &stage.options(RANGE, concurrency)).await.expect("resumed");
        assert!(uploaded.confirmed);
        assert_eq!(stage.observed.retries(), 1);
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn waits_as_long_as_the_service_asks() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    let busy = StatusAnswer { retry_after: Some("1".to_owned()), ..StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE) };
    stage.plan(fault("PUT", Fault::Status(busy)));
    let uploaded = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect("delivered");
    assert!(uploaded.elapsed >= Duration::from_secs(1));
    let waits: Vec<Duration> = stage
        .observed
        .events()
        .iter()
        .filter_map(|event| if let Event::Retry { delay, .. } = event { Some(*delay) } else { None })
        .collect();
    assert_eq!(waits, [Duration::from_secs(1)]);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_wait_that_nobody_would_wait_ends_with_when_to_come_back() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    let busy =
        StatusAnswer { retry_after: Some("7200".to_owned()), ..StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS) };
    stage.plan(fault("PUT", Fault::Status(busy)));
    let error = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect_err("429");
    assert!(error.message().contains("tried again in 2 hours"), "{error}");
    assert!(error.is_resumable());
}

#[tokio::test]
async fn gives_up_when_nothing_helps_and_tells_how_to_go_on() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    let mut broken = fault(
        "PUT",
        Fault::Status(StatusAnswer { retry_after: Some("0".to_owned()), ..StatusAnswer::new(StatusCode::BAD_GATEWAY) }),
    );
    broken.matching.times = None;
    stage.plan(broken);
    let mut options = stage.options(RANGE, 4);
    options.call.max_retry = Some(2);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("502 for ever");
    assert_eq!((error.kind(), error.http_status(), error.is_resumable()), (ErrorKind::RequestFailed, Some(502), true));
    assert!(error.message().contains("after 2 retries") && error.message().contains("has 0 of 1000 bytes"), "{error}");
    assert!(error.next_step().contains("same upload URL"));
    stage.assert_well_behaved();
}

#[tokio::test]
async fn a_lost_last_answer_is_complete_but_unconfirmed() {
    for gone in [GoneSession::NotFound, GoneSession::Gone] {
        let stage = Stage::with(Settings { gone_session: gone, ..Settings::default() }).await;
        let file = TestFile::new(250_000);
        let session = stage.session(file.size).await;
        let mut lost = fault("PUT", Fault::LoseAnswer(LoseAnswer::default()));
        lost.matching.range_start = Some(200_000);
        stage.plan(lost);
        let uploaded = stage.upload(&session, file.path(), &stage.options(100_000, 1)).await.expect("complete");
        assert!(!uploaded.confirmed);
        assert!(uploaded.response.is_none());
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_is_no_success() {
    let (stage, file) = (Stage::new().await, TestFile::new(250_000));
    let session = stage.session(file.size).await;
    let mut lost = fault("PUT", Fault::CutBody(CutBody { after_bytes: 10, ..CutBody::default() }));
    lost.matching.range_start = Some(200_000);
    stage.plan(lost);
    let mut gone = fault("GET", Fault::Status(StatusAnswer::new(StatusCode::NOT_FOUND)));
    gone.matching.nth = 2;
    stage.plan(gone);
    let outcome = stage.upload(&session, file.path(), &stage.options(100_000, 1)).await;
    // 50,000 bytes fit the line's buffers, so the connection may have taken them all before it broke: then nobody
    // knows, and that is what is said.
    match outcome {
        Err(error) => assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SessionGone, false)),
        Ok(uploaded) => assert!(!uploaded.confirmed),
    }
}

#[tokio::test]
async fn an_expired_session_is_said_to_be_gone() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.emulator.expire_sessions(&stage.ids.print_document_id);
    let error = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect_err("expired");
    assert_eq!(error.kind(), ErrorKind::SessionGone);
    assert!(error.next_step().contains("new upload session"), "{}", error.next_step());
    assert!(stage.puts().is_empty());
}

#[tokio::test]
async fn a_size_that_contradicts_the_session_sends_nothing() {
    let stage = Stage::new().await;
    let session = stage.session(500_000).await;
    for size in [100, 499_998, 500_001, 900_000] {
        let file = TestFile::new(size);
        let error = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect_err("another size");
        assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SizeMismatch, true), "{size}: {error}");
    }
    // One byte less cannot be told from a list that ends one past the end, unless the size is known.
    let file = TestFile::new(499_999);
    let mut options = stage.options(RANGE, 4);
    options.expected_size = Some(500_000);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("another size");
    assert_eq!(error.kind(), ErrorKind::SizeMismatch);
    assert!(stage.puts().is_empty());

    let file = TestFile::new(500_000);
    stage.upload(&session, file.path(), &options).await.expect("the session is as good as new");
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_range_that_is_there_already_is_not_fatal() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    let mut there = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::RANGE_NOT_SATISFIABLE)));
    there.matching.nth = 2;
    stage.plan(there);
    let uploaded = stage.upload(&session, file.path(), &stage.options(100_000, 2)).await.expect("delivered");
    assert!(uploaded.confirmed);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_page_of_html_acknowledges_nothing() {
    for status in [StatusCode::OK, StatusCode::CREATED] {
        let (stage, file) = (Stage::new().await, TestFile::new(1000));
        let session = stage.session(file.size).await;
        stage.plan(fault("PUT", sign_in_page(status)));
        let uploaded = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect("delivered");
        assert_eq!((uploaded.confirmed, uploaded.bytes_sent, uploaded.retries), (true, 2000, 1));
        assert!(stage.observed.texts().contains("'<html>Please sign in</html>'"), "{}", stage.observed.texts());
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_page_of_html_that_refuses_is_a_refusal() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", sign_in_page(StatusCode::FORBIDDEN)));
    let error = stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect_err("HTML");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::UnexpectedResponse, true));
    assert!(error.message().contains("'<html>Please sign in</html>'"), "{error}");
}

fn sign_in_page(status: StatusCode) -> Fault {
    Fault::Html(HtmlPage { status, body: "<html>Please sign in</html>".to_owned() })
}

#[tokio::test]
async fn silence_ends_a_try_and_not_the_upload() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::Stall(Stall::default())));
    let mut options = stage.options(100_000, 1);
    options.call.idle_timeout = Duration::from_millis(300);
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
    assert_eq!(uploaded.retries, 1);
    assert!(stage.observed.texts().contains("was silent for 300 ms"), "{}", stage.observed.texts());
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_file_that_changes_is_never_completed() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    // The second range stalls until the file has grown; the third would complete the document.
    let mut stalled = fault("PUT", Fault::Stall(Stall::default()));
    stalled.matching.nth = 2;
    stage.plan(stalled);
    let mut options = stage.options(100_000, 1);
    options.call.idle_timeout = Duration::from_millis(500);
    let upload = stage.upload(&session, file.path(), &options);
    let change = async {
        stage
            .emulator
            .journal()
            .until(|journal| journal.entries.iter().filter(|entry| entry.method == "PUT").count() == 2)
            .await;
        std::fs::OpenOptions::new().append(true).open(file.path()).unwrap().set_len(300_001).unwrap();
    };
    let (outcome, ()) = tokio::join!(upload, change);
    let error = outcome.expect_err("the file changed");
    assert_eq!(error.kind(), ErrorKind::SourceChanged);
    assert!(error.message().contains("was 300000 bytes and is 300001 bytes now"), "{error}");
    assert_eq!(stage.document().sha256, None, "the document must not be complete");
}

#[tokio::test]
async fn no_network_is_one_clear_error() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let endpoint = format!("http://127.0.0.1:{port}");
    let client = client(&endpoint, None);
    let url =
        UploadUrl::parse(&format!("{endpoint}/uploadSessions/x?tempauthtoken=CANARY"), client.endpoint()).unwrap();
    let mut options = mgprint::UploadOptions::default();
    options.call.max_retry = Some(1);
    let file = TestFile::new(10);
    let error = mgprint::upload(&client, &url, file.path(), &options).await.expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(error.message().contains(&format!("127.0.0.1:{port} could not be reached")), "{error}");
    assert!(!format!("{error:?} {error}").contains("CANARY"));
}

#[tokio::test]
async fn progress_reaches_the_whole_and_tells_no_secret() {
    let (stage, file) = (Stage::new().await, TestFile::new(20_000_000));
    let created = stage.try_session(file.size).await.expect("a session");
    let session = created.upload_url(&stage.client).expect("a good address");
    stage.plan(fault("PUT", Fault::LoseAnswer(LoseAnswer::default())));
    stage.upload(&session, file.path(), &stage.options(RANGE, 4)).await.expect("delivered");
    let last = stage.observed.events().into_iter().rev().find_map(|event| match event {
        Event::Progress { bytes_done, bytes_total, .. } => Some((bytes_done, bytes_total)),
        _ => None,
    });
    assert_eq!(last, Some((file.size, file.size)));

    let answer: serde_json::Value = serde_json::from_slice(&created.response.body).unwrap();
    let secret = answer["uploadUrl"].as_str().unwrap().split("tempauthtoken=").nth(1).unwrap().to_owned();
    let texts = stage.observed.texts();
    assert!(texts.contains("HTTP REQUEST") && texts.contains("?…"), "the debug log is on");
    assert!(!texts.contains(&secret), "the upload URL's secret is in the log");
    assert!(!texts.contains(stage.emulator.token()), "the token is in the log");
}

#[tokio::test]
async fn a_fresh_session_is_not_asked_for_what_it_has() {
    let (stage, file) = (Stage::new().await, TestFile::new(250_000));
    let session = stage.session(file.size).await;
    let options = UploadOptions { fresh_session: true, ..stage.options(100_000, 2) };
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
    assert!(uploaded.confirmed);
    assert_eq!((stage.requests("GET").len(), stage.puts().len()), (0, 3));
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_fresh_session_whose_answer_was_lost_is_asked() {
    let (stage, file) = (Stage::new().await, TestFile::new(250_000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::LoseAnswer(LoseAnswer::default())));
    let options = UploadOptions { fresh_session: true, ..stage.options(100_000, 1) };
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
    assert_eq!((uploaded.bytes_sent, uploaded.retries, stage.requests("GET").len()), (250_000, 1, 1));
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_fresh_session_that_was_sent_in_one_lost_put_is_complete_but_unconfirmed() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::LoseAnswer(LoseAnswer::default())));
    let options = UploadOptions { fresh_session: true, ..stage.options(RANGE, 4) };
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("complete");
    assert!(!uploaded.confirmed);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_session_that_was_called_fresh_and_is_not_is_believed_all_the_same() {
    let (stage, file) = (Stage::new().await, TestFile::new(250_000));
    let session = stage.session(file.size).await;
    let mut end = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
    end.matching.nth = 2;
    stage.plan(end);
    stage.upload(&session, file.path(), &stage.options(100_000, 1)).await.expect_err("409");
    // The first range is refused as one that is there; from then on the service's list counts.
    let options = UploadOptions { fresh_session: true, ..stage.options(100_000, 1) };
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
    assert!(uploaded.confirmed);
    assert_eq!(stage.document().sha256.as_deref(), Some(file.sha256.as_str()));
}

#[tokio::test]
async fn the_range_that_completes_the_document_waits_for_all_others() {
    let (stage, file) = (Stage::new().await, TestFile::new(RANGE + 1));
    let session = stage.session(file.size).await;
    // The single byte arrives and is never answered; the other range comes to its end long after it.
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.range_start = Some(RANGE);
    stage.plan(silent);
    let options = stage.options(RANGE, 2);
    let mut upload = Box::pin(stage.upload(&session, file.path(), &options));
    let arrived = |journal: &Snapshot| {
        journal
            .entries
            .iter()
            .find(|entry| entry.content_range.as_deref() == Some("bytes 0-8191999/8192001"))
            .map_or(0, |entry| entry.body_bytes)
    };
    let all_but_the_last_bytes = async {
        // Each request takes a moment, and so gives the last bytes time to arrive as well, were they on their way.
        let mut requests_after = 0;
        while requests_after < 20 {
            upload_session_status(&stage.client, &session, &stage.call()).await.expect("a status");
            requests_after += u64::from(arrived(&stage.journal()) >= RANGE - 32 * 1024);
        }
        arrived(&stage.journal())
    };
    tokio::select! {
        _ = &mut upload => panic!("a range is not answered"),
        arrived = all_but_the_last_bytes => assert!(arrived < RANGE, "the last bytes left before the other was answered"),
    }
}

//! How uploads end that went wrong: what the matrix found, by name, and the story that an error tells.

use std::time::Duration;

use crate::common::{fault, Stage, TestFile};
use http::StatusCode;
use mgprint::{ErrorKind, UploadOptions};
use mgprint_emulator::faults::{
    Drip, Dripping, End, EndSession, Fault, FaultPlan, HtmlPage, LoseAnswer, LoseRequest, Outage, Place, Redirect,
    Rewrite, Stall, StatusAnswer,
};
use mgprint_emulator::Settings;

fn warned(stage: &Stage, of: &str) -> bool {
    matches!(&stage.observed.warnings()[..], [warning] if warning.contains(of))
}

#[tokio::test]
async fn an_answer_that_drips_is_no_lost_one() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    // A few bytes at a time, so that it is never silent, and longer than several times the silence that is allowed in all.
    let mut dripping = fault("PUT", Fault::Drip(Drip { bytes: 2, every_ms: 100, what: Dripping::Answer }));
    dripping.matching.nth = 2;
    stage.plan(dripping);
    let mut options = stage.options(100_000, 1);
    options.call.idle_timeout = Duration::from_millis(500);
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
    assert_eq!((uploaded.bytes_sent, uploaded.retries), (300_000, 0));
    assert!(uploaded.elapsed > 5 * options.call.idle_timeout, "it came at once: {:?}", uploaded.elapsed);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_one() {
    let stage = Stage::new().await;
    let session = stage.session(1000).await;
    stage.plan(fault("DELETE", Fault::LoseAnswer(LoseAnswer::default())));
    mgprint::cancel_upload_session(&stage.client, &session, &stage.call()).await.expect("cancelled");
    let again = mgprint::cancel_upload_session(&stage.client, &session, &stage.call()).await.expect_err("gone");
    assert_eq!(again.kind(), ErrorKind::SessionGone);
}

#[tokio::test]
async fn a_session_that_lacks_its_first_range_alone_is_gone_on_with() {
    let (stage, file) = (Stage::new().await, TestFile::new(400_000));
    let session = stage.session(file.size).await;
    let mut refused = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
    refused.matching.range_start = Some(0);
    stage.plan(refused);
    let error = stage.upload(&session, file.path(), &stage.options(100_000, 4)).await.expect_err("409");
    assert!(error.message().contains("has 300000 of 400000 bytes"), "{error}");
    let uploaded = stage.upload(&session, file.path(), &stage.options(100_000, 4)).await.expect("resumed");
    assert_eq!(uploaded.bytes_sent, 100_000);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn the_story_of_a_failure_is_told_whole() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    // The second range is refused in the service's words, and then nobody is there.
    let busy = StatusAnswer {
        body: Some(r#"{"error":{"code":"Busy","message":"Down for maintenance."}}"#.to_owned()),
        ..StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE)
    };
    let mut refused = fault("PUT", Fault::Status(busy));
    refused.matching.nth = 2;
    stage.plan(refused);
    let mut away = fault("GET", Fault::Outage(Outage { for_ms: 60_000 }));
    away.matching.nth = 2;
    stage.plan(away);
    let mut options = stage.options(100_000, 1);
    options.call.max_retry = Some(3);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("nobody is there");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::ConnectionFailed, true));
    let host = stage.emulator.url().strip_prefix("http://").unwrap();
    for part in [
        // What, how often and how long.
        format!("{host} could not be reached while trying to tell the status of the upload session"),
        "after 3 retries in ".to_owned(),
        // What the service said last, and how far it is.
        format!("Before that, {host} refused to send a range of the document, status 503 Service Unavailable: Busy: Down for maintenance."),
        "The service has 100000 of 300000 bytes.".to_owned(),
    ] {
        assert!(error.message().contains(&part), "{part}: {error}");
    }
    // How to go on.
    assert_eq!(error.next_step(), "Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts.");
}

#[tokio::test]
async fn a_session_whose_time_is_over_is_told_with_its_time() {
    let stage = Stage::with(Settings { session_lifetime: Duration::from_secs(1), ..Settings::default() }).await;
    let file = TestFile::new(300_000);
    let session = stage.session(file.size).await;
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.nth = 2;
    stage.plan(silent);
    let mut options = stage.options(100_000, 1);
    options.call.idle_timeout = Duration::from_millis(1500);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("expired");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SessionGone, false));
    assert!(
        error.message().contains(" It was to last until ") && error.message().contains(" GMT, which has passed."),
        "{error}"
    );
}

#[tokio::test]
async fn an_error_in_a_session_that_is_gone_does_not_promise_to_go_on() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    // The session is deleted with the first answer to come; the range beside it was refused for another reason.
    let mut refused = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
    refused.matching.range_start = Some(0);
    stage.plan(refused);
    let ended = EndSession { why: End::Deleted, after: false };
    stage.plan(fault("PUT", Fault::EndSession(ended)));
    let options = UploadOptions { fresh_session: true, ..stage.options(100_000, 3) };
    let error = stage.upload(&session, file.path(), &options).await.expect_err("deleted");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SessionGone, false), "{error}");
    assert!(error.next_step().contains("new upload session"), "{}", error.next_step());
}

#[tokio::test]
async fn a_last_answer_that_names_no_document_is_asked_about_and_believed_when_nobody_can_be_asked() {
    for (is_away, confirmed) in [(false, true), (true, false)] {
        let (stage, file) = (Stage::new().await, TestFile::new(300_000));
        let session = stage.session(file.size).await;
        let blank = Rewrite { status: Some(StatusCode::CREATED), body: Some(String::new()), ..Rewrite::default() };
        let mut last = fault("PUT", Fault::Rewrite(blank));
        last.matching.place = Some(Place::Last);
        stage.plan(last);
        if is_away {
            let mut away = fault("GET", Fault::Outage(Outage { for_ms: 60_000 }));
            away.matching.nth = 2;
            stage.plan(away);
        }
        let mut options = stage.options(100_000, 2);
        options.call.max_retry = Some(1);
        let uploaded = stage.upload(&session, file.path(), &options).await.expect("delivered");
        assert_eq!((uploaded.confirmed, stage.requests("GET").len()), (confirmed, 2));
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_last_answer_that_was_lost_is_asked_about_though_nothing_may_be_tried_again() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::LoseAnswer(LoseAnswer::default())));
    let mut options = stage.options(1000, 1);
    options.call.max_retry = Some(0);
    let uploaded = stage.upload(&session, file.path(), &options).await.expect("complete, unconfirmed");
    assert!(!uploaded.confirmed && uploaded.bytes_sent == 1000);
    assert!(warned(&stage, "the session is gone, as that of a complete document is"));
    stage.assert_arrived(&file);
}

fn rewritten(status: StatusCode, body: &str) -> Fault {
    Fault::Rewrite(Rewrite { status: Some(status), body: Some(body.to_owned()), ..Rewrite::default() })
}

#[tokio::test]
async fn a_last_response_that_says_nothing_of_the_document_leaves_it_unconfirmed() {
    for response in [
        rewritten(StatusCode::CREATED, "[]"),
        rewritten(StatusCode::NO_CONTENT, ""),
        rewritten(StatusCode::ACCEPTED, r#"{"nextExpectedRanges":[]}"#),
    ] {
        let (stage, file) = (Stage::new().await, TestFile::new(1000));
        let session = stage.session(file.size).await;
        stage.plan(fault("PUT", response));
        let uploaded = stage.upload(&session, file.path(), &stage.options(1000, 1)).await.expect("unconfirmed");
        assert!(!uploaded.confirmed);
        assert!(warned(&stage, "the session is gone, as that of a complete document is"));
    }
}

/// Every status after the first lists nothing, of a session that is open.
fn listing_nothing() -> FaultPlan {
    let mut listed = fault("GET", rewritten(StatusCode::OK, r#"{"nextExpectedRanges":[]}"#));
    (listed.matching.nth, listed.matching.times) = (2, None);
    listed
}

#[tokio::test]
async fn a_session_that_is_open_is_not_complete_though_it_lists_nothing() {
    for lost in [
        Fault::LoseRequest(LoseRequest::default()),
        Fault::Status(StatusAnswer::new(StatusCode::INTERNAL_SERVER_ERROR)),
    ] {
        let (stage, file) = (Stage::new().await, TestFile::new(1000));
        let session = stage.session(file.size).await;
        stage.plan(fault("PUT", lost));
        stage.plan(listing_nothing());
        let mut options = stage.options(1000, 1);
        options.call.max_retry = Some(2);
        let error = stage.upload(&session, file.path(), &options).await.expect_err("not complete");
        assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::UnexpectedResponse, true), "{error}");
        assert!(error.message().contains("has the upload session open and lists nothing as missing"), "{error}");
    }
}

#[tokio::test]
async fn a_response_that_cannot_be_read_costs_a_try_and_not_the_upload() {
    for odd in [
        rewritten(StatusCode::ACCEPTED, "<html>Welcome</html>"),
        rewritten(StatusCode::OK, "[]"),
        rewritten(StatusCode::CREATED, "nonsense"),
        rewritten(StatusCode::ACCEPTED, &" ".repeat(mgprint::http::response::LARGEST_RESPONSE + 1)),
    ] {
        let (stage, file) = (Stage::new().await, TestFile::new(300_000));
        let session = stage.session(file.size).await;
        stage.plan(fault("PUT", odd));
        let uploaded = stage.upload(&session, file.path(), &stage.options(100_000, 1)).await.expect("delivered");
        assert_eq!((uploaded.confirmed, uploaded.bytes_sent, uploaded.retries), (true, 300_000, 1));
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn responses_that_can_never_be_read_end_in_an_error_when_the_tries_are_spent() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    let mut odd = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::NON_AUTHORITATIVE_INFORMATION)));
    odd.matching.times = None;
    stage.plan(odd);
    let mut options = stage.options(100_000, 1);
    options.call.max_retry = Some(2);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("nothing is acknowledged");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::UnexpectedResponse, true), "{error}");
    assert!(error.message().contains("after 2 retries"), "{error}");
}

#[tokio::test]
async fn a_last_range_that_was_lost_before_it_arrived_is_a_failure_though_it_may_have_been_the_end() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::LoseRequest(Default::default())));
    let mut options = stage.options(1000, 1);
    options.call.max_retry = Some(0);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("lost");
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(error.is_resumable() && error.message().contains("has 0 of 1000 bytes"), "{error}");
}

#[tokio::test]
async fn a_page_of_html_does_not_say_that_the_session_is_gone() {
    let page = || Fault::Html(HtmlPage { status: StatusCode::NOT_FOUND, body: "<html>None</html>".to_owned() });
    // The only range never arrived, and something on the way answers in the service's place.
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", Fault::LoseRequest(Default::default())));
    let mut away = fault("GET", page());
    (away.matching.nth, away.matching.times) = (2, None);
    stage.plan(away);
    let mut options = stage.options(1000, 1);
    options.call.max_retry = Some(2);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("nothing is known");
    assert!(error.is_resumable() && error.kind() != ErrorKind::SessionGone, "{error}");

    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", page()));
    let uploaded = stage.upload(&session, file.path(), &stage.options(1000, 1)).await.expect("delivered");
    assert!(uploaded.confirmed);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn what_was_sent_of_a_document_that_is_said_to_be_complete_too_early_is_counted() {
    let (stage, file) = (Stage::new().await, TestFile::new(500_000));
    let session = stage.session(file.size).await;
    let early = Rewrite { status: Some(StatusCode::CREATED), body: Some(String::new()), ..Rewrite::default() };
    stage.plan(fault("PUT", Fault::Rewrite(early)));
    let mut away = fault("GET", Fault::Status(StatusAnswer::new(StatusCode::NOT_FOUND)));
    (away.matching.nth, away.matching.times) = (2, None);
    stage.plan(away);
    let error = stage.upload(&session, file.path(), &stage.options(200_000, 1)).await.expect_err("too early");
    assert!(error.message().contains("it was sent only 200000 of 500000 bytes"), "{error}");
}

#[tokio::test]
async fn a_place_to_which_a_redirect_led_knows_nothing_of_the_session() {
    for method in ["PUT", "GET"] {
        let (stage, file) = (Stage::new().await, TestFile::new(1000));
        let session = stage.session(file.size).await;
        stage.plan(fault(
            method,
            Fault::Redirect(Redirect { status: StatusCode::TEMPORARY_REDIRECT, location: "/login".to_owned() }),
        ));
        let error = stage.upload(&session, file.path(), &stage.options(1000, 1)).await.expect_err("404 of /login");
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::RequestFailed, Some(404)), "{error}");
        assert!(error.is_resumable() && error.next_step().contains("redirect"), "{}", error.next_step());
        stage.upload(&session, file.path(), &stage.options(1000, 1)).await.expect("the session is as it was");
        assert_eq!(stage.document().sha256.as_deref(), Some(file.sha256.as_str()));
    }
}

#[tokio::test]
async fn a_status_that_cannot_be_read_is_shown() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    let body = Some(r#"{"nextExpectedRanges":["all of it"]}"#.to_owned());
    let mut odd = fault("GET", Fault::Rewrite(Rewrite { body, ..Rewrite::default() }));
    odd.matching.times = None;
    stage.plan(odd);
    let mut options = stage.options(1000, 1);
    options.call.max_retry = Some(1);
    let error = stage.upload(&session, file.path(), &options).await.expect_err("no status");
    assert!(error.message().contains(r#"a body that begins '{"nextExpectedRanges":["all of it"]}'"#), "{error}");
}

#[tokio::test]
async fn another_document_than_was_sent_is_no_success_though_the_session_stays_open() {
    let (stage, file) = (Stage::new().await, TestFile::new(1000));
    let session = stage.session(file.size).await;
    stage.plan(fault("PUT", rewritten(StatusCode::CREATED, r#"{"id":"x","size":5}"#)));
    stage.plan(listing_nothing());
    let error = stage.upload(&session, file.path(), &stage.options(1000, 1)).await.expect_err("another document");
    assert!(error.message().contains("it has 5 bytes of the document's 1000"), "{error}");
    assert!(error.next_step().contains("Do not print"), "{}", error.next_step());
}

//! Sessions are created, asked and cancelled as documented, and refusals are told in the service's words.

use crate::common::{client, fault, Stage, TestFile};
use http::StatusCode;
use mgprint::session::create_session_request;
use mgprint::{cancel_upload_session, create_upload_session, upload_session_status, ErrorKind, Parent};
use mgprint_emulator::faults::{Fault, HtmlPage, LoseAnswer, StatusAnswer};
use mgprint_emulator::{NewDocument, Settings};

#[tokio::test]
async fn the_request_goes_out_as_documented() {
    let stage = Stage::new().await;
    let ids = stage
        .emulator
        .add_document(NewDocument {
            printer_id: Some("p 1/x".to_owned()),
            print_job_id: Some("ü?#".to_owned()),
            ..NewDocument::default()
        })
        .unwrap();
    let body = r#"{"x/y":"it's ü","properties":{"contentType":"application/pdf","documentName":"a\"b.pdf","size":9007199254740993}}"#;
    stage.emulator.change_settings(|settings| settings.document_bytes_limit = u64::MAX);
    let mut request = create_session_request(
        &stage.client,
        Parent::Printer,
        &ids.printer_id,
        &ids.print_job_id,
        &ids.print_document_id,
        body.into(),
    )
    .unwrap();
    request.add_header("X-One", "1").unwrap();
    let session = create_upload_session(&stage.client, &request, &stage.call()).await.expect("a session");
    assert!(!format!("{session:?}").contains("tempauthtoken="));

    let journal = stage.journal();
    let entry = journal.entries.last().unwrap();
    assert_eq!(entry.method, "POST");
    assert_eq!(
        entry.path,
        format!(
            "/v1.0/print/printers/p%201%2Fx/jobs/%C3%BC%3F%23/documents/{}/microsoft.graph.createUploadSession",
            ids.print_document_id
        )
    );
    assert_eq!(entry.body.as_deref(), Some(body.as_bytes()), "the body is byte for byte what was given");
    assert_eq!(entry.header("content-type"), Some("application/json"));
    assert_eq!(entry.header("accept"), Some("application/json"));
    assert_eq!(entry.header("x-one"), Some("1"));
    assert_eq!(entry.header("client-request-id").map(str::len), Some(36));
    let mut names: Vec<&str> = entry.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    // Those of Microsoft's command, HTTP's own and the caller's, and no others.
    let expected =
        "accept accept-encoding authorization client-request-id content-length content-type host sdkversion user-agent x-one";
    assert_eq!(names.join(" "), expected);
}

#[tokio::test]
async fn shares_have_sessions_too() {
    let stage = Stage::new().await;
    let ids = &stage.ids;
    let body = r#"{"properties":{"contentType":"application/pdf","documentName":"a.pdf","size":1}}"#;
    let request = create_session_request(
        &stage.client,
        Parent::Share,
        &ids.printer_share_id,
        &ids.print_job_id,
        &ids.print_document_id,
        body.into(),
    )
    .unwrap();
    create_upload_session(&stage.client, &request, &stage.call()).await.expect("a session");
}

#[tokio::test]
async fn a_refusal_keeps_the_service_s_words_and_ids() {
    let stage = Stage::new().await;
    let request =
        create_session_request(&stage.client, Parent::Printer, "no such printer", "j", "d", Default::default())
            .unwrap();
    let error = create_upload_session(&stage.client, &request, &stage.call()).await.expect_err("404");
    assert_eq!((error.kind(), error.http_status(), error.is_retryable()), (ErrorKind::RequestFailed, Some(404), false));
    let refusal = error.error_response().unwrap();
    assert!(refusal.graph_code.is_some() && refusal.graph_message.is_some() && refusal.request_id.is_some());
    let journal = stage.journal();
    assert_eq!(error.client_request_id(), journal.entries.last().unwrap().header("client-request-id"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_never_shown() {
    let stage = Stage::new().await;
    let client = client(stage.emulator.url(), Some("CANARY-token"));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
    let error = create_upload_session(&client, &request, &stage.call()).await.expect_err("401");
    assert_eq!(error.http_status(), Some(401));
    assert!(!format!("{error:?} {error} {:?} {}", error.error_response(), stage.observed.texts()).contains("CANARY"));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let stage = Stage::new().await;
    let client = client(stage.emulator.url(), None);
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
    let error = create_upload_session(&client, &request, &stage.call()).await.expect_err("no token");
    assert_eq!(error.kind(), ErrorKind::AuthenticationNeeded);
    assert_eq!(stage.journal().counts.requests, 0);
}

#[tokio::test]
async fn busy_and_broken_are_tried_again() {
    let again = || Some("0".to_owned());
    for (broken, requests) in [
        (Fault::Status(StatusAnswer { retry_after: again(), ..StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS) }), 2),
        (Fault::Status(StatusAnswer { retry_after: again(), ..StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE) }), 2),
        (Fault::LoseAnswer(LoseAnswer::default()), 2),
    ] {
        let stage = Stage::new().await;
        stage.plan(fault("POST", broken));
        stage.session(10).await;
        let journal = stage.journal();
        assert_eq!(journal.entries.len(), requests);
        assert_eq!(journal.entries[1].header("retry-attempt"), Some("1"));
        assert_eq!(journal.entries[0].header("client-request-id"), journal.entries[1].header("client-request-id"));
    }
}

#[tokio::test]
async fn a_wait_beyond_all_patience_ends_at_once() {
    let stage = Stage::new().await;
    let busy =
        StatusAnswer { retry_after: Some("3600".to_owned()), ..StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS) };
    stage.plan(fault("POST", Fault::Status(busy)));
    let error = stage.try_session(10).await.expect_err("429");
    assert!(error.message().contains("tried again in 60 minutes"), "{error}");
}

#[tokio::test]
async fn html_empty_and_huge_answers_are_told_apart() {
    let page = HtmlPage { status: StatusCode::OK, body: "<!doctype html>\n<p>sign in".to_owned() };
    let huge = StatusAnswer { body: Some("x".repeat(2_000_000)), ..StatusAnswer::new(StatusCode::OK) };
    let empty = StatusAnswer { body: Some(String::new()), ..StatusAnswer::new(StatusCode::OK) };
    let deep = StatusAnswer {
        body: Some(format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        ..StatusAnswer::new(StatusCode::OK)
    };
    for (broken, kind, words) in [
        (Fault::Html(page), ErrorKind::UnexpectedResponse, "'<!doctype html>'"),
        (Fault::Status(empty), ErrorKind::UnexpectedResponse, "an empty body"),
        (Fault::Status(huge), ErrorKind::ResponseTooLarge, "larger than"),
        (Fault::Status(deep), ErrorKind::ResponseTooLarge, "deeper than"),
    ] {
        let stage = Stage::new().await;
        stage.plan(fault("POST", broken));
        let error = stage.try_session(10).await.expect_err("no session");
        assert_eq!(error.kind(), kind);
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn an_upload_url_where_no_bytes_may_go_is_refused_when_bytes_shall_go() {
    let stage = Stage::new().await;
    for url in ["ftp://127.0.0.1/x?CANARY", "http://print.example.com/x?CANARY", "not an address"] {
        let body = format!(r#"{{"uploadUrl":"{url}","nextExpectedRanges":["0-9"]}}"#);
        stage
            .plan(fault("POST", Fault::Status(StatusAnswer { body: Some(body), ..StatusAnswer::new(StatusCode::OK) })));
        let session = stage.try_session(10).await.expect("the answer is an object");
        let error = session.upload_url(&stage.client).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::InvalidUploadUrl);
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}

#[tokio::test]
async fn the_status_tells_what_is_missing_and_a_cancelled_session_is_gone() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    let status = upload_session_status(&stage.client, &session, &stage.call()).await.unwrap();
    assert_eq!(status.missing.unwrap().bytes(), 300_000);

    let cancelled = cancel_upload_session(&stage.client, &session, &stage.call()).await.unwrap();
    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
    for error in [
        upload_session_status(&stage.client, &session, &stage.call()).await.expect_err("gone"),
        cancel_upload_session(&stage.client, &session, &stage.call()).await.expect_err("gone"),
        stage.upload(&session, file.path(), &stage.options(1000, 1)).await.map(drop).expect_err("gone"),
    ] {
        assert_eq!(error.kind(), ErrorKind::SessionGone);
    }
    stage.assert_well_behaved();
}

#[tokio::test]
async fn a_page_of_html_does_not_say_that_a_session_is_cancelled() {
    let stage = Stage::new().await;
    let session = stage.session(10).await;
    stage.plan(fault("DELETE", Fault::Status(StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE))));
    let mut page = fault("DELETE", Fault::Html(HtmlPage { status: StatusCode::NOT_FOUND, body: "<html>".to_owned() }));
    page.matching.nth = 2;
    stage.plan(page);
    let error = cancel_upload_session(&stage.client, &session, &stage.call()).await.expect_err("it is there");
    assert_eq!((error.kind(), stage.requests("DELETE").len()), (ErrorKind::UnexpectedResponse, 2));
}

#[tokio::test]
async fn a_missing_scope_is_refused_without_a_retry() {
    let stage = Stage::with(Settings { scopes: vec!["User.Read".to_owned()], ..Settings::default() }).await;
    let error = stage.try_session(10).await.expect_err("no scope");
    assert!(matches!(error.http_status(), Some(403 | 404)));
    assert_eq!(stage.journal().counts.requests, 1);
}

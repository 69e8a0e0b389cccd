//! The start of a print job: once, whatever becomes of its response, and told of truly where nobody knows.

use http::StatusCode;
use mgprint::print::PrintOptions;
use mgprint::ErrorKind;
use mgprint_emulator::faults::{Fault, KeepLate, LoseAnswer, LoseRequest, StatusAnswer};
use mgprint_emulator::Settings;
use serde_json::json;

use crate::common::TestFile;
use crate::print::{
    and_wait, answer, assert_printed_once, leftovers, looks, odd_answers, options, post_of, print, printer, PIECE,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_start_of_which_nothing_is_known_is_neither_repeated_nor_taken_back() {
    for odd in odd_answers() {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        stage.plan(post_of("/start", Fault::LoseAnswer(LoseAnswer::default())));
        stage.plan(looks(odd, None));
        let mut options = options(&stage);
        options.upload.call.max_retry = Some(1);
        let error = print(&stage, &file, &options).await.expect_err("nothing is known");
        assert_eq!(error.kind(), ErrorKind::StartUnconfirmed, "{error}");
        assert!(
            error.message().contains("may be printed") && error.next_step().contains("before you print"),
            "{error}"
        );
        let jobs = stage.emulator.jobs();
        assert_eq!((jobs.len(), &jobs[0]["starts"]), (1, &json!(1)), "{jobs:#?}");
        assert!(leftovers(&stage).is_empty() && jobs[0]["state"] != "canceled", "{jobs:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_started_once_whatever_answers_the_start_and_the_looks_at_it() {
    for odd in odd_answers() {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        stage.plan(post_of("/start", Fault::LoseAnswer(LoseAnswer::default())));
        stage.plan(looks(odd, Some(1)));
        print(&stage, &file, &and_wait(&stage)).await.expect("printed");
        assert_printed_once(&stage, &file);
    }
    // Nothing was done, and nothing says so.
    for (status, body) in [(204, ""), (200, ""), (202, "{}"), (200, r#"{"state":"paused","details":[]}"#)] {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        let answer = StatusAnswer::new(StatusCode::from_u16(status).unwrap());
        stage.plan(post_of("/start", Fault::Status(StatusAnswer { body: Some(body.to_owned()), ..answer })));
        let printed = print(&stage, &file, &options(&stage)).await.expect("started at the second try");
        assert_eq!(printed.status.state, "processing");
        assert_printed_once(&stage, &file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_may_take_effect_later_is_not_forgotten_for_what_is_answered_then() {
    let later = || Fault::KeepLate(KeepLate { after_ms: 3000, how: Default::default() });
    // What the second start, and the cancellation, are answered with; and whether nothing is certain.
    for (second, cancel, is_unknown) in [(409, Some(409), true), (409, None, false), (401, Some(401), true)] {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        stage.plan(post_of("/start", later()));
        stage.plan(post_of("/start", answer(second, r#"{"error":{"code":"Conflict","message":"It is on its way."}}"#)));
        if let Some(status) = cancel {
            let mut plan = post_of("/cancel", answer(status, ""));
            plan.matching.times = None;
            stage.plan(plan);
        }
        let error = print(&stage, &file, &options(&stage)).await.expect_err("refused");
        assert_eq!(error.kind() == ErrorKind::StartUnconfirmed, is_unknown, "{error}");
        assert!(error.message().contains("It is on its way") || second == 401, "{error}");
        assert_eq!(error.message().contains("is canceled"), !is_unknown, "{error}");
        assert_eq!(leftovers(&stage), Vec::<String>::new(), "it has its document");
    }
    // Every start is lost: the job that still waits is canceled for certain, or nothing is certain.
    for is_canceled in [true, false] {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        let mut plan = post_of("/start", Fault::LoseRequest(LoseRequest::default()));
        plan.matching.times = None;
        stage.plan(plan);
        if !is_canceled {
            stage.plan(post_of("/cancel", answer(409, "")));
        }
        let mut options = options(&stage);
        options.upload.call.max_retry = Some(1);
        let error = print(&stage, &file, &options).await.expect_err("no start arrives");
        let kind = if is_canceled { ErrorKind::ConnectionFailed } else { ErrorKind::StartUnconfirmed };
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.next_step().contains("may have been done"), "{}", error.next_step());
        assert_eq!(stage.emulator.jobs()[0]["state"] == "canceled", is_canceled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ended_when_it_was_started_was_not_printed() {
    let aborted = r#"{"state":"aborted","description":"No\u001b paper. https://h/x?sig=CANARY","details":[]}"#;
    let looked = format!(r#"{{"id":"1","status":{aborted}}}"#);
    for is_lost in [false, true] {
        let (stage, file, folder) =
            (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
        for record in [None, Some(folder.path().join("x.print"))] {
            if is_lost {
                stage.plan(post_of("/start", Fault::LoseRequest(LoseRequest::default())));
                stage.plan(looks(answer(200, &looked), Some(1)));
            } else {
                stage.plan(post_of("/start", answer(200, aborted)));
            }
            let error = print(&stage, &file, &PrintOptions { record, ..options(&stage) }).await.expect_err("aborted");
            assert_eq!(error.kind(), ErrorKind::PrintJobEnded, "{error}");
            assert!(error.message().ends_with("was not printed: aborted, No paper. https://h/x?…."), "{error}");
            assert!(!stage.observed.texts().contains("CANARY"), "{}", stage.observed.texts());
        }
        let starts = stage.journal().entries.iter().filter(|entry| entry.path.ends_with("/start")).count();
        assert_eq!((starts, leftovers(&stage)), (2, Vec::new()), "once for each job");
        let record = Some(folder.path().join("x.print"));
        let printed = print(&stage, &file, &PrintOptions { record, ..options(&stage) }).await.expect("printed");
        assert!(!printed.skipped && stage.emulator.jobs().len() == 3, "another job is made for it");
    }
}

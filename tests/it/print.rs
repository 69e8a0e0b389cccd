//! A document to paper: one job for it, whatever is lost on the way, and nothing left behind.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use mgprint::graph::{graph_request, send_graph_request, GraphCall};
use mgprint::print::{find_share, Destination, PrintOptions, PrintRequest, Printed};
use mgprint::{CallOptions, Error, ErrorKind, Event};
use mgprint_emulator::faults::{Fault, FaultPlan, HtmlPage, LoseAnswer, LoseRequest, Rewrite, Stall, StatusAnswer};
use mgprint_emulator::journal::Part;
use mgprint_emulator::{JobLife, Settings};
use serde_json::{json, Value};

use crate::common::{fault, Stage, TestFile};

pub(crate) const PIECE: u64 = 100_000;

/// A printer and its share, without a job.
pub(crate) async fn printer(settings: Settings) -> Stage {
    let stage = Stage::with(settings).await;
    delete_job(&stage, &stage.ids.print_job_id).await;
    stage
}

pub(crate) async fn delete_job(stage: &Stage, id: &str) {
    let address = format!("/print/printers/{}/jobs/{id}", stage.ids.printer_id);
    let call = GraphCall { method: "DELETE", address: &address, what: "delete a job", repeatable: true };
    let request = graph_request(&stage.client, call, Bytes::new()).unwrap();
    send_graph_request(&stage.client, &request, &stage.call()).await.unwrap();
}

pub(crate) fn post_of(path: &str, what: Fault) -> FaultPlan {
    let mut plan = fault("POST", what);
    plan.matching.path_contains = Some(path.to_owned());
    plan
}

pub(crate) fn to_share(stage: &Stage) -> PrintRequest {
    PrintRequest {
        destination: Destination::Share(stage.ids.printer_share_id.clone()),
        configuration: json!({"copies": 2, "duplexMode": "flipOnLongEdge"}).as_object().unwrap().clone(),
        document_name: "Rechnung 'ä'.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        headers: Vec::new(),
    }
}

pub(crate) fn options(stage: &Stage) -> PrintOptions {
    PrintOptions { upload: stage.options(PIECE, 2), poll_interval: Duration::from_millis(2), ..PrintOptions::default() }
}

pub(crate) fn and_wait(stage: &Stage) -> PrintOptions {
    PrintOptions { wait: Some(Duration::from_secs(30)), ..options(stage) }
}

pub(crate) async fn print(stage: &Stage, file: &TestFile, options: &PrintOptions) -> Result<Printed, Error> {
    mgprint::print::print(&stage.client, &to_share(stage), file.path(), options).await
}

/// The jobs that an event says may be left over.
pub(crate) fn leftovers(stage: &Stage) -> Vec<String> {
    let left = |event| match event {
        Event::JobLeft { parent_id, job_id } if parent_id == stage.ids.printer_share_id => Some(job_id),
        _ => None,
    };
    stage.observed.events().into_iter().filter_map(left).collect()
}

/// One job was printed, once, with these bytes; and none waits for a document but those that an event names.
pub(crate) fn assert_printed_once(stage: &Stage, file: &TestFile) {
    let jobs = stage.emulator.jobs();
    let started: Vec<&Value> = jobs.iter().filter(|job| job["starts"] != 0).collect();
    assert_eq!(started.len(), 1, "{jobs:#?}");
    assert_eq!((&started[0]["starts"], &started[0]["document"]["sha256"]), (&json!(1), &json!(file.sha256)));
    let named = leftovers(stage);
    let left = |job: &&Value| {
        job["state"] == "paused" && job["starts"] == 0 && !named.iter().any(|id| job["printJobId"] == id.as_str())
    };
    assert!(jobs.iter().find(left).is_none(), "left behind: {jobs:#?}");
    stage.assert_well_behaved();
}

#[tokio::test]
async fn a_file_becomes_a_job_that_is_printed() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(5 * PIECE + 1));
    let printed = print(&stage, &file, &and_wait(&stage)).await.expect("printed");
    assert_printed_once(&stage, &file);
    assert_eq!((printed.status.state.as_str(), printed.skipped, printed.wait_ended), ("completed", false, false));
    assert_eq!(printed.bytes_sent, file.size);
    let job = &stage.emulator.jobs()[0];
    assert_eq!(job["configuration"], json!({"copies": 2, "duplexMode": "flipOnLongEdge"}));
    assert_eq!(job["document"]["documentName"], "Rechnung 'ä'.pdf");
    assert_eq!(job["printJobId"], printed.job_id.as_str());
    let states = stage.observed.events().into_iter().filter_map(|event| match event {
        Event::Job { status, .. } => Some(status.state),
        _ => None,
    });
    assert_eq!(states.collect::<Vec<_>>(), ["paused", "processing", "processing", "completed"]);
}

#[tokio::test]
async fn started_is_not_printed_and_not_started_is_neither() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    assert_eq!(print(&stage, &file, &options(&stage)).await.expect("started").status.state, "processing");
    let kept = PrintOptions { no_start: true, ..options(&stage) };
    assert_eq!(print(&stage, &file, &kept).await.expect("kept").status.state, "paused");
    let starts: Vec<_> = stage.emulator.jobs().iter().map(|job| job["starts"].clone()).collect();
    assert!(starts.contains(&json!(0)) && starts.contains(&json!(1)));
}

#[tokio::test]
async fn every_end_of_a_job_is_told() {
    for (life, state, says) in [
        (JobLife::Held, Ok("paused"), "waits until it is released"),
        (JobLife::Errors, Ok("completed"), "completed with errors"),
        (JobLife::Transformed, Ok("completed"), ""),
        (JobLife::Stopped, Ok("completed"), ""),
        (JobLife::Stuck, Ok("processing"), "no printer has taken it"),
        (JobLife::Aborted, Err(ErrorKind::PrintJobEnded), "aborted"),
    ] {
        let stage = printer(Settings { job_life: life, ..Settings::default() }).await;
        let file = TestFile::new(PIECE);
        let longest = if life == JobLife::Stuck { Duration::from_millis(400) } else { Duration::from_secs(30) };
        let options = PrintOptions { wait: Some(longest), ..options(&stage) };
        let printed = print(&stage, &file, &options).await;
        let told = format!("{:?} {:?}", stage.observed.warnings(), printed.as_ref().err());
        assert!(told.contains(says) && (told == "[] None" || !says.is_empty()), "{life:?}: {told}");
        assert_eq!(printed.as_ref().map(|printed| printed.wait_ended).unwrap_or_default(), life == JobLife::Stuck);
        assert_eq!(
            printed.as_ref().map(|printed| printed.status.state.as_str()).map_err(Error::kind),
            state,
            "{life:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_lost_at_any_step_prints_once_and_leaves_nothing() {
    let losses = || {
        let lost = StatusAnswer::new(StatusCode::BAD_GATEWAY);
        [Fault::LoseAnswer(LoseAnswer::default()), Fault::LoseRequest(LoseRequest::default()), Fault::Status(lost)]
    };
    for with_record in [false, true] {
        for fault in losses() {
            // Capabilities, job, session, start, and the first two looks at the job.
            for nth in 1..=6 {
                let (stage, file) = (printer(Settings::default()).await, TestFile::new(3 * PIECE));
                let folder = tempfile::tempdir().unwrap();
                let record = with_record.then(|| folder.path().join("x.print"));
                let mut plan = FaultPlan { matching: Default::default(), fault: fault.clone() };
                (plan.matching.part, plan.matching.nth) = (Some(Part::Graph), nth);
                stage.plan(plan);
                let options = PrintOptions { record, ..and_wait(&stage) };
                let printed = print(&stage, &file, &options).await;
                printed.unwrap_or_else(|error| panic!("{nth} {with_record} {fault:?}: {error}"));
                assert_printed_once(&stage, &file);
            }
        }
    }
}

/// All looks at a job, from now on or for a while.
pub(crate) fn looks(what: Fault, times: Option<u64>) -> FaultPlan {
    let mut plan = fault("GET", what);
    (plan.matching.path_contains, plan.matching.times) = (Some("/jobs/".to_owned()), times);
    plan
}

pub(crate) fn odd_answers() -> [Fault; 5] {
    let with =
        |status, body: &str| Fault::Status(StatusAnswer { body: Some(body.to_owned()), ..StatusAnswer::new(status) });
    [
        Fault::Status(StatusAnswer::new(StatusCode::INTERNAL_SERVER_ERROR)),
        Fault::Status(StatusAnswer::new(StatusCode::NOT_FOUND)),
        Fault::Html(HtmlPage::default()),
        with(StatusCode::OK, "{}"),
        with(StatusCode::OK, ""),
    ]
}

pub(crate) fn answer(status: u16, body: &str) -> Fault {
    let answer = StatusAnswer::new(StatusCode::from_u16(status).unwrap());
    Fault::Status(StatusAnswer { body: Some(body.to_owned()), ..answer })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_within_the_service_is_waited_for_before_a_session_too() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let mut plan = post_of("createUploadSession", Fault::Status(StatusAnswer::new(StatusCode::BAD_GATEWAY)));
    plan.matching.times = Some(3);
    stage.plan(plan);
    print(&stage, &file, &options(&stage)).await.expect("printed");
    assert_printed_once(&stage, &file);
    assert_eq!(stage.observed.warnings(), Vec::<String>::new(), "nothing was sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_in_vain_is_told_why_the_job_was_not_seen() {
    let (stage, file) = (printer(Settings { job_life: JobLife::Stuck, ..Settings::default() }).await, TestFile::new(1));
    stage.plan(looks(answer(401, r#"{"error":{"code":"Expired","message":"The token is old."}}"#), None));
    let mut options = PrintOptions { wait: Some(Duration::from_millis(300)), ..options(&stage) };
    options.poll_interval = Duration::from_millis(50);
    assert!(print(&stage, &file, &options).await.expect("started").wait_ended);
    let said = stage.observed.warnings().join("\n");
    assert!(said.contains("when it was last seen; since then:") && said.contains("The token is old"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_hangs_does_not_prolong_the_wait() {
    let (stage, file) = (printer(Settings { job_life: JobLife::Stuck, ..Settings::default() }).await, TestFile::new(1));
    stage.plan(looks(Fault::Stall(Stall::default()), None));
    let options = PrintOptions { wait: Some(Duration::from_millis(300)), ..options(&stage) };
    // It would end with an error after a minute and all tries.
    let printed = tokio::time::timeout(Duration::from_secs(30), print(&stage, &file, &options)).await.expect("in time");
    assert!(printed.expect("started").wait_ended);
    let said = stage.observed.warnings().join("\n");
    assert!(said.contains("is not done after") && said.contains("No response came in time"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_through_odd_answers_to_its_end() {
    for odd in odd_answers() {
        let stage = printer(Settings { job_life: JobLife::Aborted, ..Settings::default() }).await;
        let file = TestFile::new(PIECE);
        stage.plan(looks(odd, Some(5)));
        let mut options = and_wait(&stage);
        (options.upload.call.max_retry, options.poll_interval) = (Some(0), Duration::from_millis(20));
        let error = print(&stage, &file, &options).await.expect_err("aborted");
        assert_eq!(error.kind(), ErrorKind::PrintJobEnded, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_which_nothing_is_heard_any_more_is_an_error() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    stage.plan(looks(Fault::Status(StatusAnswer::new(StatusCode::UNAUTHORIZED)), None));
    let mut options = and_wait(&stage);
    (options.upload.call.max_retry, options.poll_interval) = (Some(0), Duration::from_millis(1));
    let error = print(&stage, &file, &options).await.expect_err("it may be aborted");
    assert_eq!(error.kind(), ErrorKind::StartUnconfirmed, "{error}");
    assert!(error.message().contains("can no longer be followed") && leftovers(&stage).is_empty(), "{error}");
    assert_printed_once(&stage, &file);
}

#[tokio::test]
async fn what_the_printer_cannot_do_makes_no_job() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    for (configuration, content_type) in
        [(json!({"copies": 1000}), "application/pdf"), (json!({}), "application/msword")]
    {
        let request = PrintRequest {
            configuration: configuration.as_object().unwrap().clone(),
            content_type: content_type.to_owned(),
            ..to_share(&stage)
        };
        let error =
            mgprint::print::print(&stage.client, &request, file.path(), &options(&stage)).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{error}");
    }
    assert_eq!(stage.emulator.jobs(), Vec::<Value>::new());
    let asked = stage.journal().entries.iter().filter(|entry| entry.path.contains("capabilities")).count();
    assert!(asked <= 1, "once for many documents");
}

#[tokio::test]
async fn a_share_is_found_by_its_name() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let name = format!("printer {}", stage.ids.printer_share_id);
    let request = PrintRequest { destination: Destination::ShareNamed(name), ..to_share(&stage) };
    mgprint::print::print(&stage.client, &request, file.path(), &options(&stage)).await.expect("printed");
    assert_printed_once(&stage, &file);
    let error = find_share(&stage.client, "Printer X", &[], &CallOptions::default()).await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::ShareNotFound);
    assert!(error.message().contains(&stage.ids.printer_share_id), "{error}");
}

#[tokio::test]
async fn a_share_s_name_is_looked_up_again_only_where_no_job_was_made() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let name = format!("printer {}", stage.ids.printer_share_id);
    let request = PrintRequest { destination: Destination::ShareNamed(name), ..to_share(&stage) };
    let refused = || Fault::Status(StatusAnswer::new(StatusCode::NOT_FOUND));
    stage.plan(post_of("createUploadSession", refused()));
    let sent = mgprint::print::print(&stage.client, &request, file.path(), &options(&stage)).await;
    assert_eq!(sent.expect_err("refused").http_status(), Some(404));
    assert_eq!(stage.emulator.jobs().len(), 1);

    stage.plan(post_of("/jobs", refused()));
    mgprint::print::print(&stage.client, &request, file.path(), &options(&stage)).await.expect("printed");
}

#[tokio::test]
async fn a_range_that_the_service_fails_to_take_is_no_reason_for_another_session() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let mut failing = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::INTERNAL_SERVER_ERROR)));
    failing.matching.times = Some(100);
    stage.plan(failing);
    let mut options = options(&stage);
    options.upload.call.max_retry = Some(1);
    print(&stage, &file, &options).await.expect_err("500");
    let paths = stage.journal().entries.into_iter().map(|entry| entry.path);
    assert_eq!(paths.filter(|path| path.contains("createUploadSession")).count(), 1);
}

#[tokio::test]
async fn room_for_a_job_is_waited_for_also_where_the_service_asks_for_no_wait() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    for retry_after in ["0", "Fri, 31 Dec 1999 23:59:59 GMT"] {
        let full =
            StatusAnswer { retry_after: Some(retry_after.into()), ..StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS) };
        let mut plan = post_of("/jobs", Fault::Status(full));
        plan.matching.times = Some(3);
        stage.plan(plan);
    }
    let mut options = options(&stage);
    options.upload.call.max_retry = Some(0);
    let waits = async {
        while stage.observed.retries() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        printed = print(&stage, &file, &options) => panic!("{printed:?}"),
        () = waits => {}
    }
    let delays = stage.observed.events().into_iter().filter_map(|event| match event {
        Event::Retry { delay, .. } => Some(delay),
        _ => None,
    });
    assert_eq!(delays.collect::<Vec<_>>(), [Duration::from_secs(30)]);
}

#[tokio::test]
async fn a_job_that_cannot_be_printed_is_canceled() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    stage.plan(fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::BAD_REQUEST))));
    let error = print(&stage, &file, &options(&stage)).await.expect_err("refused");
    assert!(error.message().contains("is canceled"), "{error}");
    assert!(error.next_step().contains("run the command again"), "{}", error.next_step());
    let jobs = stage.emulator.jobs();
    assert_eq!((jobs.len(), &jobs[0]["state"]), (1, &json!("canceled")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_leaves_no_job() {
    for path in ["/jobs", "createUploadSession", "/start"] {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        stage.plan(post_of(path, Fault::Stall(Stall::default())));
        let options = options(&stage);
        let printing = print(&stage, &file, &options);
        let reached = async {
            while !stage.emulator.pending_faults().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            printed = printing => panic!("{printed:?}"),
            () = reached => {}
        }
        for _ in 0..1000 {
            if !stage.emulator.jobs().iter().any(|job| job["state"] == "paused") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(
            !stage.emulator.jobs().iter().any(|job| job["state"] == "paused"),
            "{path}: {:#?}",
            stage.emulator.jobs()
        );
    }
}

#[tokio::test]
async fn a_job_of_another_command_is_neither_taken_nor_canceled() {
    for arrives in [false, true] {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        let request = to_share(&stage);
        let address = format!("/print/shares/{}/jobs", stage.ids.printer_share_id);
        let call = GraphCall { method: "POST", address: &address, what: "create a job", repeatable: false };
        let body = json!({ "configuration": request.configuration }).to_string();
        let made = graph_request(&stage.client, call, body.into()).unwrap();
        let made = send_graph_request(&stage.client, &made, &stage.call()).await.unwrap();
        let made: Value = serde_json::from_slice(&made.body).unwrap();
        let lost = if arrives { Fault::LoseAnswer(Default::default()) } else { Fault::LoseRequest(Default::default()) };
        stage.plan(post_of("/jobs", lost));
        print(&stage, &file, &and_wait(&stage)).await.expect("printed");
        assert_printed_once(&stage, &file);
        let jobs = stage.emulator.jobs();
        let other = jobs.iter().find(|job| job["printJobId"] == made["id"]).expect("it is there");
        assert_eq!((&other["state"], &other["starts"]), (&json!("paused"), &json!(0)));
        let named = leftovers(&stage);
        assert!(named.iter().any(|id| made["id"] == id.as_str()), "{named:?}");
        assert_eq!(named.len(), 1 + usize::from(arrives), "{named:?}");
    }
}

#[tokio::test]
async fn a_document_that_arrived_without_a_word_is_started() {
    for with_record in [false, true] {
        let (stage, file, folder) =
            (printer(Settings::default()).await, TestFile::new(2 * PIECE), tempfile::tempdir().unwrap());
        let mut plan = fault("PUT", Fault::LoseAnswer(LoseAnswer::default()));
        plan.matching.times = None;
        stage.plan(plan);
        let record = with_record.then(|| folder.path().join("x.print"));
        print(&stage, &file, &PrintOptions { record, ..and_wait(&stage) }).await.expect("printed");
        assert_printed_once(&stage, &file);
        assert_eq!(stage.emulator.jobs().len(), 1);
    }
}

#[tokio::test]
async fn a_job_whose_document_nobody_names_is_named_itself() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let made = json!({ "id": "999", "status": { "state": "paused" } }).to_string();
    stage.plan(post_of("/jobs", Fault::Rewrite(Rewrite { body: Some(made), ..Rewrite::default() })));
    let error = print(&stage, &file, &options(&stage)).await.expect_err("there is no job 999");
    assert!(error.message().contains("Print job 999, which was made for it, could not be canceled."), "{error}");
    assert_eq!(leftovers(&stage), ["999"]);
    let asked = stage.journal().entries;
    assert!(asked.iter().any(|entry| entry.path.ends_with("/jobs/999/cancel")), "it was to be canceled");
}

#[tokio::test]
async fn that_a_document_is_too_large_is_said_once() {
    let (stage, folder) = (printer(Settings::default()).await, tempfile::tempdir().unwrap());
    let path = folder.path().join("large.pdf");
    std::fs::File::create(&path).unwrap().set_len(1_000_000_001).unwrap();
    stage.plan(post_of("createUploadSession", Fault::Status(StatusAnswer::new(StatusCode::BAD_REQUEST))));
    mgprint::print::print(&stage.client, &to_share(&stage), &path, &options(&stage)).await.expect_err("refused");
    let said = stage.observed.warnings();
    assert_eq!(said.iter().filter(|text| text.contains("at most 1 GB")).count(), 1, "{said:?}");
}

#[tokio::test]
async fn a_limit_of_the_service_is_met_by_waiting() {
    let settings = Settings { jobs_limit: 1, jobs_window: Duration::from_millis(1500), ..Settings::default() };
    let (stage, file) = (printer(settings).await, TestFile::new(PIECE));
    let mut options = options(&stage);
    options.upload.call.max_retry = Some(0);
    for _ in 0..2 {
        print(&stage, &file, &options).await.expect("printed");
    }
    let reasons = stage.observed.events().into_iter().filter_map(|event| match event {
        Event::Retry { reason, .. } => Some(reason),
        _ => None,
    });
    let reasons: Vec<String> = reasons.collect();
    assert!(reasons.iter().any(|reason| reason.contains("as many new print jobs")), "{reasons:?}");
}

#[tokio::test]
async fn who_may_not_print_is_told_the_door_that_is_open() {
    let (stage, file) = (printer(Settings { licensed: false, ..Settings::default() }).await, TestFile::new(PIECE));
    let request = PrintRequest { destination: Destination::Printer(stage.ids.printer_id.clone()), ..to_share(&stage) };
    let error =
        mgprint::print::print(&stage.client, &request, file.path(), &options(&stage)).await.expect_err("refused");
    assert!(error.message().contains("active Universal Print subscription"), "{error}");
    assert!(error.next_step().contains("Print to its share"), "{}", error.next_step());
}

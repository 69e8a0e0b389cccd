//! A print with a record: nothing is printed twice, whatever ended the call before.

use std::time::Duration;

use http::StatusCode;
use mgprint::graph::{graph_request, send_graph_request, GraphCall};
use mgprint::print::{Destination, PrintOptions, PrintRequest};
use mgprint::ErrorKind;
use mgprint_emulator::faults::{Fault, FaultPlan, LoseAnswer, StatusAnswer};
use mgprint_emulator::{JobLife, Settings};
use serde_json::{json, Value};

use crate::common::{client, fault, Stage, TestFile};
use crate::content::{response, Server};
use crate::print::{
    and_wait, assert_printed_once, delete_job, looks, odd_answers, options, post_of, print, printer, to_share, PIECE,
};

fn starts(stage: &Stage) -> usize {
    stage.journal().entries.iter().filter(|entry| entry.path.ends_with("/start")).count()
}

#[tokio::test]
async fn what_a_record_says_was_printed_is_skipped_unless_it_changed_or_is_forced() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
    let first = print(&stage, &file, &options).await.expect("printed");
    let second = print(&stage, &file, &options).await.expect("skipped");
    assert_eq!((second.skipped, &second.job_id), (true, &first.job_id));
    assert_printed_once(&stage, &file);
    let again = PrintOptions { force: true, ..options.clone() };
    assert!(!print(&stage, &file, &again).await.expect("printed").skipped);
    std::fs::write(file.path(), b"another document").unwrap();
    assert!(!print(&stage, &file, &options).await.expect("printed").skipped);
    assert_eq!(stage.emulator.jobs().len(), 3);
    assert!(print(&stage, &file, &options).await.expect("skipped").skipped);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the record stays");
}

#[tokio::test]
async fn what_was_printed_stays_known_where_another_job_was_refused() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
    print(&stage, &file, &options).await.expect("printed");
    stage.plan(post_of("/jobs", Fault::Status(StatusAnswer::new(StatusCode::FORBIDDEN))));
    print(&stage, &file, &PrintOptions { force: true, ..options.clone() }).await.expect_err("refused");
    assert!(print(&stage, &file, &options).await.expect("skipped").skipped);
    assert_printed_once(&stage, &file);
}

#[tokio::test]
async fn a_job_that_waits_for_its_release_is_kept_though_its_document_changed() {
    let stage = printer(Settings { job_life: JobLife::Held, ..Settings::default() }).await;
    let (file, folder) = (TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let mut options = options(&stage);
    (options.record, options.no_start) = (Some(folder.path().join("x.print")), true);
    let first = print(&stage, &file, &options).await.expect("kept");
    let address = format!("/print/shares/{}/jobs/{}/start", stage.ids.printer_share_id, first.job_id);
    let call = GraphCall { method: "POST", address: &address, what: "start it", repeatable: false };
    let start = graph_request(&stage.client, call, Default::default()).unwrap();
    send_graph_request(&stage.client, &start, &stage.call()).await.unwrap();
    let state = || {
        let jobs = stage.emulator.jobs();
        jobs.into_iter().find(|job| job["printJobId"] == first.job_id.as_str()).map(|job| job["state"].clone())
    };
    assert_eq!(state(), Some(json!("paused")));
    std::fs::write(file.path(), b"another document").unwrap();
    print(&stage, &file, &options).await.expect("another job");
    assert_eq!(state(), Some(json!("paused")));
}

#[tokio::test]
async fn a_record_in_use_is_waited_for_and_no_other_is_advised() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let record = folder.path().join("x.print");
    let options = PrintOptions { record: Some(record.clone()), ..options(&stage) };
    print(&stage, &file, &options).await.expect("started");
    let other = std::fs::File::options().read(true).write(true).open(&record).unwrap();
    other.lock().unwrap();
    let error = print(&stage, &file, &options).await.expect_err("in use");
    assert_eq!(
        (error.kind(), error.next_step().as_str()),
        (ErrorKind::ResumeFileInUse, "Wait until that one has ended.")
    );
    assert_eq!(stage.emulator.jobs().len(), 1);
}

#[tokio::test]
async fn a_job_is_started_once_whatever_is_lost() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let record = folder.path().join("x.print");
    stage.plan(post_of("/start", Fault::LoseAnswer(LoseAnswer::default())));
    let options = PrintOptions { record: Some(record.clone()), ..options(&stage) };
    print(&stage, &file, &options).await.expect("started");
    // As it is after a kill between the start and the record.
    let after = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, after.replace(r#""step":"started""#, r#""step":"uploaded""#)).unwrap();
    print(&stage, &file, &options).await.expect("it is started");
    assert_eq!(starts(&stage), 1);
    assert_printed_once(&stage, &file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_may_be_started_is_not_made_anew_by_an_odd_answer() {
    for odd in odd_answers() {
        let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
        let folder = tempfile::tempdir().unwrap();
        let mut options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
        options.upload.call.max_retry = Some(1);
        stage.plan(post_of("/start", Fault::LoseAnswer(LoseAnswer::default())));
        stage.plan(looks(odd, Some(7)));
        let error = print(&stage, &file, &options).await.expect_err("nothing is known");
        assert_eq!(error.kind(), ErrorKind::StartUnconfirmed, "{error}");
        // The same call, until the odd answers have an end.
        while let Err(error) = print(&stage, &file, &options).await {
            assert_eq!(error.kind(), ErrorKind::StartUnconfirmed, "{error}");
        }
        assert_printed_once(&stage, &file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_may_have_been_printed_and_is_gone_is_made_anew_by_force_alone() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let record = folder.path().join("x.print");
    let mut options = PrintOptions { record: Some(record.clone()), ..and_wait(&stage) };
    options.upload.call.max_retry = Some(1);
    let job = print(&stage, &file, &options).await.expect("printed").job_id;
    // As it is after a kill between the start and the record.
    let after = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, after.replace(r#""step":"started""#, r#""step":"starting""#)).unwrap();
    delete_job(&stage, &job).await;
    let error = print(&stage, &file, &options).await.expect_err("nobody knows");
    assert_eq!(error.kind(), ErrorKind::StartUnconfirmed, "{error}");
    assert!(error.message().contains(&job), "{error}");
    print(&stage, &file, &PrintOptions { force: true, ..options }).await.expect("printed again");
    assert_eq!(stage.emulator.jobs().len(), 1);
}

#[tokio::test]
async fn other_settings_are_another_print() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..options(&stage) };
    // The first stops before its job is started.
    stage.plan(fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::BAD_REQUEST))));
    print(&stage, &file, &options).await.expect_err("refused");
    let mut request = to_share(&stage);
    request.configuration.insert("copies".to_owned(), json!(3));
    let printed = mgprint::print::print(&stage.client, &request, file.path(), &options).await.expect("printed");
    assert!(!printed.skipped);
    assert_printed_once(&stage, &file);
    let jobs = stage.emulator.jobs();
    let copies = |state: &str| jobs.iter().find(|job| job["state"] == state).map(|job| &job["configuration"]["copies"]);
    assert_eq!((copies("processing"), copies("canceled")), (Some(&json!(3)), Some(&json!(2))), "{jobs:#?}");
}

#[tokio::test]
async fn a_call_with_a_record_goes_on_after_a_failure_at_any_step() {
    for nth in 1..=5 {
        let (stage, file, folder) =
            (printer(Settings::default()).await, TestFile::new(3 * PIECE), tempfile::tempdir().unwrap());
        let options = PrintOptions { record: Some(folder.path().join("x.print")), ..options(&stage) };
        let mut plan = FaultPlan {
            matching: Default::default(),
            fault: Fault::Status(StatusAnswer::new(StatusCode::UNAUTHORIZED)),
        };
        plan.matching.nth = nth;
        stage.plan(plan);
        let failed = print(&stage, &file, &options).await.expect_err("refused");
        let printed = print(&stage, &file, &options).await.unwrap_or_else(|error| panic!("{nth}, {failed}: {error}"));
        assert!(!printed.skipped);
        assert_printed_once(&stage, &file);
        assert_eq!(stage.emulator.jobs().len(), 1, "{nth}: the same job");
    }
}

#[tokio::test]
async fn a_job_that_was_printed_before_its_record_said_so_is_not_printed_again() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let record = folder.path().join("x.print");
    let options = PrintOptions { record: Some(record.clone()), ..and_wait(&stage) };
    print(&stage, &file, &options).await.expect("printed");
    let before = std::fs::read_to_string(&record).unwrap();
    let earlier = before.replace(r#""step":"started""#, r#""step":"uploaded""#);
    assert_ne!(earlier, before);
    std::fs::write(&record, &earlier).unwrap();
    assert!(print(&stage, &file, &options).await.expect("skipped").skipped);
    assert!(std::fs::read_to_string(&record).unwrap().contains(r#""step":"started""#));
    // Another document is another job, and what was printed stays as it is.
    std::fs::write(&record, &earlier).unwrap();
    std::fs::write(file.path(), b"another document").unwrap();
    assert!(!print(&stage, &file, &options).await.expect("printed").skipped);
    let states = || stage.emulator.jobs().iter().map(|job| job["state"].clone()).collect::<Vec<_>>();
    assert_eq!(states(), ["completed", "completed"]);
    // Who forces it has another.
    let printed = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, printed.replace(r#""step":"started""#, r#""step":"uploaded""#)).unwrap();
    assert!(!print(&stage, &file, &PrintOptions { force: true, ..options }).await.expect("printed").skipped);
    assert_eq!(states(), ["completed", "completed", "completed"]);
}

#[tokio::test]
async fn a_job_that_the_service_forgot_stays_printed() {
    for waits in [true, false] {
        let (stage, file, folder) =
            (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
        let waiting = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
        let first = PrintOptions { wait: waiting.wait.filter(|_| waits), ..waiting.clone() };
        let job = print(&stage, &file, &first).await.expect("printed").job_id;
        delete_job(&stage, &job).await;
        for _ in 0..2 {
            let again = print(&stage, &file, &waiting).await.expect("skipped");
            assert_eq!((again.skipped, &again.job_id), (true, &job));
        }
        assert_eq!(stage.emulator.jobs(), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_file_that_changes_while_its_job_is_made_is_not_taken_for_what_it_was() {
    let settings = Settings { jobs_limit: 1, jobs_window: Duration::from_millis(1500), ..Settings::default() };
    let (stage, file, folder) = (printer(settings).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    print(&stage, &TestFile::new(PIECE + 1), &options(&stage)).await.expect("takes the room");
    let mut options = PrintOptions { record: Some(folder.path().join("x.print")), ..options(&stage) };
    options.upload.call.max_retry = Some(0);
    let change = async {
        while stage.observed.retries() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        std::fs::write(file.path(), b"another document").unwrap();
    };
    let (failed, ()) = tokio::join!(print(&stage, &file, &options), change);
    assert_eq!(failed.expect_err("changed").kind(), ErrorKind::SourceChanged);
    assert!(!print(&stage, &file, &options).await.expect("printed").skipped);
    assert!(print(&stage, &file, &options).await.expect("skipped").skipped);
    let sizes = stage.emulator.jobs().into_iter().filter(|job| job["starts"] != 0);
    let mut sizes: Vec<Value> = sizes.map(|job| job["document"]["size"].clone()).collect();
    sizes.sort_by_key(Value::as_u64);
    assert_eq!(sizes, [json!(16), json!(PIECE + 1)]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_record_is_made_for_a_name_that_no_text_can_hold() {
    use std::os::unix::ffi::OsStrExt;
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    std::fs::copy(file.path(), folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.pdf"))).unwrap();
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
    let shown = folder.path().join("caf\u{fffd}.pdf");
    mgprint::print::print(&stage.client, &to_share(&stage), &shown, &options).await.expect("printed");
    assert_printed_once(&stage, &file);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_among_the_records_holds_nothing_up() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let pipe = folder.path().join("pipe.print");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().expect("mkfifo").success());
    stage.plan(post_of("/jobs", Fault::LoseAnswer(LoseAnswer::default())));
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
    print(&stage, &file, &options).await.expect("printed");
    assert_printed_once(&stage, &file);
}

#[tokio::test]
async fn a_job_that_the_printer_gave_up_is_made_anew_by_the_same_call() {
    let stage = printer(Settings { job_life: JobLife::Aborted, ..Settings::default() }).await;
    let (file, folder) = (TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..and_wait(&stage) };
    assert_eq!(print(&stage, &file, &options).await.expect_err("aborted").kind(), ErrorKind::PrintJobEnded);
    stage.emulator.change_settings(|settings| settings.job_life = JobLife::Printed);
    let printed = print(&stage, &file, &options).await.expect("printed");
    assert_eq!((printed.skipped, printed.status.state.as_str()), (false, "completed"));
    assert!(print(&stage, &file, &options).await.expect("skipped").skipped);
}

#[tokio::test]
async fn a_job_gets_its_document_whatever_the_service_says_of_it() {
    for is_session_refused in [false, true] {
        let (file, folder) = (TestFile::new(PIECE), tempfile::tempdir().unwrap());
        let job = br#"{"id":"1","documents":[{"id":"d"}],"status":{"state":"paused","details":[]}}"#;
        let server = Server::with_own_url(|url| {
            let session = format!(r#"{{"uploadUrl":"{url}/u?t=1","nextExpectedRanges":["0-"]}}"#);
            let document = format!(r#"{{"id":"d","size":{}}}"#, file.size);
            let made = vec![response("200 OK", br#"{"id":"s"}"#), response("201 Created", job)];
            let refused = vec![response("403 Forbidden", b""), response("200 OK", job)];
            let sent = vec![
                response("200 OK", session.as_bytes()),
                response("201 Created", document.as_bytes()),
                response("200 OK", br#"{"state":"processing","details":[]}"#),
            ];
            [made, if is_session_refused { refused } else { Vec::new() }, sent].concat()
        })
        .await;
        let client = client(&server.url, Some("TOKEN"));
        let request = PrintRequest {
            destination: Destination::Share("s".to_owned()),
            configuration: Default::default(),
            document_name: "a.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            headers: Vec::new(),
        };
        let options = PrintOptions { record: Some(folder.path().join("x.print")), ..PrintOptions::default() };
        if is_session_refused {
            mgprint::print::print(&client, &request, file.path(), &options).await.expect_err("no session");
        }
        let printed = mgprint::print::print(&client, &request, file.path(), &options).await.expect("printed");
        assert_eq!((printed.bytes_sent, printed.status.state.as_str()), (file.size, "processing"));
        let put = if is_session_refused { 5 } else { 3 };
        assert!(server.asked()[put].starts_with("PUT /u?t=1 "), "{:?}", server.asked());
    }
}

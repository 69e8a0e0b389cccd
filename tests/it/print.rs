//! A document to paper: one job for it, whatever is lost on the way, and nothing left behind.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use mgprint::graph::{graph_request, send_graph_request, GraphCall};
use mgprint::print::{find_share, print_file, Destination, PrintOptions, PrintRequest, Printed};
use mgprint::{CallOptions, Error, ErrorKind, Event};
use mgprint_emulator::faults::{Fault, FaultPlan, LoseAnswer, LoseRequest, Rewrite, Stall, StatusAnswer};
use mgprint_emulator::journal::Part;
use mgprint_emulator::{JobLife, Settings};
use serde_json::{json, Value};

use crate::common::{fault, Stage, TestFile};

const PIECE: u64 = 100_000;

/// A printer and its share, without a job.
async fn printer(settings: Settings) -> Stage {
    let stage = Stage::with(settings).await;
    delete_job(&stage, &stage.ids.print_job_id).await;
    stage
}

async fn delete_job(stage: &Stage, id: &str) {
    let address = format!("/print/printers/{}/jobs/{id}", stage.ids.printer_id);
    let call = GraphCall { method: "DELETE", address: &address, what: "delete a job", repeatable: true };
    let request = graph_request(&stage.client, call, Bytes::new()).unwrap();
    send_graph_request(&stage.client, &request, &stage.call()).await.unwrap();
}

fn post_of(path: &str, what: Fault) -> FaultPlan {
    let mut plan = fault("POST", what);
    plan.matching.path_contains = Some(path.to_owned());
    plan
}

fn to_share(stage: &Stage) -> PrintRequest {
    PrintRequest {
        destination: Destination::Share(stage.ids.printer_share_id.clone()),
        configuration: json!({"copies": 2, "duplexMode": "flipOnLongEdge"}).as_object().unwrap().clone(),
        document_name: "Rechnung 'ä'.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        headers: Vec::new(),
    }
}

fn options(stage: &Stage) -> PrintOptions {
    PrintOptions { upload: stage.options(PIECE, 2), poll_interval: Duration::from_millis(2), ..PrintOptions::default() }
}

fn and_wait(stage: &Stage) -> PrintOptions {
    PrintOptions { wait: Some(Duration::from_secs(30)), ..options(stage) }
}

async fn print(stage: &Stage, file: &TestFile, options: &PrintOptions) -> Result<Printed, Error> {
    print_file(&stage.client, &to_share(stage), file.path(), options).await
}

/// One job was printed, once, with these bytes; and none waits for a document but those that a warning names.
fn assert_printed_once(stage: &Stage, file: &TestFile) {
    let jobs = stage.emulator.jobs();
    let started: Vec<&Value> = jobs.iter().filter(|job| job["starts"] != 0).collect();
    assert_eq!(started.len(), 1, "{jobs:#?}");
    assert_eq!((&started[0]["starts"], &started[0]["document"]["sha256"]), (&json!(1), &json!(file.sha256)));
    let said = stage.observed.warnings().join(" ");
    let is_named =
        |job: &Value| said.contains(&format!("Print job {} may be left over", job["printJobId"].as_str().unwrap()));
    let left = |job: &&Value| job["state"] == "paused" && job["starts"] == 0 && !is_named(job);
    assert!(jobs.iter().find(left).is_none(), "left behind: {jobs:#?} {said}");
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
                let context = format!("{nth} {with_record} {fault:?}: {printed:?}");
                match printed {
                    Ok(_) => assert_printed_once(&stage, &file),
                    // A 502 is not repeated by a request to Graph; it is told, and nothing is left.
                    Err(error) => {
                        assert_eq!(error.http_status(), Some(502), "{context}");
                        let left = |job: &Value| job["state"] == "paused" && !with_record;
                        assert!(!stage.emulator.jobs().iter().any(left), "{context}");
                        print(&stage, &file, &options).await.expect("printed by a second call");
                        assert_eq!(
                            stage.emulator.jobs().iter().filter(|job| job["starts"] != 0).count(),
                            1,
                            "{context}"
                        );
                    }
                }
            }
        }
    }
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
        let error = print_file(&stage.client, &request, file.path(), &options(&stage)).await.expect_err("refused");
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
    print_file(&stage.client, &request, file.path(), &options(&stage)).await.expect("printed");
    assert_printed_once(&stage, &file);
    let error = find_share(&stage.client, "Printer X", &[], &CallOptions::default()).await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::ShareNotFound);
    assert!(error.message().contains(&stage.ids.printer_share_id), "{error}");
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

fn starts(stage: &Stage) -> usize {
    stage.journal().entries.iter().filter(|entry| entry.path.ends_with("/start")).count()
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
        let said = stage.observed.warnings().join(" ");
        assert_eq!(said.matches("Stop-MgPrintShareJob -PrinterShareId").count(), 1 + usize::from(arrives), "{said}");
    }
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
async fn other_settings_are_another_print() {
    let (stage, file, folder) =
        (printer(Settings::default()).await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
    let options = PrintOptions { record: Some(folder.path().join("x.print")), ..options(&stage) };
    // The first stops before its job is started.
    stage.plan(fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::BAD_REQUEST))));
    print(&stage, &file, &options).await.expect_err("refused");
    let mut request = to_share(&stage);
    request.configuration.insert("copies".to_owned(), json!(3));
    let printed = print_file(&stage.client, &request, file.path(), &options).await.expect("printed");
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
    print_file(&stage.client, &to_share(&stage), &shown, &options).await.expect("printed");
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
async fn a_job_whose_document_nobody_names_is_named_itself() {
    let (stage, file) = (printer(Settings::default()).await, TestFile::new(PIECE));
    let made = json!({ "id": "999", "status": { "state": "paused" } }).to_string();
    stage.plan(post_of("/jobs", Fault::Rewrite(Rewrite { body: Some(made), ..Rewrite::default() })));
    let error = print(&stage, &file, &options(&stage)).await.expect_err("there is no job 999");
    let named = "Print job 999, which was made for it, could not be canceled: Stop-MgPrintShareJob -PrinterShareId ";
    assert!(error.message().contains(named), "{error}");
    let asked = stage.journal().entries;
    assert!(asked.iter().any(|entry| entry.path.ends_with("/jobs/999/cancel")), "it was to be canceled");
}

#[tokio::test]
async fn that_a_document_is_too_large_is_said_once() {
    let (stage, folder) = (printer(Settings::default()).await, tempfile::tempdir().unwrap());
    let path = folder.path().join("large.pdf");
    std::fs::File::create(&path).unwrap().set_len(1_000_000_001).unwrap();
    stage.plan(post_of("createUploadSession", Fault::Status(StatusAnswer::new(StatusCode::BAD_REQUEST))));
    print_file(&stage.client, &to_share(&stage), &path, &options(&stage)).await.expect_err("refused");
    let said = stage.observed.warnings();
    assert_eq!(said.iter().filter(|text| text.contains("at most 1 GB")).count(), 1, "{said:?}");
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
    let error = print_file(&stage.client, &request, file.path(), &options(&stage)).await.expect_err("refused");
    assert!(error.message().contains("active Universal Print subscription"), "{error}");
    assert!(error.next_step().contains("Print to its share"), "{}", error.next_step());
}

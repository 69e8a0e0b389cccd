//! Many documents, long runs, and what they leave: descriptors, threads, handles, files, memory.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::process::{ended, role, variable};
use crate::common::{client, TestFile};
use crate::fire;
use futures_util::stream::{self, StreamExt};
use mgprint::session::create_session_request;
use mgprint::{create_upload_session, CallOptions, Client, Parent, UploadOptions, UploadUrl};
use mgprint_emulator::faults::{FaultPlan, Match, Place};
use mgprint_emulator::{Emulator, NewDocument, Settings};

/// Does what this process was started for; whether that is one of this file's roles.
pub async fn act() -> bool {
    match std::env::var("MGPRINT_TEST_ROLE").as_deref() {
        Ok("many") => many().await,
        Ok("long") => tokio::task::spawn_blocking(long).await.unwrap(),
        Ok("fire") => under_fire().await,
        _ => return false,
    }
    true
}

/// A session for a new document of a service.
async fn new_session(client: &Client, ids: &mgprint_emulator::DocumentIds, size: u64) -> UploadUrl {
    let body = format!(r#"{{"properties":{{"documentName":"a.pdf","contentType":"application/pdf","size":{size}}}}}"#);
    let (printer, job, document) = (&ids.printer_id, &ids.print_job_id, &ids.print_document_id);
    let request = create_session_request(client, Parent::Printer, printer, job, document, body.into()).unwrap();
    let session = create_upload_session(client, &request, &CallOptions::default()).await.expect("a session");
    session.upload_url(client).unwrap()
}

/// The service for processes that send many documents, whose ids are in a file.
async fn service_for(documents: usize, folder: &Path) -> Emulator {
    let emulator = Emulator::start(Settings { journal_limit: 10, ..Settings::default() }).await.unwrap();
    let ids: Vec<_> = (0..documents).map(|_| emulator.add_document(NewDocument::default()).unwrap()).collect();
    std::fs::write(folder.join("ids.json"), serde_json::to_vec(&ids).unwrap()).unwrap();
    emulator
}

fn child(name: &str, emulator: &Emulator, folder: &Path) -> std::process::Command {
    let mut command = role(name);
    command.env("MGPRINT_TEST_ENDPOINT", emulator.url()).env("MGPRINT_TEST_TOKEN", emulator.token());
    command.env("MGPRINT_TEST_FOLDER", folder).env("TMPDIR", folder);
    command
}

fn ids() -> Vec<mgprint_emulator::DocumentIds> {
    let folder = variable("MGPRINT_TEST_FOLDER");
    serde_json::from_slice(&std::fs::read(Path::new(&folder).join("ids.json")).unwrap()).unwrap()
}

fn client_of_the_parent() -> Client {
    client(&variable("MGPRINT_TEST_ENDPOINT"), Some(&variable("MGPRINT_TEST_TOKEN")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_documents_at_once_need_no_more_than_1024_open_files() {
    for at_once in [32, 1000] {
        let folder = tempfile::tempdir().unwrap();
        let emulator = service_for(1000, folder.path()).await;
        let mut command = child("many", &emulator, folder.path());
        command.env("MGPRINT_TEST_OPEN_FILES", "1024").env("MGPRINT_TEST_AT_ONCE", at_once.to_string());
        let said = ended(command.spawn().unwrap()).await;
        assert!(said.contains("1000 DELIVERED"), "{at_once} at once: {said}");
        assert_eq!(emulator.journal().snapshot().counts.violations, 0);
        let done = ids_of(folder.path()).iter().all(|ids| {
            emulator.document(&ids.print_document_id).is_some_and(|document| document.sessions_completed == 1)
        });
        assert!(done);
    }
}

fn ids_of(folder: &Path) -> Vec<mgprint_emulator::DocumentIds> {
    serde_json::from_slice(&std::fs::read(folder.join("ids.json")).unwrap()).unwrap()
}

/// In a process of its own: so many documents, from files, so many at once.
async fn many() {
    let (client, file) = (client_of_the_parent(), Arc::new(TestFile::new(5 * 4096)));
    let at_once = variable("MGPRINT_TEST_AT_ONCE").parse().unwrap();
    let mut sending = stream::iter(ids())
        .map(|ids| {
            let (client, file) = (client.clone(), Arc::clone(&file));
            async move {
                let session = new_session(&client, &ids, file.size).await;
                let options = UploadOptions { chunk_size: 4096, fresh_session: true, ..UploadOptions::default() };
                mgprint::upload(&client, &session, file.path(), &options).await
            }
        })
        .buffer_unordered(at_once);
    let mut delivered = 0;
    while let Some(ended) = sending.next().await {
        match ended {
            Ok(uploaded) if uploaded.retries == 0 => delivered += 1,
            Ok(uploaded) => println!("{} retries", uploaded.retries),
            Err(error) => println!("{:?} {error}", error.kind()),
        }
    }
    println!("{delivered} DELIVERED");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_documents_leave_no_trace_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = service_for(10_000, folder.path()).await;
    emulator.change_settings(|settings| settings.keep_documents = false);
    let said = ended(child("long", &emulator, folder.path()).spawn().unwrap()).await;
    assert!(said.contains("10000 DELIVERED"), "{said}");
    println!("{said}");
    assert!(said.contains("NO GROWTH"), "{said}");
}

/// In a process of its own, through the C interface: ten thousand documents, one after the other.
fn long() {
    use mgprint::ffi::*;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sessions = client_of_the_parent();
    let (mut options, mut client, mut error) = (OptionsHandle { id: 0 }, ClientHandle { id: 0 }, ErrorHandle { id: 0 });
    let endpoint = variable("MGPRINT_TEST_ENDPOINT");
    let document = [7_u8; 1000];
    // SAFETY: every pointer is to a value that outlives its call, with the length beside it.
    unsafe {
        assert_eq!(mgprint_options_new(&mut options), Status::Ok);
        let key = OptionKey::Endpoint as i32;
        let set = mgprint_options_set_text(options, key, endpoint.as_str().into(), &mut error);
        assert_eq!(set, Status::Ok);
        assert_eq!(mgprint_client_new(options, &mut client, &mut error), Status::Ok);
    }
    let (mut delivered, mut after_1000) = (0, Traces::default());
    for (count, ids) in ids().into_iter().enumerate() {
        let url = runtime.block_on(async { url_of(&sessions, &ids, document.len() as u64).await });
        let mut operation = OperationHandle { id: 0 };
        let target =
            Target { upload_url: url.as_str().into(), document: std::ptr::null(), request: RequestHandle { id: 0 } };
        let kind = SourceKind::Bytes as i32;
        let source = Source { data: document[..].into(), name: Str::EMPTY, size: 0, kind };
        // SAFETY: as above; the result and the events are read by one thread.
        unsafe {
            let defaults = OptionsHandle { id: 0 };
            let started = mgprint_upload_start(client, defaults, &target, &source, &mut operation, &mut error);
            assert_eq!(started, Status::Ok);
            let mut event = std::ptr::null::<Event>();
            while mgprint_operation_next_event(operation, u32::MAX, &mut event) == Status::Ok {
                if (*event).kind == EventKind::Finished {
                    break;
                }
            }
            let mut result = std::ptr::null();
            delivered += u64::from(mgprint_operation_wait(operation, 0, &mut result, &mut error) == Status::Ok);
        }
        assert_eq!(mgprint_operation_free(operation), Status::Ok);
        if count == 1000 {
            after_1000 = Traces::now();
        }
    }
    let end = Traces::now();
    println!("{delivered} DELIVERED, from {after_1000:?} to {end:?}");
    let grew = end.resident.saturating_sub(after_1000.resident);
    if grew <= 2 * 1024 * 1024 && end.descriptors <= after_1000.descriptors + 2 {
        println!("NO GROWTH");
    }
}

async fn url_of(client: &Client, ids: &mgprint_emulator::DocumentIds, size: u64) -> String {
    let body = format!(r#"{{"properties":{{"documentName":"a.pdf","contentType":"application/pdf","size":{size}}}}}"#);
    let (printer, job, document) = (&ids.printer_id, &ids.print_job_id, &ids.print_document_id);
    let request = create_session_request(client, Parent::Printer, printer, job, document, body.into()).unwrap();
    let session = create_upload_session(client, &request, &CallOptions::default()).await.expect("a session");
    let answer: serde_json::Value = serde_json::from_slice(&session.response.body).unwrap();
    answer["uploadUrl"].as_str().unwrap().to_owned()
}

/// What a process holds.
#[derive(Clone, Copy, Debug, Default)]
struct Traces {
    /// Bytes of memory.
    resident: u64,
    descriptors: usize,
    threads: usize,
}

impl Traces {
    fn now() -> Self {
        let count = |path: &str| std::fs::read_dir(path).unwrap().count();
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
        Traces { resident: pages * 4096, descriptors: count("/proc/self/fd"), threads: count("/proc/self/task") }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_uploads_under_fire() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = role("fire");
    command.env("MGPRINT_TEST_FOLDER", folder.path()).env("TMPDIR", folder.path());
    let said = ended(command.spawn().unwrap()).await;
    println!("{said}");
    assert!(said.contains("NOTHING LEFT"), "{said}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
}

/// In a process of its own: every fault, and then the process holds what it held before.
async fn under_fire() {
    let round = || async {
        let file = Arc::new(TestFile::new(fire::SIZE));
        let trials = fire::faults::all().into_iter().filter(|case| !case.at_connections).map(|case| {
            let matching = Match { method: Some("PUT".into()), place: Some(Place::Middle), ..Match::default() };
            let plans = vec![FaultPlan { matching, fault: case.fault.clone() }];
            let promised = fire::faults::Case { expect: fire::faults::Expect::Promise, ..case };
            fire::Trial { resume: true, max_retry: Some(1), ..fire::Trial::of(&promised, "middle range", plans, 4) }
        });
        let ran = stream::iter(trials).map(|trial| {
            let file = Arc::clone(&file);
            tokio::spawn(async move { trial.run(&file).await })
        });
        ran.buffer_unordered(32).for_each(|ended| async move { ended.unwrap().unwrap() }).await;
    };
    // The first round makes what stays: the runtime, its threads, what the system caches.
    round().await;
    let before = settled(usize::MAX, usize::MAX).await;
    for _ in 0..3 {
        round().await;
    }
    let after = settled(before.descriptors, before.threads).await;
    println!("from {before:?} to {after:?}");
    // Not memory: the service is in this process too, and what an allocator keeps of thirty-two at once is its own affair.
    if after.descriptors <= before.descriptors && after.threads <= before.threads {
        println!("NOTHING LEFT");
    }
}

/// Connections close a moment after their last use, and idle threads end after ten seconds.
async fn settled(descriptors: usize, threads: usize) -> Traces {
    let (started, mut last) = (Instant::now(), Traces::now());
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = Traces::now();
        let is_calm = now.descriptors == last.descriptors && now.threads == last.threads;
        let is_enough = now.descriptors <= descriptors && now.threads <= threads;
        let wanted = if descriptors == usize::MAX { started.elapsed() > Duration::from_secs(12) } else { true };
        if (is_calm && is_enough && wanted) || started.elapsed() > Duration::from_secs(30) {
            return now;
        }
        last = now;
    }
}

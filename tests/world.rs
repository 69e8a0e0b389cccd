//! The world around an upload: files that change under it, disks that are full, machines that sleep, limits of the
//! system, and long runs.

mod common;
mod fire;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::process::{ended, role, variable, Call};
use common::{client, fault, Stage, TestFile};
use futures_util::stream::{self, StreamExt};
use mgprint::session::create_session_request;
use mgprint::{create_upload_session, CallOptions, Client, ErrorKind, Parent, UploadOptions, UploadUrl};
use mgprint_emulator::faults::{Fault, FaultPlan, Match, Place, Stall};
use mgprint_emulator::journal::Snapshot;
use mgprint_emulator::{Emulator, NewDocument, Settings};

const PIECE: u64 = 100_000;
const SIZE: u64 = 10 * PIECE;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    limit();
    match std::env::var("MGPRINT_TEST_ROLE").as_deref() {
        Ok("many") => many().await,
        Ok("long") => tokio::task::spawn_blocking(long).await.unwrap(),
        Ok("fire") => under_fire().await,
        _ => common::process::act().await,
    }
}

/// What this process may, as its environment says.
fn limit() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let set = |what, most| {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the limit outlives the call.
        assert_eq!(unsafe { libc::setrlimit(what, &limit) }, 0);
    };
    if let Some(files) = number("MGPRINT_TEST_OPEN_FILES") {
        set(libc::RLIMIT_NOFILE, files);
    }
    if let Some(bytes) = number("MGPRINT_TEST_FILE_SIZE") {
        // SAFETY: ignoring a signal has no precondition; a write beyond the limit fails then.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        set(libc::RLIMIT_FSIZE, bytes);
    }
    if let Some(user) = number("MGPRINT_TEST_USER") {
        // SAFETY: no precondition; root may become anybody, and permissions count for nobody else.
        assert_eq!(unsafe { libc::setuid(user as libc::uid_t) }, 0);
    }
}

fn puts(journal: &Snapshot) -> usize {
    journal.entries.iter().filter(|entry| entry.method == "PUT").count()
}

/// An upload in pieces, one at a time, of which the third gets no answer for half a second: time for `change`.
async fn changed_half_way(
    stage: &Stage,
    session: &UploadUrl,
    file: &TestFile,
    change: impl FnOnce(),
) -> Result<mgprint::Uploaded, mgprint::Error> {
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.nth = 3;
    stage.plan(silent);
    let mut options = stage.options(PIECE, 1);
    options.call.silence_timeout = Duration::from_millis(500);
    let changing = async {
        stage.emulator.journal().until(|journal| puts(journal) == 3).await;
        change();
    };
    let (ended, ()) = tokio::join!(stage.upload(session, file.path(), &options), changing);
    ended
}

#[tokio::test]
async fn a_file_that_shrinks_is_never_completed() {
    let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let shrink = || file.file.as_file().set_len(SIZE / 2).unwrap();
    let error = changed_half_way(&stage, &session, &file, shrink).await.expect_err("it shrank");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SourceChanged, false));
    assert!(error.message().contains("was 1000000 bytes and is 500000 bytes now"), "{error}");
    assert_eq!(stage.document().sha256, None);
    stage.assert_well_behaved();
}

#[tokio::test]
async fn a_file_that_is_replaced_is_never_completed() {
    let (stage, file, other) = (Stage::new().await, TestFile::new(SIZE), TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let replace = || std::fs::rename(other.path(), file.path()).unwrap();
    let error = changed_half_way(&stage, &session, &file, replace).await.expect_err("it was replaced");
    assert_eq!(error.kind(), ErrorKind::SourceChanged);
    assert!(error.message().contains("another file took its place"), "{error}");
    assert_eq!(stage.document().sha256, None);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_half_way_ends_the_upload_and_not_the_session() {
    let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let error = changed_half_way(&stage, &session, &file, || cut_off(file.path())).await.expect_err("unreadable");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SourceUnreadable, true), "{error}");
    assert!(error.message().contains("cannot be read: Bad file descriptor"), "{error}");
    assert!(error.next_step().contains("Check the disk") && error.next_step().contains("goes on where it stopped"));
    stage.upload(&session, file.path(), &stage.options(PIECE, 4)).await.expect("resumed");
    stage.assert_arrived(&file);
}

/// Lets every read of the open file fail from now on: its descriptor becomes one that is for writing alone.
fn cut_off(path: &Path) {
    use std::os::fd::AsRawFd;
    let writing = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| {
        let entry = entry.ok()?;
        let descriptor: i32 = entry.file_name().to_str()?.parse().ok()?;
        (std::fs::read_link(entry.path()).ok()? == path && descriptor != writing.as_raw_fd()).then_some(descriptor)
    });
    for descriptor in open.collect::<Vec<_>>() {
        // SAFETY: F_GETFL has no precondition.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
        if flags & libc::O_ACCMODE == libc::O_RDONLY {
            // SAFETY: both are open, and it is the file of this test alone.
            assert_eq!(unsafe { libc::dup2(writing.as_raw_fd(), descriptor) }, descriptor);
        }
    }
}

/// A stage, a document and a folder for a resume file.
struct Scene {
    stage: Stage,
    file: TestFile,
    url: String,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
        let url = stage.url_for(&stage.ids, SIZE).await;
        Scene { stage, file, url, folder: tempfile::tempdir().unwrap() }
    }

    fn start(&self, limit: Option<(&str, u64)>) -> Child {
        let resume = self.folder.path().join("job.resume");
        let call = Call {
            endpoint: self.stage.emulator.url(),
            url: &self.url,
            file: self.file.path(),
            resume: Some(&resume),
            chunk_size: PIECE,
            concurrency: 1,
        };
        let mut command = call.command();
        if let Some((name, value)) = limit {
            command.env(name, value.to_string());
        }
        command.spawn().expect("this program runs twice")
    }

    async fn assert_the_same_command_delivers(&self) {
        let said = ended(self.start(None)).await;
        assert!(said.contains("DELIVERED"), "{said}");
        self.stage.assert_arrived(&self.file);
        assert_eq!(std::fs::read_dir(self.folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_resume_file_is_told_before_a_byte_leaves() {
    let scene = Scene::new().await;
    let permit = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    permit(scene.folder.path(), 0o555);
    permit(scene.file.path(), 0o644);
    // Permissions bind everybody but root.
    // SAFETY: it has no preconditions and cannot fail.
    let nobody = (unsafe { libc::geteuid() } == 0).then_some(("MGPRINT_TEST_USER", 65_534));
    let said = ended(scene.start(nobody)).await;
    assert!(said.contains("ResumeFileFailed") && said.contains("cannot be created: Permission denied"), "{said}");
    assert!(said.contains("Check the folder, its permissions and the space on its disk."), "{said}");
    assert_eq!(scene.stage.puts(), Vec::<String>::new());
    permit(scene.folder.path(), 0o755);
    scene.assert_the_same_command_delivers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_for_the_resume_file_ends_the_upload_and_the_same_command_goes_on() {
    let scene = Scene::new().await;
    // Enough for the first text and a few ranges.
    let said = ended(scene.start(Some(("MGPRINT_TEST_FILE_SIZE", 700)))).await;
    assert!(said.contains("ResumeFileFailed") && said.contains("cannot be written: File too large"), "{said}");
    assert!(said.contains("the space on its disk. Run the same command again: it goes on where it stopped"), "{said}");
    assert!(!scene.stage.puts().is_empty() && scene.stage.document().sha256.is_none());
    scene.assert_the_same_command_delivers().await;
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: the process is a child that was not waited for, so its id is its own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_sleeps_past_the_end_of_the_session_is_told_that_it_is_gone() {
    let scene = Scene::new().await;
    scene.stage.plan(in_the_middle());
    let child = scene.start(None);
    scene.stage.emulator.journal().until(|journal| puts(journal) == 4).await;
    signal(&child, libc::SIGSTOP);
    scene.stage.emulator.expire_sessions(&scene.stage.ids.print_document_id);
    // The line of the range in flight breaks while it sleeps.
    scene.stage.emulator.plan(FaultPlan {
        matching: Match { path_contains: Some("/nothing".into()), ..Match::default() },
        fault: Fault::Outage(mgprint_emulator::faults::Outage { for_ms: 50 }),
    });
    let nothing = format!("{}/nothing", scene.stage.emulator.url().strip_prefix("http://").unwrap());
    let address = nothing.split('/').next().unwrap();
    let mut knock = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut knock, b"GET /nothing HTTP/1.1\r\nHost: e\r\n\r\n").await.unwrap();
    let broken = |journal: &Snapshot| {
        let mut stalled = journal.entries.iter().filter(|entry| entry.fault == Some("stall"));
        stalled.any(|entry| entry.outcome == mgprint_emulator::journal::Outcome::Broken)
    };
    scene.stage.emulator.journal().until(broken).await;
    signal(&child, libc::SIGCONT);
    let said = ended(child).await;
    assert!(said.contains("SessionGone") && said.contains("It had 300000 of 1000000 bytes"), "{said}");
    assert!(said.contains("create a new upload session"), "{said}");
    // Nor is it anything else the next time.
    let again = ended(scene.start(None)).await;
    assert!(again.contains("SessionGone"), "{again}");
    assert_eq!(scene.stage.document().sha256, None);
}

/// The fourth range is read, and not answered.
fn in_the_middle() -> FaultPlan {
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.nth = 4;
    silent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_sleeps_for_a_while_goes_on_when_it_wakes() {
    let scene = Scene::new().await;
    let child = scene.start(None);
    for seen in [2, 5, 8] {
        scene.stage.emulator.journal().until(|journal| puts(journal) >= seen).await;
        signal(&child, libc::SIGSTOP);
        tokio::time::sleep(Duration::from_millis(100)).await;
        signal(&child, libc::SIGCONT);
    }
    let said = ended(child).await;
    assert!(said.contains("DELIVERED 1000000 of 1000000"), "{said}");
    scene.stage.assert_arrived(&scene.file);
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
                mgprint::upload_file(&client, &session, file.path(), &options).await
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
    let (mut options, mut client, mut error) = (0, 0, 0);
    let endpoint = variable("MGPRINT_TEST_ENDPOINT");
    let document = [7_u8; 1000];
    // SAFETY: every pointer is to a value that outlives its call, with the length beside it.
    unsafe {
        assert_eq!(mgprint_options_new(&mut options), Status::Ok);
        let key = OptionKey::Endpoint as i32;
        let set = mgprint_options_set_text(options, key, endpoint.as_ptr(), endpoint.len(), &mut error);
        assert_eq!(set, Status::Ok);
        assert_eq!(mgprint_client_new(options, &mut client, &mut error), Status::Ok);
    }
    let (mut delivered, mut after_1000, mut slots) = (0, Traces::default(), 0);
    for (count, ids) in ids().into_iter().enumerate() {
        let url = runtime.block_on(async { url_of(&sessions, &ids, document.len() as u64).await });
        let mut operation = 0;
        // SAFETY: as above; the result and the events are read by one thread.
        unsafe {
            let started = mgprint_upload_bytes_start(
                client,
                options,
                url.as_ptr(),
                url.len(),
                document.as_ptr(),
                document.len(),
                &mut operation,
                &mut error,
            );
            assert_eq!(started, Status::Ok);
            let mut event = std::mem::MaybeUninit::<Event>::uninit();
            while mgprint_operation_next_event(operation, u32::MAX, event.as_mut_ptr()) == Status::Ok {
                if event.assume_init_ref().kind == EventKind::Finished {
                    break;
                }
            }
            let mut result = std::mem::MaybeUninit::uninit();
            delivered += u64::from(mgprint_operation_result(operation, result.as_mut_ptr(), &mut error) == Status::Ok);
        }
        slots = slots.max((operation >> 32) & 0xff_ffff);
        assert_eq!(mgprint_operation_free(operation), Status::Ok);
        if count == 1000 {
            after_1000 = Traces::now();
        }
    }
    let end = Traces::now();
    println!("{delivered} DELIVERED, from {after_1000:?} to {end:?}, {slots} slots of the handle table");
    let grew = end.resident.saturating_sub(after_1000.resident);
    if grew <= 2 * 1024 * 1024 && end.descriptors <= after_1000.descriptors + 2 && slots < 4 {
        println!("NO GROWTH");
    }
}

async fn url_of(client: &Client, ids: &mgprint_emulator::DocumentIds, size: u64) -> String {
    let body = format!(r#"{{"properties":{{"documentName":"a.pdf","contentType":"application/pdf","size":{size}}}}}"#);
    let (printer, job, document) = (&ids.printer_id, &ids.print_job_id, &ids.print_document_id);
    let request = create_session_request(client, Parent::Printer, printer, job, document, body.into()).unwrap();
    let session = create_upload_session(client, &request, &CallOptions::default()).await.expect("a session");
    let answer: serde_json::Value = serde_json::from_slice(&session.answer.body).unwrap();
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
    let grew = after.resident.saturating_sub(before.resident);
    if after.descriptors <= before.descriptors && after.threads <= before.threads && grew < 16 * 1024 * 1024 {
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

//! Processes that are killed at any moment: the same command again and again ends in one document, and sends little
//! twice. A seed is printed; `MGPRINT_TEST_SEED` repeats the choices, though not the moments themselves, and
//! `MGPRINT_TEST_KILLS` says how many (100).

#[path = "../common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;

use common::process::{ended, Call, Service};
use common::{client, fault, Stage, TestFile};
use http::StatusCode;
use mgprint::session::create_session_request;
use mgprint::{create_upload_session, CallOptions, Client, Parent};
use mgprint_emulator::faults::{Fault, StatusAnswer};
use mgprint_emulator::journal::{Outcome, Snapshot};
use serde_json::Value;
use tempfile::TempDir;

const PIECE: u64 = 100_000;
const SIZE: u64 = 10 * PIECE;

#[tokio::test]
async fn a_process_of_its_own() {
    common::process::act().await;
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn random() -> fastrand::Rng {
    let seed = number("MGPRINT_TEST_SEED", fastrand::u64(..));
    println!("MGPRINT_TEST_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// When the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Somewhere around one of its next requests.
    Sending,
    /// While it writes the resume file.
    Noting,
    /// While it waits between two tries.
    Waiting,
    /// When the service has the whole document.
    Finishing,
}

const MOMENTS: [Moment; 6] =
    [Moment::Sending, Moment::Sending, Moment::Sending, Moment::Noting, Moment::Waiting, Moment::Finishing];

/// A document, its session, and how often it was tried.
struct Job {
    stage: Stage,
    file: TestFile,
    url: String,
    folder: TempDir,
    concurrency: usize,
    kills: u64,
}

impl Job {
    async fn new(concurrency: usize) -> Self {
        let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
        let url = stage.url_for(&stage.ids, SIZE).await;
        Job { stage, file, url, folder: tempfile::tempdir().unwrap(), concurrency, kills: 0 }
    }

    fn resume(&self) -> PathBuf {
        self.folder.path().join("job.resume")
    }

    fn start(&self) -> Child {
        let call = Call {
            endpoint: self.stage.emulator.url(),
            url: &self.url,
            file: self.file.path(),
            resume: Some(&self.resume()),
            chunk_size: PIECE,
            concurrency: self.concurrency,
        };
        call.command().spawn().expect("this program runs twice")
    }

    /// Runs the command, and kills it when its moment comes. Whether it said before that the document is delivered.
    async fn run(&mut self, moment: Moment, random: &mut fastrand::Rng) -> bool {
        if moment == Moment::Waiting {
            let busy =
                StatusAnswer { retry_after: Some("30".into()), ..StatusAnswer::new(StatusCode::SERVICE_UNAVAILABLE) };
            self.stage.plan(fault("PUT", Fault::Status(busy)));
        }
        let mut child = self.start();
        tokio::select! {
            () = self.reached(moment, random) => {}
            () = exited(&mut child) => {}
        }
        let was_killed = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        let said = ended(child).await;
        self.kills += u64::from(was_killed);
        self.stage.emulator.clear_faults();
        let fine = said.contains("DELIVERED") || was_killed;
        assert!(fine, "{moment:?}: {said}");
        said.contains("DELIVERED")
    }

    async fn reached(&self, moment: Moment, random: &mut fastrand::Rng) {
        let journal = self.stage.emulator.journal();
        match moment {
            Moment::Sending => {
                let requests = journal.snapshot().counts.requests + random.u64(1..8);
                journal.until(|journal| journal.counts.requests >= requests).await;
                // No wait for something, but a moment anywhere between two requests.
                tokio::time::sleep(Duration::from_micros(random.u64(0..3000))).await;
            }
            Moment::Noting => {
                let next = self.folder.path().join("job.resume.mgprint-new");
                let times = random.u32(1..6);
                for _ in 0..times {
                    until(|| next.exists()).await;
                    if times > 1 {
                        until(|| !next.exists()).await;
                    }
                }
            }
            Moment::Waiting => {
                let before = journal.snapshot().entries.last().map_or(0, |last| last.number);
                let struck = |journal: &Snapshot| {
                    let mut new = journal.entries.iter().filter(|entry| entry.number > before);
                    new.any(|entry| entry.fault.is_some() && entry.outcome == Outcome::Answered)
                };
                journal.until(struck).await;
                tokio::time::sleep(Duration::from_millis(random.u64(0..10))).await;
            }
            Moment::Finishing => {
                until(|| self.stage.document().sha256.is_some()).await;
                tokio::time::sleep(Duration::from_micros(random.u64(0..1500))).await;
            }
        }
    }

    /// One document, byte for byte, and nothing sent twice but what was on its way at a kill.
    fn assert_done(&self) {
        let (document, journal) = (self.stage.document(), self.stage.journal());
        assert_eq!(document.sha256.as_deref(), Some(self.file.sha256.as_str()), "the bytes differ");
        assert_eq!(document.sessions_completed, 1);
        assert_eq!(journal.violations, Vec::<String>::new());
        let puts = journal.entries.iter().filter(|entry| entry.method == "PUT");
        let kept: u64 =
            puts.clone().filter(|put| matches!(put.status, Some(201 | 202))).map(|put| put.body_bytes).sum();
        let in_flight = self.kills * self.concurrency as u64 * PIECE;
        assert!(kept <= SIZE, "{kept} bytes were acknowledged of {SIZE}");
        let again = journal.counts.put_bytes - SIZE;
        // A service that is busy reads a range and keeps nothing of it.
        let refused: u64 = puts.filter(|put| put.fault.is_some()).map(|put| put.body_bytes).sum();
        assert!(
            again <= in_flight + refused,
            "{again} bytes were sent twice, and {in_flight} were on their way at the kills"
        );
        let left: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new());
    }
}

async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

async fn exited(child: &mut Child) {
    while child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_the_same_command_ends_in_one_document() {
    let mut random = random();
    let (mut kills, mut jobs) = (0, 0);
    while kills < number("MGPRINT_TEST_KILLS", 100) {
        let mut job = Job::new(random.usize(1..5)).await;
        loop {
            let moment = MOMENTS[random.usize(..MOMENTS.len())];
            if job.run(moment, &mut random).await {
                break;
            }
            // Killed when all was done, and nobody was left to say so.
            if job.stage.document().sha256.is_some() && !job.resume().exists() {
                break;
            }
            assert!(job.kills < 100, "it never ends");
        }
        job.assert_done();
        kills += job.kills;
        jobs += 1;
    }
    println!("{kills} kills, {jobs} documents");
}

/// A session of a service that this process does not hold.
async fn session(client: &Client, service: &str) -> (String, String) {
    let made = post(service, "/_emulator/documents").await;
    let id = |name: &str| made[name].as_str().unwrap().to_owned();
    let body = format!(r#"{{"properties":{{"documentName":"a.pdf","contentType":"application/pdf","size":{SIZE}}}}}"#);
    let (printer, job, document) = (id("printerId"), id("printJobId"), id("printDocumentId"));
    let request = create_session_request(client, Parent::Printer, &printer, &job, &document, body.into()).unwrap();
    let created = create_upload_session(client, &request, &CallOptions::default()).await.expect("a session");
    let answer: Value = serde_json::from_slice(&created.response.body).unwrap();
    (answer["uploadUrl"].as_str().unwrap().to_owned(), document)
}

async fn post(service: &str, path: &str) -> Value {
    talk(service, "POST", path).await
}

async fn talk(service: &str, method: &str, path: &str) -> Value {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = service.strip_prefix("http://").unwrap();
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    line.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_comes_back_gets_one_document() {
    let mut random = random();
    let (mut kills, wanted) = (0, number("MGPRINT_TEST_KILLS", 100) / 4);
    while kills < wanted {
        let (folder, file) = (tempfile::tempdir().unwrap(), TestFile::new(SIZE));
        let mut service = Service::start(&folder.path().join("state"));
        let endpoint = service.url();
        let client = client(&endpoint, Some("token"));
        let (url, document) = session(&client, &endpoint).await;
        let resume = folder.path().join("job.resume");
        let call = Call {
            endpoint: &endpoint,
            url: &url,
            file: file.path(),
            resume: Some(&resume),
            chunk_size: PIECE,
            concurrency: random.usize(1..5),
        };
        let mut child = call.command().spawn().expect("this program runs twice");
        let mut client_kills = 0;
        let said = loop {
            tokio::select! {
                () = exited(&mut child) => break ended(child).await,
                () = tokio::time::sleep(Duration::from_micros(random.u64(1_000..60_000))) => {}
            }
            kills += 1;
            service.kill();
            if random.u8(..4) != 0 {
                service.start_again();
                continue;
            }
            // The client with it, as when a machine is switched off; unless it came to its end just before.
            child.kill().unwrap();
            let said = ended(child).await;
            service.start_again();
            if said.contains("DELIVERED") {
                break said;
            }
            client_kills += 1;
            child = call.command().spawn().expect("this program runs twice");
        };
        let known = talk(&endpoint, "GET", &format!("/_emulator/documents/{document}")).await;
        assert_eq!(known["sha256"].as_str(), Some(file.sha256.as_str()), "{said}");
        assert_eq!(known["sessionsCompleted"], 1);
        let killed_when_done = client_kills > 0 && said.contains("SessionGone");
        assert!(said.contains("DELIVERED") || killed_when_done, "{said}");
        assert!(!resume.exists() || killed_when_done);
    }
    println!("{kills} kills of the service");
}

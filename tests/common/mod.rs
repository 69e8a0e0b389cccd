//! What the engine's tests share: an emulator of their own, a document, a session for it, and what was observed.

#![allow(dead_code)] // Each test program uses its own part.

pub mod authority;
pub mod forward_proxy;
pub mod process;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mgprint::session::create_session_request;
use mgprint::{
    create_upload_session, CallOptions, Client, ClientOptions, Endpoint, Error, Event, LogLevel, Observer, Parent,
    UploadOptions, UploadSession, UploadUrl, Uploaded,
};
use mgprint_emulator::faults::{Fault, FaultPlan};
use mgprint_emulator::journal::{Part, Snapshot};
use mgprint_emulator::{Document, DocumentIds, Emulator, NewDocument, Settings};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// A service, a client of it, and one document to send.
pub struct Stage {
    pub emulator: Emulator,
    pub client: Client,
    pub ids: DocumentIds,
    pub observed: Arc<Observed>,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let emulator = Emulator::start(settings).await.expect("a free port");
        let ids = emulator.add_document(NewDocument::default()).expect("new ids");
        let client = client(emulator.url(), Some(emulator.token()));
        Stage { emulator, client, ids, observed: Arc::default() }
    }

    pub async fn session(&self, size: u64) -> UploadUrl {
        self.try_session(size).await.expect("a session").upload_url(&self.client).expect("a good address")
    }

    pub async fn try_session(&self, size: u64) -> Result<UploadSession, Error> {
        self.session_for(&self.ids, size).await
    }

    /// The upload URL of a new session as text, secret included: to pass to another program.
    pub async fn url_for(&self, ids: &DocumentIds, size: u64) -> String {
        let session = self.session_for(ids, size).await.expect("a session");
        let answer: serde_json::Value = serde_json::from_slice(&session.response.body).expect("JSON");
        answer["uploadUrl"].as_str().expect("an upload URL").to_owned()
    }

    async fn session_for(&self, ids: &DocumentIds, size: u64) -> Result<UploadSession, Error> {
        let body = format!(
            r#"{{"properties":{{"documentName":"TestFile.pdf","contentType":"application/pdf","size":{size}}}}}"#
        );
        let request = create_session_request(
            &self.client,
            Parent::Printer,
            &ids.printer_id,
            &ids.print_job_id,
            &ids.print_document_id,
            body.into(),
        )?;
        create_upload_session(&self.client, &request, &self.call()).await
    }

    /// Quick to try again, and observed.
    pub fn call(&self) -> CallOptions {
        CallOptions { idle_timeout: Duration::from_secs(30), observer: self.observed.clone(), ..CallOptions::default() }
    }

    pub fn options(&self, chunk_size: u64, max_concurrency: usize) -> UploadOptions {
        UploadOptions { call: self.call(), chunk_size, max_concurrency, ..UploadOptions::default() }
    }

    pub async fn upload(&self, url: &UploadUrl, file: &Path, options: &UploadOptions) -> Result<Uploaded, Error> {
        mgprint::upload(&self.client, url, file, options).await
    }

    pub fn plan(&self, plan: FaultPlan) {
        self.emulator.plan(plan);
    }

    pub fn document(&self) -> Document {
        self.emulator.document(&self.ids.print_document_id).expect("the document of the stage")
    }

    pub fn journal(&self) -> Snapshot {
        self.emulator.journal().snapshot()
    }

    /// Every promise to the service, kept: no rule broken, no byte sent twice that it had.
    pub fn assert_well_behaved(&self) {
        let journal = self.journal();
        assert_eq!(journal.violations, Vec::<String>::new());
        assert!(journal.counts.most_puts_open <= 4);
        for entry in journal.entries.iter().filter(|entry| entry.part == Part::Upload) {
            assert_eq!(entry.header("authorization"), None, "a token went to an upload URL");
        }
    }

    pub fn assert_arrived(&self, file: &TestFile) {
        let document = self.document();
        assert_eq!(document.size, Some(file.size));
        assert_eq!(document.sha256.as_deref(), Some(file.sha256.as_str()), "the bytes differ");
        self.assert_well_behaved();
    }

    pub fn puts(&self) -> Vec<String> {
        self.requests("PUT").into_iter().map(|range| range.expect("a PUT has a range")).collect()
    }

    pub fn requests(&self, method: &str) -> Vec<Option<String>> {
        let on_upload_urls =
            |entry: &&mgprint_emulator::journal::Entry| entry.part == Part::Upload && entry.method == method;
        self.journal().entries.iter().filter(on_upload_urls).map(|entry| entry.content_range.clone()).collect()
    }
}

pub fn client(endpoint: &str, token: Option<&str>) -> Client {
    Client::new(ClientOptions {
        endpoint: Endpoint::parse(endpoint).expect("a good endpoint"),
        access_token: token.map(|token| token.to_owned().into()),
        ..ClientOptions::default()
    })
    .expect("a client")
}

pub fn fault(method: &str, fault: Fault) -> FaultPlan {
    let mut plan = FaultPlan { matching: Default::default(), fault };
    plan.matching.method = Some(method.to_owned());
    plan
}

/// A file whose bytes are different at every offset that a mistake would pick.
pub struct TestFile {
    pub file: NamedTempFile,
    pub size: u64,
    pub sha256: String,
}

impl TestFile {
    pub fn new(size: u64) -> Self {
        let mut file = NamedTempFile::with_suffix(".pdf").expect("a temporary file");
        let mut hash = Sha256::new();
        let (mut left, mut state) = (size, 0x9e37_79b9_7f4a_7c15u64);
        let mut block = Vec::with_capacity(64 * 1024);
        while left > 0 {
            block.clear();
            while block.len() < 64 * 1024 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                block.extend_from_slice(&state.to_le_bytes());
            }
            let part = &block[..block.len().min(left as usize)];
            file.write_all(part).expect("room on the disk");
            hash.update(part);
            left -= part.len() as u64;
        }
        file.flush().expect("room on the disk");
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        TestFile { file, size, sha256 }
    }

    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Everything that was told.
#[derive(Default)]
pub struct Observed(Mutex<Vec<Event>>);

impl Observed {
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    pub fn retries(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Retry { .. })).count()
    }

    pub fn warnings(&self) -> Vec<String> {
        let text = |event| match event {
            Event::Log { level: LogLevel::Warning, text } => Some(text),
            _ => None,
        };
        self.events().into_iter().filter_map(text).collect()
    }

    /// All texts, to search for what must not be there.
    pub fn texts(&self) -> String {
        format!("{:?}", self.events())
    }
}

impl Observer for Observed {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }

    fn log_level(&self) -> LogLevel {
        LogLevel::Debug
    }
}

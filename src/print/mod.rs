//! One document to paper: a job, its upload session, the bytes, the start, and the wait for the printer.
//!
//! Where the response to the creation of a job is lost, another is made, and what may be left over is named (`create`).
//! A job that was made and cannot be printed is canceled; with a `record` it is kept, and the same call goes on with it.
//! What the share cannot do is refused before a job is made (`capabilities`).

mod cache;
mod call;
mod capabilities;
mod create;
mod description;
mod job;
mod record;
mod run;
mod share;
mod wait;

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::HeaderMap;
use serde_json::{json, Map, Value};

use crate::error::{Error, Result};
use crate::event::JobStatus;
use crate::http::client::Client;
use crate::upload::{self, Input, UploadOptions};

use description::Job;
use job::Jobs;
use record::PrintRecord;
use run::Print;
pub use share::{find_share, Share};

/// Where a document is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The share of this name, or of this id.
    ShareNamed(String),
    /// The share of this id.
    Share(String),
    /// The printer of this id; only a Printer Administrator may make jobs there.
    Printer(String),
}

/// What is to be printed, and where.
#[derive(Clone)]
pub struct PrintRequest {
    /// Where.
    pub destination: Destination,
    /// A `printJobConfiguration`; empty for what the printer does by default.
    pub configuration: Map<String, Value>,
    /// The name that the document gets at the service.
    pub document_name: String,
    /// Its media type.
    pub content_type: String,
    /// Headers of the caller's for each request to Graph.
    pub headers: Vec<(String, String)>,
}

/// Without the caller's headers, which may hold a secret.
impl fmt::Debug for PrintRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PrintRequest { destination, document_name, .. } = self;
        f.debug_struct("PrintRequest")
            .field("destination", destination)
            .field("document_name", document_name)
            .finish_non_exhaustive()
    }
}

/// How it is printed.
#[derive(Clone)]
pub struct PrintOptions {
    /// How the bytes are sent; its `resume` is not used.
    pub upload: UploadOptions,
    /// The job is made and its document sent, and whoever wants it printed starts it.
    pub no_start: bool,
    /// How long to wait for the printer to be done; `None` to be content when the job is started.
    pub wait: Option<Duration>,
    /// The first pause between two looks at the job; each further one is longer, up to ten times this.
    pub poll_interval: Duration,
    /// Of a document in a file: another file, which makes the print one that the same call goes on with after whatever ended it.
    /// It stays, so that the same document is not printed twice.
    pub record: Option<PathBuf>,
    /// Prints again what the record says was printed.
    pub force: bool,
}

impl Default for PrintOptions {
    fn default() -> Self {
        PrintOptions {
            upload: UploadOptions::default(),
            no_start: false,
            wait: None,
            poll_interval: Duration::from_secs(1),
            record: None,
            force: false,
        }
    }
}

/// A job whose document the service has.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The id of the share or the printer.
    pub parent_id: String,
    /// The job; its id is unique within its printer.
    pub job_id: String,
    /// Its document.
    pub document_id: String,
    /// How the job stood when it was last looked at. *Started* is not *printed*.
    pub status: JobStatus,
    /// Nothing was done: the record says that the same document was handed over before.
    pub skipped: bool,
    /// The time to wait was over before the printer was done.
    pub wait_ended: bool,
    /// Bytes of the document.
    pub bytes_total: u64,
    /// Bytes sent by this call, repeats included.
    pub bytes_sent: u64,
    /// Tries of the upload after failures.
    pub retries: u32,
    /// Headers of the service's last response; empty where nothing was asked of it.
    pub headers: HeaderMap,
}

impl Printed {
    fn of(jobs: &Jobs, job: &Job, bytes_total: u64) -> Self {
        Printed {
            parent_id: jobs.parent_id().to_owned(),
            job_id: job.id.clone(),
            document_id: job.document_id.clone(),
            status: job.status.clone(),
            skipped: false,
            wait_ended: false,
            bytes_total,
            bytes_sent: 0,
            retries: 0,
            headers: HeaderMap::new(),
        }
    }

    /// As JSON: `parentId`, `printJobId`, `printDocumentId`, `status`, `skipped` and `waitEnded`.
    pub fn to_json(&self) -> String {
        json!({
            "parentId": self.parent_id,
            "printJobId": self.job_id,
            "printDocumentId": self.document_id,
            "status": self.status,
            "skipped": self.skipped,
            "waitEnded": self.wait_ended,
        })
        .to_string()
    }
}

/// Prints a document.
///
/// # Errors
/// Before a job is made: what can be wrong with a file ([`upload::FileSource::open`]), a record or an id, and
/// [`NotSupported`](crate::error::ErrorKind::NotSupported) for what the share cannot do. Then what the network and the service can do, and
/// [`PrintJobEnded`](crate::error::ErrorKind::PrintJobEnded) when the job was aborted or canceled before it was printed.
pub async fn print(
    client: &Client,
    request: &PrintRequest,
    input: impl Into<Input>,
    options: &PrintOptions,
) -> Result<Printed> {
    let input = input.into();
    let has_job = AtomicBool::new(false);
    let printed = print_once(client, request, &input, options, &has_job).await;
    let is_share_gone = |error: &Error| error.http_status() == Some(404) && !has_job.load(Ordering::Relaxed);
    match (&request.destination, &printed) {
        // It may lead to a share that was made anew since it was looked up.
        (Destination::ShareNamed(name), Err(error)) if is_share_gone(error) => {
            share::forget(client, name);
            print_once(client, request, &input, options, &has_job).await
        }
        _ => printed,
    }
}

async fn print_once(
    client: &Client,
    request: &PrintRequest,
    input: &Input,
    options: &PrintOptions,
    has_job: &AtomicBool,
) -> Result<Printed> {
    let (source, turn) = input.open(&options.upload.call).await?;
    let jobs = Jobs::at(client, request, &options.upload.call).await?;
    let record = match &options.record {
        Some(path) => {
            let file = upload::must_be_file(&*source, "A record")?;
            Some(PrintRecord::open(path, &jobs.address(), &file, &request.configuration).await?)
        }
        None => None,
    };
    let (size, known) = (source.size(), source.file().map(|file| file.fingerprint().clone()));
    drop((source, turn));
    let print = Print { jobs, request, options, input, size, known, has_job };
    let printed = match record {
        Some(record) => print.recorded(record).await?,
        None => print.once().await?,
    };
    Ok(Printed { headers: print.jobs.last_headers(), ..printed })
}

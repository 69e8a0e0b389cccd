//! One document to paper: a job, its upload session, the bytes, the start, and the wait for the printer.
//!
//! A job is made once: where the response to its creation is lost, the newest jobs are looked at before another is made
//! ([`create`]). A job that was made and cannot be printed is canceled; with a [`record`] it is kept, and the same call
//! goes on with it. What the share cannot do is refused before a job is made ([`capabilities`]).

mod cache;
mod capabilities;
mod create;
mod job;
mod record;
mod share;
mod wait;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{json, Map, Value};

use crate::document;
use crate::error::{Error, ErrorKind, Result};
use crate::event::JobStatus;
use crate::http::client::Client;
use crate::upload::{self, ResumeFile, Source, UploadOptions, Uploaded};

use job::{Job, Jobs};
use record::{PrintRecord, Step};
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
#[derive(Clone, Debug)]
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

/// How it is printed.
#[derive(Clone, Debug)]
pub struct PrintOptions {
    /// How the bytes are sent; its `resume` is not used.
    pub upload: UploadOptions,
    /// The job is made and its document sent, and whoever wants it printed starts it.
    pub no_start: bool,
    /// How long to wait for the printer to be done; `None` to be content when the job is started.
    pub wait: Option<Duration>,
    /// The first pause between two looks at the job; each further one is longer, up to ten times this.
    pub poll_interval: Duration,
    /// Of [`print_file`]: a file that makes the print one that the same call goes on with after whatever ended it. The file
    /// stays, so that the same document is not printed twice.
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
        }
    }

    /// As JSON: `parentId`, `printJobId`, `printDocumentId`, `status`, `skipped` and `waitEnded`.
    pub fn to_json(&self) -> String {
        json!({
            "parentId": self.parent_id,
            "printJobId": self.job_id,
            "printDocumentId": self.document_id,
            "status": self.status.to_json(),
            "skipped": self.skipped,
            "waitEnded": self.wait_ended,
        })
        .to_string()
    }
}

/// Prints a file.
///
/// # Errors
/// Before a job is made: what can be wrong with a file ([`upload::FileSource::open`]), a record or an id, and
/// [`ErrorKind::NotSupported`] for what the share cannot do. Then what the network and the service can do, and
/// [`ErrorKind::PrintJobEnded`] when the job was aborted or canceled before it was printed.
pub async fn print_file(
    client: &Client,
    request: &PrintRequest,
    path: &Path,
    options: &PrintOptions,
) -> Result<Printed> {
    let printed = print_file_once(client, request, path, options).await;
    if is_to_be_tried_again(client, request, &printed).await {
        return print_file_once(client, request, path, options).await;
    }
    printed
}

async fn print_file_once(
    client: &Client,
    request: &PrintRequest,
    path: &Path,
    options: &PrintOptions,
) -> Result<Printed> {
    let source = upload::open_file(path).await?;
    check_size(source.size(), options)?;
    let jobs = Jobs::at(client, request, &options.upload.call).await?;
    let document = Document::File(path.to_owned(), source.size());
    let Some(record) = &options.record else {
        return Print { jobs, request, options, document }.once().await;
    };
    let record = PrintRecord::open(record, &jobs.address(), &source, path).await?;
    drop(source);
    Print { jobs, request, options, document }.recorded(record).await
}

/// Prints a document that is no file.
///
/// # Errors
/// As [`print_file`].
pub async fn print(
    client: &Client,
    request: &PrintRequest,
    source: Arc<dyn Source>,
    options: &PrintOptions,
) -> Result<Printed> {
    check_size(source.size(), options)?;
    let once = || async {
        let jobs = Jobs::at(client, request, &options.upload.call).await?;
        Print { jobs, request, options, document: Document::Source(source.clone()) }.once().await
    };
    let printed = once().await;
    if is_to_be_tried_again(client, request, &printed).await {
        return once().await;
    }
    printed
}

/// A name may lead to a share that was made anew since it was looked up: then it is looked up once more.
async fn is_to_be_tried_again(client: &Client, request: &PrintRequest, result: &Result<Printed>) -> bool {
    match (&request.destination, result) {
        (Destination::ShareNamed(name), Err(error)) if error.http_status() == Some(404) => {
            share::forget(client, name).await;
            true
        }
        _ => false,
    }
}

fn check_size(size: u64, options: &PrintOptions) -> Result<()> {
    if size == 0 {
        return Err(upload::source::empty("The document"));
    }
    upload::warn_of_size(size, &options.upload.call);
    Ok(())
}

enum Document {
    File(PathBuf, u64),
    Source(Arc<dyn Source>),
}

impl Document {
    fn size(&self) -> u64 {
        match self {
            Document::File(_, size) => *size,
            Document::Source(source) => source.size(),
        }
    }
}

/// One document on its way to paper.
struct Print<'a> {
    jobs: Jobs,
    request: &'a PrintRequest,
    options: &'a PrintOptions,
    document: Document,
}

impl Print<'_> {
    /// Without a record: a job that cannot be started is canceled.
    async fn once(&self) -> Result<Printed> {
        capabilities::check(&self.jobs, self.request).await?;
        let (job, unprinted) = create::create(&self.jobs, &self.request.configuration, None).await?;
        match self.send_and_start(&job, None).await {
            Ok(printed) => {
                unprinted.keep();
                self.wait(printed).await
            }
            Err(error) => Err(unprinted.cancel(error).await),
        }
    }

    /// With a record: goes on with the job that it knows, and leaves it for the next call where something fails.
    async fn recorded(&self, mut record: PrintRecord) -> Result<Printed> {
        let is_same = record.is_same_document();
        if is_same && record.step() >= self.last_step() && !self.options.force {
            let skipped = Printed { skipped: true, ..Printed::of(&self.jobs, &record.job(), self.document.size()) };
            return self.wait(skipped).await;
        }
        let resume = ResumeFile { path: record.upload_path(), identity: String::new() };
        let job = match self.known_job(&record, is_same).await? {
            // It was started, and the run ended before it could write that down.
            Some(job) if job.status.state == "completed" => {
                record.save(Step::Started, &job).await?;
                return Ok(Printed { skipped: true, ..Printed::of(&self.jobs, &job, self.document.size()) });
            }
            Some(job) => job,
            None => {
                resume.discard().await?;
                capabilities::check(&self.jobs, self.request).await?;
                let made = create::create(&self.jobs, &self.request.configuration, Some(&mut record)).await;
                let (job, unprinted) = made?;
                record.save(Step::Created, &job).await?;
                unprinted.keep();
                job
            }
        };
        let identity = format!("{}/{}/documents/{}", self.jobs.address(), job.id, job.document_id);
        let kept = Some((&mut record, ResumeFile { identity, ..resume }));
        let printed = self.send_and_start(&job, kept).await.map_err(|error| {
            let message = format!("{} Print job {} is kept for the document.", error.message(), job.id);
            error.with_message(message)
        })?;
        // Whoever wants it printed again need not wait until it is.
        drop(record);
        self.wait(printed).await
    }

    /// The job of the record, where it is still good for the document or has printed it. One that waits for what the document
    /// was is canceled.
    async fn known_job(&self, record: &PrintRecord, is_same_document: bool) -> Result<Option<Job>> {
        if !matches!(record.step(), Step::Created | Step::Uploaded) {
            return Ok(None);
        }
        let id = &record.job().id;
        match self.jobs.find(id).await? {
            Some(job) if is_same_document && !job.status.has_failed() => {
                self.jobs.call().verbose(|| format!("Going on with print job {id}."));
                Ok(Some(job))
            }
            // What was started before is paper, or will be.
            Some(job) if !is_same_document && job.status.state != "paused" => Ok(None),
            Some(job) if !is_same_document => self.jobs.cancel(&job.id).await.map(|()| None),
            _ => {
                self.jobs.warn(format!("Print job {id} of an earlier run is gone. Makes another for the document."));
                Ok(None)
            }
        }
    }

    /// The step that ends what this call was asked for, but for waiting.
    fn last_step(&self) -> Step {
        if self.options.no_start {
            Step::Uploaded
        } else {
            Step::Started
        }
    }

    async fn send_and_start(&self, job: &Job, mut kept: Option<(&mut PrintRecord, ResumeFile)>) -> Result<Printed> {
        let mut printed = Printed::of(&self.jobs, job, self.document.size());
        self.jobs.announce(&printed);
        if self.is_to_be_sent(job, &kept) {
            let sent = self.send(job, kept.as_ref().map(|(_, resume)| resume)).await?;
            (printed.bytes_sent, printed.retries) = (sent.bytes_sent, sent.retries);
        }
        if let Some((record, _)) = &mut kept {
            record.save(Step::Uploaded, job).await?;
        }
        if self.options.no_start {
            printed.status = self.jobs.find(&job.id).await?.map_or(printed.status, |job| job.status);
            return Ok(printed);
        }
        printed.status = self.jobs.start(&job.id).await?;
        if let Some((record, _)) = &mut kept {
            record.save(Step::Started, &Job { status: printed.status.clone(), ..job.clone() }).await?;
        }
        self.jobs.announce(&printed);
        Ok(printed)
    }

    /// An earlier run may have been killed after the last byte, and before it could write that down.
    fn is_to_be_sent(&self, job: &Job, kept: &Option<(&mut PrintRecord, ResumeFile)>) -> bool {
        match kept {
            None => true,
            Some((record, resume)) => {
                record.step() < Step::Uploaded && (resume.path.exists() || job.status.is_upload_pending())
            }
        }
    }

    /// Sends the bytes. Where the service does not say that it has them, the job does: it waits for its document or not.
    async fn send(&self, job: &Job, resume: Option<&ResumeFile>) -> Result<Uploaded> {
        let options = UploadOptions { resume: resume.cloned(), ..self.options.upload.clone() };
        let body = json!({ "properties": {
            "documentName": self.request.document_name,
            "contentType": self.request.content_type,
        }});
        let request = self.jobs.session_request(job, body.to_string())?;
        let mut is_last_try = false;
        loop {
            let sent = match &self.document {
                Document::File(path, _) => document::send_file(self.jobs.client(), &request, path, &options).await,
                Document::Source(source) => {
                    document::send(self.jobs.client(), &request, source.clone(), &options).await
                }
            };
            match sent {
                Ok(sent) if !sent.confirmed => {
                    if !self.is_still_pending(job).await? {
                        return Ok(sent);
                    }
                    if is_last_try {
                        let message =
                            "The service took every byte of the document, and its print job still waits for it.";
                        return Err(Error::new(ErrorKind::UnexpectedResponse, message));
                    }
                }
                Err(gone) if gone.kind() == ErrorKind::SessionGone && !is_last_try => {
                    if !self.is_still_pending(job).await? {
                        return Err(gone);
                    }
                }
                sent => return sent,
            }
            if let Some(resume) = resume {
                resume.discard().await?;
            }
            self.jobs.warn(format!("Print job {} still waits for its document. Sends it again.", job.id));
            is_last_try = true;
        }
    }

    async fn is_still_pending(&self, job: &Job) -> Result<bool> {
        Ok(self.jobs.find(&job.id).await?.is_none_or(|job| job.status.is_upload_pending()))
    }

    async fn wait(&self, printed: Printed) -> Result<Printed> {
        match self.options.wait {
            Some(longest) if !self.options.no_start => {
                wait::wait(&self.jobs, printed, longest, self.options.poll_interval).await
            }
            _ => Ok(printed),
        }
    }
}

//! The way of one document: the job, the bytes, the start, and the wait, with a record or without.

use std::sync::atomic::{AtomicBool, Ordering};

use super::job::{unconfirmed, Jobs};
use super::record::{PrintRecord, Step};
use super::Job;
use super::{call, capabilities, create, wait, PrintOptions, PrintRequest, Printed};
use crate::document;
use crate::error::{Error, ErrorKind, Result};
use crate::event::JobStatus;
use crate::graph;
use crate::http::retry::Budget;
use crate::upload::source::Fingerprint;
use crate::upload::{Input, ResumeFile, UploadOptions};

/// One document and where it is printed.
pub(super) struct Print<'a> {
    pub(super) jobs: Jobs,
    pub(super) request: &'a PrintRequest,
    pub(super) options: &'a PrintOptions,
    pub(super) input: &'a Input,
    pub(super) size: u64,
    /// Of a file: what it was when it was looked at first.
    pub(super) known: Option<Fingerprint>,
    /// Set when there is a job for the document.
    pub(super) has_job: &'a AtomicBool,
}

impl Print<'_> {
    /// Without a record: a job that cannot be started is canceled.
    pub(super) async fn once(&self) -> Result<Printed> {
        let configuration = capabilities::check(&self.jobs, self.request).await?;
        let (job, guard) = create::create(&self.jobs, &configuration, None).await?;
        match self.send_and_start(&job, None, true).await {
            Ok(printed) => {
                guard.disarm();
                self.wait(printed).await
            }
            // It may be paper, or it is over.
            Err(error) if matches!(error.kind(), ErrorKind::StartUnconfirmed | ErrorKind::PrintJobEnded) => {
                guard.disarm();
                Err(error)
            }
            Err(error) => Err(guard.cancel(error).await),
        }
    }

    /// With a record: goes on with the job that it knows, and leaves it for the next call where something fails.
    pub(super) async fn recorded(&self, mut record: PrintRecord) -> Result<Printed> {
        let is_same = record.is_same_print();
        let is_done = record.step() >= self.last_step() && record.step() != Step::Starting;
        if is_same && is_done && !self.options.force {
            let skipped = Printed { skipped: true, ..Printed::of(&self.jobs, &record.job(), self.size) };
            return self.wait_recorded(skipped, &mut record).await;
        }
        let resume = ResumeFile { path: record.upload_path(), identity: String::new() };
        let (job, is_new) = match self.known_job(&record, is_same).await? {
            // It was started, and the run ended before it could write that down.
            Some(job) if job.status.state == "completed" => {
                record.save(Step::Started, &job).await?;
                return Ok(Printed { skipped: true, ..Printed::of(&self.jobs, &job, self.size) });
            }
            Some(job) => (job, false),
            None => {
                resume.discard().await?;
                let configuration = capabilities::check(&self.jobs, self.request).await?;
                let (job, guard) = create::create(&self.jobs, &configuration, Some(&mut record)).await?;
                record.save(Step::Created, &job).await?;
                guard.disarm();
                (job, true)
            }
        };
        let identity = format!("{}/{}/documents/{}", self.jobs.address(), job.id, job.document_id);
        let kept = Some((&mut record, ResumeFile { identity, ..resume }));
        match self.send_and_start(&job, kept, is_new).await {
            Ok(printed) => self.wait_recorded(printed, &mut record).await,
            Err(error) if error.kind() == ErrorKind::PrintJobEnded => record.forget().await.and(Err(error)),
            Err(error) => {
                let message = format!("{} Print job {} is kept for the document.", error.message(), job.id);
                Err(error.with_message(message))
            }
        }
    }

    /// How a job ended stays known when the service forgets it. One that ended without being printed is forgotten, so that
    /// the same call prints the document.
    async fn wait_recorded(&self, printed: Printed, record: &mut PrintRecord) -> Result<Printed> {
        let waited = self.wait(printed).await;
        match &waited {
            Ok(printed) if printed.status.is_over() => {
                record.save(Step::Started, &Job { status: printed.status.clone(), ..record.job() }).await?;
            }
            Err(error) if error.kind() == ErrorKind::PrintJobEnded => record.forget().await?,
            _ => {}
        }
        waited
    }

    /// The job of the record, where it is still good for the document or has printed it. One that waits for what the document
    /// was is canceled.
    async fn known_job(&self, record: &PrintRecord, is_same: bool) -> Result<Option<Job>> {
        if !matches!(record.step(), Step::Created | Step::Uploaded | Step::Starting) {
            return Ok(None);
        }
        let id = &record.job().id;
        let found = if is_same && record.step() == Step::Starting {
            self.jobs.announce(&Printed::of(&self.jobs, &record.job(), self.size));
            match self.jobs.find_or_retry(id).await {
                Err(_) if self.options.force => None,
                // Of a job that is gone nobody knows whether it was printed.
                found => Some(found.map_err(|error| unconfirmed(id, &error))?),
            }
        } else {
            self.jobs.find(id).await?
        };
        match found {
            None => {}
            // What was started before is paper, or will be.
            Some(job) if !is_same && (job.status.state != "paused" || job.status.is_held()) => return Ok(None),
            Some(job) if !is_same => return self.jobs.cancel(&job.id).await.map(|()| None),
            Some(job) if self.options.force && job.status.state == "completed" => return Ok(None),
            Some(job) if job.status.has_failed() => {}
            Some(job) => {
                self.jobs.call().verbose(|| format!("Going on with print job {id}."));
                return Ok(Some(job));
            }
        }
        self.jobs.warn(format!("Print job {id} of an earlier run is gone. Creating another for the document."));
        Ok(None)
    }

    /// The step that ends what this call was asked for, but for waiting.
    fn last_step(&self) -> Step {
        if self.options.no_start {
            Step::Uploaded
        } else {
            Step::Started
        }
    }

    /// `is_new`: the job was made by this call.
    async fn send_and_start(
        &self,
        job: &Job,
        mut kept: Option<(&mut PrintRecord, ResumeFile)>,
        is_new: bool,
    ) -> Result<Printed> {
        let mut printed = Printed::of(&self.jobs, job, self.size);
        self.has_job.store(true, Ordering::Relaxed);
        self.jobs.announce(&printed);
        if is_new || is_to_be_sent(job, &kept) {
            let told_pending =
                kept.as_ref().map_or(job.status.is_upload_pending(), |(record, _)| record.told_pending());
            let resume = kept.as_ref().map(|(_, resume)| resume);
            (printed.bytes_sent, printed.retries) = self.send(job, resume, told_pending).await?;
        }
        if let Some((record, _)) = &mut kept {
            record.save(Step::Uploaded, job).await?;
        }
        if self.options.no_start {
            // The document is there, whatever can be told of the job.
            if let Ok(Some(job)) = self.jobs.find(&job.id).await {
                printed.status = job.status;
            }
            return Ok(printed);
        }
        printed.status = if job.status.is_started() {
            job.status.clone()
        } else {
            self.start(job, kept.as_mut().map(|(record, _)| &mut **record)).await?
        };
        if let Some((record, _)) = &mut kept {
            record.save(Step::Started, &Job { status: printed.status.clone(), ..job.clone() }).await?;
        }
        self.jobs.announce(&printed);
        Ok(printed)
    }

    /// Starts a job. From before that on its record says that it may be printed.
    async fn start(&self, job: &Job, record: Option<&mut PrintRecord>) -> Result<JobStatus> {
        let Some(record) = record else { return self.jobs.start(&job.id, false).await };
        record.save(Step::Starting, job).await?;
        let started = self.jobs.start(&job.id, true).await;
        if started.as_ref().is_err_and(|error| error.kind() != ErrorKind::StartUnconfirmed) {
            // The first error is worth more than that of the record, which then says too much.
            let _ = record.save_not_started().await;
        }
        started
    }

    /// Sends the bytes, and gives how many, with how many retries. Where the service does not say that it has them, the job
    /// does: it waits for its document or not. A service that has not said so of the new job says it of none.
    async fn send(&self, job: &Job, resume: Option<&ResumeFile>, told_pending: bool) -> Result<(u64, u32)> {
        let options = UploadOptions { resume: resume.cloned(), ..self.options.upload.clone() };
        let body = graph::upload_properties(&self.request.document_name, &self.request.content_type, None);
        let request = self.jobs.session_request(job, body)?;
        let (mut counts, mut is_last_try) = ((0, 0), false);
        let mut budget = Budget::for_graph(&options.call);
        loop {
            let (source, turn) = self.input.open(&options.call).await?;
            if let (Some(file), Some(known)) = (source.file(), &self.known) {
                file.must_be(known)?;
            }
            let sent = document::send_opened(self.jobs.client(), &request, source, &options).await;
            drop(turn);
            if let Ok(sent) = &sent {
                counts = (counts.0 + sent.bytes_sent, counts.1 + sent.retries);
            }
            let failure = match sent {
                Ok(sent) if sent.confirmed => return Ok(counts),
                Ok(_) => {
                    let message = "The service took every byte of the document, and its print job still waits for it.";
                    Error::new(ErrorKind::UnexpectedResponse, message)
                }
                // As after the last response was lost.
                Err(error) if error.kind() == ErrorKind::SessionGone || error.http_status() == Some(409) => error,
                // No session could be created for the moment: a request to an upload URL has no id.
                Err(error) if call::has_failed_within(&error) && error.client_request_id().is_some() => {
                    budget.wait(&options.call, error.retryable(true)).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            match self.jobs.find(&job.id).await? {
                Some(job) if told_pending && job.status.has_document() => return Ok(counts),
                Some(job) if !job.status.is_upload_pending() => return Err(failure),
                _ if is_last_try => return Err(failure),
                _ => is_last_try = true,
            }
            if let Some(resume) = resume {
                resume.discard().await?;
            }
            self.jobs.warn(format!("Print job {} still waits for its document. Sending it again.", job.id));
        }
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

/// An earlier run may have been killed after the last byte, and before it could write that down. Then the job says so, where
/// its service does.
fn is_to_be_sent(job: &Job, kept: &Option<(&mut PrintRecord, ResumeFile)>) -> bool {
    kept.as_ref().is_none_or(|(record, resume)| {
        record.step() < Step::Uploaded
            && (!record.told_pending() || resume.path.exists() || job.status.is_upload_pending())
    })
}

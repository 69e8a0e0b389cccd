//! The way a document goes: follow the plan, keep ranges in flight, believe the service.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::body::{Document, Flight};
use super::gate::Gate;
use super::plan::{Plan, Step};
use super::progress::Progress;
use super::put::{Landing, Sender};
use super::range::RangeSet;
use super::resume::{self, Notes};
use super::source::{self, FileSource, Source};
use super::UploadOptions;
use crate::client::Client;
use crate::endpoint::UploadUrl;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, LogLevel};
use crate::exchange::{host, Answer};
use crate::retry::{self, Budget, RetryPolicy, Verdict};
use crate::session;

/// A document that is larger than this the service refuses at the end, as is documented: 1 GB a print job.
const LARGEST_JOB: u64 = 1_000_000_000;

/// A document that arrived.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// The service's answer to the last range, whose JSON is the printDocument; `None` when that answer was lost.
    pub answer: Option<Answer>,
    /// Whether the service said that the document is complete. `false` when every byte was acknowledged or sent, the
    /// last answer was lost, and the session is gone as a complete one is.
    pub confirmed: bool,
    /// The size of the document.
    pub bytes_total: u64,
    /// Bytes sent by this upload, repeats included.
    pub bytes_sent: u64,
    /// Tries after failures.
    pub retries: u32,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

/// Sends a file to an upload session: what the session still misses of it.
///
/// # Errors
/// As [`upload`], and before anything is sent what can be wrong with a file: see [`FileSource::open`]. With a
/// [`ResumeFile`](super::ResumeFile) also what can be wrong with that, and [`ErrorKind::SourceChanged`] when the
/// document is not the one whose upload it is of.
pub async fn upload_file(
    client: &Client,
    upload_url: &UploadUrl,
    path: &Path,
    options: &UploadOptions,
) -> Result<Uploaded> {
    upload_opened(client, upload_url, open_file(path).await?, options).await
}

/// On a share that hangs, opening waits for ever; on a thread of its own, a caller can still give up.
pub(crate) async fn open_file(path: &Path) -> Result<FileSource> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || FileSource::open(&path)).await;
    opened.map_err(|panic| Error::new(ErrorKind::Internal, format!("Opening the file failed: {panic}.")))?
}

/// [`upload_file`], of a file that is open.
pub(crate) async fn upload_opened(
    client: &Client,
    upload_url: &UploadUrl,
    source: FileSource,
    options: &UploadOptions,
) -> Result<Uploaded> {
    match &options.resume {
        None => send(client, upload_url, Arc::new(source), options, None).await,
        Some(resume) => resume::upload(client, upload_url, source, resume, options).await,
    }
}

/// Sends a document to an upload session: what the session still misses of it.
///
/// The session's state is asked for first, so that this also resumes what an earlier upload began; not that of a
/// [`UploadOptions::fresh_session`], whose state is known.
///
/// # Errors
/// [`ErrorKind::SourceEmpty`]; [`ErrorKind::SizeMismatch`] before a byte is sent when the session was created for another size;
/// [`ErrorKind::SourceChanged`] before the document can be completed wrongly; [`ErrorKind::SessionGone`]; and what the
/// network and the service can do. [`Error::is_resumable`] says whether the same call can go on later.
pub async fn upload(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    if options.resume.is_some() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            "A resume file can be used for a document in a file alone.",
        ));
    }
    send(client, upload_url, source, options, None).await
}

pub(super) async fn send(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
    notes: Option<Arc<Notes>>,
) -> Result<Uploaded> {
    options.check()?;
    let size = source.size();
    if size == 0 {
        return Err(source::empty("The document"));
    }
    if let Some(expected) = options.expected_size.filter(|&expected| expected != size) {
        return Err(size_mismatch(size, &format!("for {expected} bytes")));
    }
    if size > LARGEST_JOB {
        let text =
            format!("The document has {size} bytes. The service takes at most 1 GB in a print job, and may refuse it.");
        options.call.observer.event(Event::Log { level: LogLevel::Warning, text });
    }
    let progress = Progress::new(Arc::clone(&options.call.observer), size);
    let document = Arc::new(Document { source, progress, gate: Gate::new(), notes });
    let sender = Sender { client, upload_url, document, options, size };
    Upload::new(&sender).run().await
}

fn size_mismatch(size: u64, created: &str) -> Error {
    Error::new(
        ErrorKind::SizeMismatch,
        format!("The document has {size} bytes, but the upload session was created {created}. Nothing was sent."),
    )
    .with_next_step("Give the file that the session was created for, or create a session with this file's size.")
    .resumable(true)
}

/// A range that was sent, its sending, and how that ended.
type Landed = (Range<u64>, Arc<Flight>, Landing);

/// One upload from its first request to its last.
struct Upload<'a> {
    sender: &'a Sender<'a>,
    plan: Plan,
    flights: FuturesUnordered<BoxFuture<'a, Landed>>,
    budget: Budget,
    started: Instant,
    retries: u32,
    /// Why the status has to be asked for, since the last one.
    failure: Option<Error>,
    /// Whether the state that the session began with is known.
    asked: bool,
    complete: Option<Answer>,
    gone: Option<Error>,
}

impl<'a> Upload<'a> {
    fn new(sender: &'a Sender<'a>) -> Self {
        let fresh = sender.options.fresh_session;
        let plan = if fresh { Plan::fresh } else { Plan::new };
        let plan = plan(sender.size, sender.options);
        let plan = match &sender.document.notes {
            Some(notes) => plan.after(notes.sent_before().clone()),
            None => plan,
        };
        Upload {
            sender,
            plan,
            flights: FuturesUnordered::new(),
            budget: Budget::new(RetryPolicy::for_upload(sender.options.call.max_retry)),
            started: Instant::now(),
            retries: 0,
            failure: None,
            // A status of a fresh session comes after bytes were sent: it may have been completed by them.
            asked: fresh,
            complete: None,
            gone: None,
        }
    }

    async fn run(mut self) -> Result<Uploaded> {
        loop {
            // Once the end is known, what is still in flight is only awaited.
            if self.complete.is_some() || self.gone.is_some() {
                match self.flights.next().await {
                    Some((range, flight, landing)) => self.land(&range, &flight, landing)?,
                    None => return self.finish(),
                }
                continue;
            }
            match self.plan.step() {
                Step::Send(range) => self.launch(range),
                Step::Wait => {
                    let (range, flight, landing) =
                        self.flights.next().await.expect("the plan waits for what is in flight");
                    self.land(&range, &flight, landing)?;
                }
                Step::AskStatus => {
                    if let Some(unconfirmed) = self.ask_status().await? {
                        return Ok(unconfirmed);
                    }
                }
            }
        }
    }

    fn launch(&mut self, range: Range<u64>) {
        let sender = self.sender;
        sender.options.call.verbose(|| format!("Sending bytes {}-{} of {}.", range.start, range.end - 1, sender.size));
        sender.document.gate.follow(&self.plan);
        let flight = Arc::new(Flight::new(&range));
        self.flights.push(Box::pin(async move {
            let landing = sender.put(range.clone(), Arc::clone(&flight)).await;
            (range, flight, landing)
        }));
    }

    fn land(&mut self, range: &Range<u64>, flight: &Flight, landing: Landing) -> Result<()> {
        let there_before = self.plan.bytes_there();
        match landing {
            Landing::Kept(missing) => {
                self.plan.acknowledged(range, missing.as_ref());
                if self.plan.progressed() {
                    self.budget.refill();
                } else if self.plan.bytes_there() <= there_before {
                    self.doubt("acknowledged a range and still lists it as missing");
                }
            }
            Landing::Complete(answer) => {
                self.plan.acknowledged(range, None);
                self.complete = Some(answer);
            }
            Landing::Unknown(error, whole) => {
                if whole {
                    self.plan.lost(range);
                } else {
                    self.plan.cut(range);
                }
                self.failure = Some(error);
            }
            Landing::Gone(error) => {
                self.plan.cut(range);
                self.gone = Some(error);
            }
            Landing::Fatal(_) if self.complete.is_some() => {}
            Landing::Fatal(error) => return Err(error),
        }
        self.sender.document.gate.follow(&self.plan);
        self.sender.document.progress.landed(flight.counted(), self.plan.bytes_there());
        Ok(())
    }

    /// The service contradicts itself: ask the status before sending more, at the cost of a try.
    fn doubt(&mut self, what: &str) {
        self.plan.doubt();
        let error =
            Error::new(ErrorKind::UnexpectedResponse, format!("{} {what}.", host(self.sender.upload_url.url())))
                .with_next_step("Cancel the session and create a new one.")
                .retryable(true)
                .resumable(true);
        self.failure.get_or_insert(error);
    }

    /// Asks what is missing, after the wait that a failure before it calls for. Answers the end, if that is what it finds.
    async fn ask_status(&mut self) -> Result<Option<Uploaded>> {
        if let Some(failure) = self.failure.take() {
            self.wait_before_retry(failure).await?;
        }
        let first = !std::mem::replace(&mut self.asked, true);
        let sender = self.sender;
        let missing = match session::status_once(sender.client, sender.upload_url, &sender.options.call).await {
            Ok(status) => status.missing,
            Err(error) if error.kind() == ErrorKind::SessionGone => {
                if self.plan.may_be_complete() {
                    return Ok(Some(self.unconfirmed()));
                }
                return Err(error);
            }
            Err(error) if error.is_retryable() => {
                self.failure = Some(error);
                self.plan.doubt();
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let Some(missing) = missing else {
            self.doubt("tells no status that can be read");
            return Ok(None);
        };
        if first {
            self.check_size(&missing)?;
        }
        let there_before = self.plan.bytes_there();
        self.plan.learn(&missing);
        if self.plan.everything_was_sent() {
            return if first { Err(self.expects_nothing()) } else { Ok(Some(self.unconfirmed())) };
        }
        if self.plan.progressed() {
            self.budget.refill();
        } else if self.plan.bytes_there() < there_before {
            // It took back what it had acknowledged; how often it may do that is bounded.
            let failure = Error::new(
                ErrorKind::UnexpectedResponse,
                format!("{} lists bytes as missing that it had acknowledged.", host(sender.upload_url.url())),
            )
            .retryable(true)
            .resumable(true);
            self.wait_before_retry(failure).await?;
        }
        sender.document.progress.landed(0, self.plan.bytes_there());
        sender
            .options
            .call
            .verbose(|| format!("The service has {} of {} bytes.", self.plan.bytes_there(), sender.size));
        Ok(None)
    }

    async fn wait_before_retry(&mut self, failure: Error) -> Result<()> {
        match self.budget.spend(&failure) {
            Verdict::Retry { attempt, delay } => {
                self.retries += 1;
                retry::announce(&self.sender.options.call, &self.budget, attempt, delay, &failure);
                tokio::time::sleep(delay).await;
                Ok(())
            }
            verdict => {
                let told = retry::tell(failure, verdict, self.budget.spent(), self.started.elapsed());
                let there = self.plan.bytes_there();
                let message = format!("{} The service has {there} of {} bytes.", told.message(), self.sender.size);
                Err(told
                    .with_message(message)
                    .with_next_step("Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts.")
                    .resumable(true))
            }
        }
    }

    /// A session that was created for another size, as far as its list tells. A list that ends one byte past the end
    /// is one that the service is known to give.
    fn check_size(&self, missing: &RangeSet) -> Result<()> {
        let size = self.sender.size;
        let Some(last) = missing.last().filter(|last| last.end != u64::MAX) else {
            return Ok(());
        };
        let nothing_arrived = missing.iter().count() == 1 && last.start == 0;
        let too_short = last.end > size + 1 || last.start >= size;
        let too_long = nothing_arrived && last.end < size;
        if too_short || too_long {
            let created = if nothing_arrived {
                format!("for {} bytes", last.end)
            } else {
                format!("for at least {} bytes", last.end)
            };
            return Err(size_mismatch(size, &created));
        }
        Ok(())
    }

    fn expects_nothing(&self) -> Error {
        Error::new(
            ErrorKind::UnexpectedResponse,
            format!(
                "{} has the upload session open but expects no bytes for it. Nothing was sent.",
                host(self.sender.upload_url.url())
            ),
        )
        .with_next_step("Look at the print job: the document may be complete. If not, create a new upload session.")
    }

    fn finish(self) -> Result<Uploaded> {
        match (&self.complete, &self.gone) {
            // What an earlier upload had on the line when it ended can have completed it: believed, and not confirmed.
            (Some(_), _) if !self.plan.everything_was_sent() && self.plan.may_be_complete() => Ok(self.unconfirmed()),
            (Some(_), _) if !self.plan.everything_was_sent() => Err(self.sender.wrong_document(&format!(
                "it was sent only {} of {} bytes",
                self.plan.bytes_there(),
                self.sender.size
            ))),
            (Some(answer), _) => Ok(self.uploaded(Some(answer.clone()))),
            (None, _) if self.plan.may_be_complete() => Ok(self.unconfirmed()),
            (None, Some(gone)) => Err(gone.clone()),
            (None, None) => unreachable!("the end is known"),
        }
    }

    fn unconfirmed(&self) -> Uploaded {
        self.uploaded(None)
    }

    fn uploaded(&self, answer: Option<Answer>) -> Uploaded {
        self.sender.document.progress.completed();
        Uploaded {
            confirmed: answer.is_some(),
            answer,
            bytes_total: self.sender.size,
            bytes_sent: self.sender.document.progress.sent(),
            retries: self.retries,
            elapsed: self.started.elapsed(),
        }
    }
}

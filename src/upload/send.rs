//! The way a document goes: follow the plan, keep ranges in flight, believe the service.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::body::{Document, Flight};
use super::gate::Gate;
use super::plan::{Plan, Step};
use super::progress::Progress;
use super::put::{Landing, Sender};
use super::range::RangeSet;
use super::resume::{self, Notes};
use super::source::{self, FileSource, Source};
use super::{UploadOptions, GO_ON};
use crate::client::Client;
use crate::endpoint::UploadUrl;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, LogLevel};
use crate::exchange::{host, Answer};
use crate::retry::{self, Budget, RetryPolicy, Verdict};
use crate::session;

/// A document that is larger than this the service refuses at the end, as is documented: 1 GB a print job.
const LARGEST_JOB: u64 = 1_000_000_000;

/// How long what is in flight may take to arrive after the upload failed.
const GRACE: Duration = Duration::from_secs(2);

/// Files that this process sends at once; others wait for their turn. Each takes a descriptor, up to two for a resume
/// file, and one for each of its connections, of the 1,024 that many a system allows. Documents whose bytes a host
/// supplies take no turns: the host may serve one of them before another.
const FILES_AT_ONCE: usize = 64;

static TURNS: Semaphore = Semaphore::const_new(FILES_AT_ONCE);

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

/// Sends a file to an upload session: what the session still misses of it. A process sends 64 files at once; further
/// ones wait for their turn.
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
    let _turn = turn(options).await;
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

/// Waits for the turn of a file, before it is opened, and has it for as long as the answer is held.
pub(crate) async fn turn(options: &UploadOptions) -> Option<SemaphorePermit<'static>> {
    if let Ok(turn) = TURNS.try_acquire() {
        return Some(turn);
    }
    options.call.verbose(|| format!("Waits for its turn: {FILES_AT_ONCE} files are being sent."));
    // It is never closed.
    TURNS.acquire().await.ok()
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
    /// What ends the upload once the status has told what became of it.
    last: Option<Error>,
    /// What the service refused last, in its words.
    refused: Option<Error>,
    /// An answer that says that the document is complete, and that is a surprise.
    claimed: Option<Answer>,
    /// What is told when the session turns out to be complete, with another document.
    wrong: Option<Error>,
    /// Whether the last status listed nothing as missing, of a session that is open all the same.
    listed_nothing: bool,
    /// Bytes that the service refused, and so has not.
    refuted: RangeSet,
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
            last: None,
            refused: None,
            claimed: None,
            wrong: None,
            listed_nothing: false,
            refuted: RangeSet::new(),
            // A status of a fresh session comes after bytes were sent: it may have been completed by them.
            asked: fresh,
            complete: None,
            gone: None,
        }
    }

    async fn run(mut self) -> Result<Uploaded> {
        match self.run_to_its_end().await {
            Ok(uploaded) => Ok(uploaded),
            Err(error) => {
                self.land_the_rest().await;
                // Gone, and not complete: no later upload may take it for complete.
                let is_gone = error.kind() == ErrorKind::SessionGone || self.gone.is_some();
                let refuted = if is_gone { RangeSet::of(0..self.sender.size) } else { self.refuted.clone() };
                // The first error is the one that is told.
                let _ = self.sender.forget(refuted).await;
                Err(self.explain(error))
            }
        }
    }

    /// What is in flight when the upload fails has a moment to arrive: then it need not be sent again, and nothing of
    /// this upload is on the line when the next begins.
    async fn land_the_rest(&mut self) {
        let rest = async {
            while let Some((range, flight, landing)) = self.flights.next().await {
                let _ = self.land(&range, &flight, landing);
            }
        };
        if tokio::time::timeout(GRACE, rest).await.is_err() {
            self.flights.clear();
            // Connections that are given up close by themselves, and at once.
            tokio::time::sleep(retry::SHORTEST_DELAY).await;
        }
    }

    async fn run_to_its_end(&mut self) -> Result<Uploaded> {
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
                    if let Some(uploaded) = self.ask_status().await? {
                        return Ok(uploaded);
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
        let mut ended = Ok(());
        match landing {
            Landing::Kept(missing) => {
                self.plan.acknowledged(range, missing.as_ref());
                if self.plan.progressed() {
                    self.budget.refill();
                } else if self.plan.bytes_there() <= there_before {
                    self.doubt("acknowledged a range and still lists it as missing");
                }
            }
            Landing::Complete(answer, names_it) => {
                self.plan.acknowledged(range, None);
                // The last range goes when all others are answered: before that, and without a word on the document,
                // the status has to agree.
                if names_it && self.plan.is_settled() {
                    self.complete = Some(answer);
                } else {
                    self.claimed = Some(answer);
                    self.plan.doubt();
                }
            }
            Landing::Wrong(error) => {
                self.plan.lost(range);
                self.failed(error.clone().retryable(true));
                self.wrong = Some(error);
            }
            Landing::Unknown(error, is_whole) => {
                self.unanswered(range, is_whole);
                self.failed(error);
            }
            Landing::Unreadable(error, is_whole) => {
                self.unanswered(range, is_whole);
                self.last.get_or_insert(error);
            }
            Landing::Gone(error) => {
                self.plan.cut(range);
                self.gone = Some(error);
            }
            Landing::Fatal(error) => {
                self.plan.cut(range);
                if error.refusal().is_some() {
                    self.refuted = self.refuted.union(&RangeSet::of(range.clone()));
                }
                ended = Err(error);
            }
        }
        self.sender.document.gate.follow(&self.plan);
        self.sender.document.progress.landed(flight.counted(), self.plan.bytes_there());
        ended
    }

    fn unanswered(&mut self, range: &Range<u64>, is_whole: bool) {
        if is_whole {
            self.plan.lost(range);
        } else {
            self.plan.cut(range);
        }
    }

    fn failed(&mut self, error: Error) {
        if error.refusal().is_some() {
            self.refused = Some(error.clone());
        }
        self.failure = Some(error);
    }

    /// The service contradicts itself: ask the status before sending more, at the cost of a try.
    fn doubt(&mut self, what: &str) {
        self.plan.doubt();
        let error =
            Error::new(ErrorKind::UnexpectedResponse, format!("{} {what}.", host(self.sender.upload_url.url())))
                .retryable(true);
        self.failure.get_or_insert(error);
    }

    /// Asks what is missing, after the wait that a failure before it calls for. Answers the end, if that is what it finds.
    async fn ask_status(&mut self) -> Result<Option<Uploaded>> {
        if let Some(failure) = self.failure.take() {
            self.wait_before_retry(failure).await?;
        }
        let first = !std::mem::replace(&mut self.asked, true);
        let sender = self.sender;
        let asked = session::status_once(sender.client, sender.upload_url, &sender.options.call).await;
        let missing = match (asked, self.last.take()) {
            (Ok(status), None) => status.missing,
            (Err(error), _) if error.kind() == ErrorKind::SessionGone => return self.ended(error).map(Some),
            (status, Some(last)) => {
                if let Some(missing) = status.ok().and_then(|status| status.missing) {
                    self.plan.learn(&missing);
                }
                return Err(last.resumable(true));
            }
            (Err(error), None) if error.is_retryable() => {
                self.failed(error);
                self.plan.doubt();
                return Ok(None);
            }
            (Err(error), None) => {
                let is_of_the_session = error.http_status() == Some(StatusCode::UNAUTHORIZED.as_u16());
                return Err(error.resumable(!is_of_the_session));
            }
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
            return self.lists_nothing(first);
        }
        self.listed_nothing = false;
        sender.forget(missing).await?;
        // It is not complete, whatever was said.
        (self.claimed, self.wrong) = (None, None);
        if self.plan.progressed() {
            self.budget.refill();
        } else if self.plan.bytes_there() < there_before {
            // It took back what it had acknowledged; how often it may do that is bounded.
            let failure = Error::new(
                ErrorKind::UnexpectedResponse,
                format!("{} lists bytes as missing that it had acknowledged.", host(sender.upload_url.url())),
            )
            .retryable(true);
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
                let told = retry::tell(failure, verdict, self.budget.spent(), self.budget.failing());
                let advice =
                    matches!(verdict, Verdict::ComeBackLater(_)).then_some("Wait that long.").unwrap_or_default();
                Err(told.with_next_step(advice).resumable(true))
            }
        }
    }

    /// An error as it leaves: what it was, how far the upload is, and whether and how it can go on.
    fn explain(&self, error: Error) -> Error {
        let (there, size) = (self.plan.bytes_there(), self.sender.size);
        let mut message = error.message().to_owned();
        match error.kind() {
            ErrorKind::SizeMismatch | ErrorKind::SourceChanged => return error,
            ErrorKind::SessionGone if !self.plan.everything_was_sent() && there > 0 => {
                message.push_str(&format!(" It had {there} of {size} bytes when it was last heard of."));
            }
            ErrorKind::SessionGone => {}
            _ => {
                if let Some(refused) = self.refused.as_ref().filter(|_| error.refusal().is_none()) {
                    message.push_str(&format!(" Before that, {}", refused.message()));
                }
                message.push_str(&format!(" The service has {there} of {size} bytes."));
            }
        }
        let advice = match (error.next_step(), error.is_resumable()) {
            ("", true) => GO_ON.to_owned(),
            (first, true) => format!("{first} {GO_ON}"),
            (advice, false) => advice.to_owned(),
        };
        error.with_message(message).with_next_step(advice)
    }

    /// A session that was created for another size, as far as its list tells. A list that ends one byte past the end
    /// is one that the service is known to give.
    fn check_size(&self, missing: &RangeSet) -> Result<()> {
        let size = self.sender.size;
        let Some(last) = missing.last().filter(|last| last.end != u64::MAX) else {
            return Ok(());
        };
        let is_known = self.sender.options.expected_size.is_some() || !self.sender.noted_before().is_empty();
        let is_one_from_the_start = missing.iter().count() == 1 && last.start == 0;
        let too_short = last.end > size + 1 || last.start >= size;
        // Where ranges go in parallel, the first can be the one that is missing: then the gap ends where a range did.
        let is_a_gap = is_known || self.plan.may_end_a_range(last.end);
        let too_long = is_one_from_the_start && last.end < size && !is_a_gap;
        if too_short || too_long {
            let created = if is_one_from_the_start {
                format!("for {} bytes", last.end)
            } else {
                format!("for at least {} bytes", last.end)
            };
            return Err(size_mismatch(size, &created));
        }
        Ok(())
    }

    /// The session is open and lists nothing as missing: about to be complete, as far as everything was sent.
    fn lists_nothing(&mut self, first: bool) -> Result<Option<Uploaded>> {
        let is_possible = self.plan.may_be_complete() && (!first || !self.sender.noted_before().is_empty());
        if is_possible && std::mem::replace(&mut self.listed_nothing, true) {
            return Ok(Some(self.uploaded(self.claimed.clone())));
        }
        if first && !is_possible {
            let host = host(self.sender.upload_url.url());
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                format!("{host} has the upload session open but expects no bytes for it. Nothing was sent."),
            )
            .with_next_step(
                "Look at the print job: the document may be complete. If not, create a new upload session.",
            ));
        }
        self.doubt(
            "has the upload session open and lists nothing as missing, though it did not say that it has everything",
        );
        Ok(None)
    }

    fn finish(&self) -> Result<Uploaded> {
        match (&self.complete, &self.gone) {
            (Some(answer), _) => Ok(self.uploaded(Some(answer.clone()))),
            (None, Some(gone)) => self.ended(gone.clone()),
            (None, None) => unreachable!("the end is known"),
        }
    }

    /// The session is gone: the document is complete, or it is not, or nobody knows.
    fn ended(&self, gone: Error) -> Result<Uploaded> {
        if let Some(wrong) = &self.wrong {
            return Err(wrong.clone());
        }
        match &self.claimed {
            answer if self.plan.may_be_complete() => Ok(self.uploaded(answer.clone())),
            Some(answer) if self.plan.was_acknowledged() => Ok(self.uploaded(Some(answer.clone()))),
            // Another client, or an earlier upload, sent what this one did not: believed, and not confirmed.
            Some(_) if self.plan.everything_was_sent() => Ok(self.uploaded(None)),
            Some(_) => Err(self.sender.wrong_document(&format!(
                "it was sent only {} of {} bytes",
                self.plan.bytes_there(),
                self.sender.size
            ))),
            None => Err(gone),
        }
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

//! One upload from its first request to its last: follow the plan, keep parts in flight, believe the service.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::StatusCode;

use super::body::InFlightPart;
use super::plan::{Plan, Step};
use super::put::{is_unreadable, PutOutcome, Sender};
use super::range::RangeSet;
use super::uploaded::Uploaded;
use crate::error::{Error, ErrorKind, Result};
use crate::http::redact::host;
use crate::http::response::{self, Response};
use crate::http::retry::{self, Budget, RetryPolicy, Verdict};
use crate::session;

/// How long the parts in flight may take to be answered after the upload failed.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// A range that was sent, its sending, and what became of it.
type DonePart = (Range<u64>, Arc<InFlightPart>, PutOutcome);

/// Why nothing more is sent.
#[derive(Clone)]
pub(super) enum End {
    /// The service has the document, says this response.
    Completed(Response),
    /// The session is gone: the document is complete, or it is not.
    SessionGone(Error),
}

/// One upload from its first request to its last.
pub(super) struct Upload<'a> {
    pub(super) sender: &'a Sender<'a>,
    pub(super) plan: Plan,
    parts: FuturesUnordered<BoxFuture<'a, DonePart>>,
    budget: Budget,
    pub(super) started: Instant,
    pub(super) retries: u32,
    /// Why the status is to be asked for, since the last one.
    failure: Option<Error>,
    /// The last refusal, in the service's words.
    pub(super) last_refusal: Option<Error>,
    /// When the session expires, as the service said last.
    pub(super) expires: Option<SystemTime>,
    /// The service said that the document is complete, and it was not the last range that it said so of, or it did not
    /// name the document, or it has another document (an error). The status tells whether the session is gone.
    pub(super) early_complete: Option<Result<Response>>,
    pub(super) end: Option<End>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(sender: &'a Sender<'a>) -> Self {
        let plan = if sender.options.fresh_session { Plan::fresh } else { Plan::new };
        Upload {
            sender,
            plan: plan(sender.size, sender.options).after(sender.sent_before()),
            parts: FuturesUnordered::new(),
            budget: Budget::new(RetryPolicy::for_upload(sender.options.call.max_retry)),
            started: Instant::now(),
            retries: 0,
            failure: None,
            last_refusal: None,
            expires: None,
            early_complete: None,
            end: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<Uploaded> {
        let first = match self.run_to_end().await {
            Ok(uploaded) => return Ok(uploaded),
            // No status contradicts what the service said, since none could be had.
            Err(_) if matches!(self.early_complete, Some(Ok(_))) && self.plan.may_be_complete() => {
                return Ok(self.unconfirmed(
                    "Every byte was sent, and the service said that the document is complete, but not as it is known to say so, and could not be asked",
                ))
            }
            Err(first) => first,
        };
        self.drain().await;
        // Nothing goes on in a session that turned out to be gone meanwhile, whatever the first error was.
        let (error, is_gone) = match self.end.take() {
            Some(End::SessionGone(gone)) if first.is_resumable() => {
                (self.session_gone(gone).err().unwrap_or(first), true)
            }
            Some(End::SessionGone(_)) => (first, true),
            _ => (first, false),
        };
        // The next upload may not take for sent what the service has not, nor anything of a session that is gone.
        let not_there = if is_gone {
            RangeSet::of(0..self.sender.size)
        } else if self.plan.is_known() {
            self.plan.missing().clone()
        } else {
            RangeSet::new()
        };
        // The first error is worth more than that of a resume file that cannot be written.
        let _ = self.sender.forget(not_there).await;
        Err(self.explain(error))
    }

    /// Parts in flight have a moment to be answered when the upload fails: then they need not be sent again, and no byte
    /// of this upload is under way when the next begins.
    async fn drain(&mut self) {
        let rest = async {
            while let Some((range, part, outcome)) = self.parts.next().await {
                let _ = self.on_part_done(&range, &part, outcome);
            }
        };
        if tokio::time::timeout(DRAIN_TIMEOUT, rest).await.is_err() {
            self.parts.clear();
            // The system closes the connections that were given up within a moment.
            tokio::time::sleep(DRAIN_TIMEOUT / 40).await;
        }
    }

    async fn run_to_end(&mut self) -> Result<Uploaded> {
        loop {
            // Once the end is known, parts in flight are only awaited.
            let step = if self.end.is_some() { Step::Wait } else { self.plan.step() };
            match step {
                Step::Send(range) => self.send(range),
                Step::Wait => match self.parts.next().await {
                    Some((range, part, outcome)) => self.on_part_done(&range, &part, outcome)?,
                    None => return self.finish(),
                },
                Step::GetStatus => self.get_status().await?,
            }
        }
    }

    fn send(&mut self, range: Range<u64>) {
        let sender = self.sender;
        sender.options.call.verbose(|| format!("Sending bytes {}-{} of {}.", range.start, range.end - 1, sender.size));
        sender.document.barrier.update(&self.plan);
        let part = Arc::new(InFlightPart::new(&range));
        self.parts.push(Box::pin(async move {
            let outcome = sender.put(range.clone(), Arc::clone(&part)).await;
            (range, part, outcome)
        }));
    }

    fn on_part_done(&mut self, range: &Range<u64>, part: &InFlightPart, outcome: PutOutcome) -> Result<()> {
        let there_before = self.plan.bytes_there();
        let mut result = Ok(());
        match outcome {
            PutOutcome::Acknowledged { missing, expires } => {
                self.expires = expires.or(self.expires);
                self.plan.mark_acknowledged(range, missing.as_ref());
                if self.plan.progressed() {
                    self.budget.refill();
                } else if self.plan.bytes_there() <= there_before {
                    self.doubt("acknowledged a range and still lists it as missing");
                }
            }
            PutOutcome::Completed { response, names_document: true } if self.plan.is_last(range) => {
                self.plan.mark_acknowledged(range, None);
                self.end = Some(End::Completed(response));
            }
            PutOutcome::Completed { response, .. } => {
                self.plan.mark_completed_early(range);
                self.early_complete = Some(Ok(response));
            }
            PutOutcome::SizeConflict(error) => {
                self.plan.mark_unknown(range);
                self.failed(error.clone().retryable(true));
                self.early_complete = Some(Err(error));
            }
            PutOutcome::Unknown { error, sent_whole } => {
                if sent_whole {
                    self.plan.mark_unknown(range);
                } else {
                    self.plan.mark_missing(range);
                }
                self.failed(error);
            }
            PutOutcome::SessionGone(error) => {
                self.plan.mark_missing(range);
                self.end = Some(End::SessionGone(error));
            }
            PutOutcome::Failed(error) => {
                self.plan.mark_missing(range);
                result = Err(error);
            }
        }
        self.sender.document.barrier.update(&self.plan);
        self.sender.document.progress.on_part_done(part.counted(), self.plan.bytes_there());
        result
    }

    fn failed(&mut self, error: Error) {
        if error.error_response().is_some() {
            self.last_refusal = Some(error.clone());
        }
        self.failure = Some(error);
    }

    /// The service contradicts itself: get the status before sending more, at the cost of a try.
    fn doubt(&mut self, what: &str) {
        self.plan.request_status();
        let message = format!("{} {what}.", host(self.sender.upload_url.url()));
        self.failure.get_or_insert(Error::new(ErrorKind::UnexpectedResponse, message).retryable(true));
    }

    /// Gets the upload status, after the wait that a failure before it calls for.
    async fn get_status(&mut self) -> Result<()> {
        let is_retry = self.failure.is_some();
        let mut spent = None;
        if let Some(failure) = self.failure.take() {
            match self.wait_before_retry(failure).await {
                // The status sends no byte again, and may tell that the document is complete.
                Err(error) if self.plan.may_be_complete() => spent = Some(error),
                waited => waited?,
            }
        }
        let is_first = !self.plan.is_known();
        let missing = match self.ask_for_missing().await {
            Ok(missing) => missing,
            Err(error) if error.kind() == ErrorKind::SessionGone => {
                self.end = Some(End::SessionGone(error));
                return Ok(());
            }
            Err(error) => {
                // What cannot be read at first is no upload session; later it is as good as a lost response.
                let is_retryable = error.is_retryable() || (is_unreadable(&error) && !is_first);
                let is_of_the_session = error.http_status() == Some(StatusCode::UNAUTHORIZED.as_u16());
                return match spent {
                    Some(spent) => Err(spent),
                    None if is_retryable => {
                        self.failed(error.retryable(true));
                        self.plan.request_status();
                        Ok(())
                    }
                    None => Err(error.resumable(!is_of_the_session)),
                };
            }
        };
        if is_first {
            self.check_size(&missing)?;
        }
        let there_before = self.plan.bytes_there();
        self.plan.set_status(&missing);
        self.sender.forget(missing).await?;
        if let Some(Err(conflict)) = self.early_complete.take().filter(|_| self.plan.everything_was_sent()) {
            return Err(conflict);
        }
        if self.plan.everything_was_sent() {
            self.lists_nothing(is_first)?;
        } else if self.plan.progressed() {
            self.budget.refill();
        } else if self.plan.bytes_there() < there_before || !(is_first || is_retry) {
            self.doubt("lists bytes as missing that it had acknowledged");
        }
        if let Some(spent) = spent {
            return Err(spent);
        }
        let (there, sender) = (self.plan.bytes_there(), self.sender);
        sender.document.progress.on_part_done(0, there);
        sender.options.call.verbose(|| format!("The service has {there} of {} bytes.", sender.size));
        Ok(())
    }

    async fn ask_for_missing(&mut self) -> Result<RangeSet> {
        let sender = self.sender;
        let status = session::status_once(&sender.client(), sender.upload_url, &sender.options.call).await?;
        self.expires = status.expires.or(self.expires);
        status.missing.ok_or_else(|| {
            response::unexpected(&status.response, sender.upload_url.url(), session::STATUS).retryable(true)
        })
    }

    /// The session is open and lists nothing as missing. It is not complete: then it would be gone. A service may need a
    /// moment to complete the document, so this costs tries.
    fn lists_nothing(&mut self, is_first: bool) -> Result<()> {
        let was_sent_before = !self.sender.sent_before().is_empty();
        if is_first && !was_sent_before {
            return Err(self.expects_no_bytes());
        }
        self.doubt(
            "has the upload session open and lists nothing as missing, but did not say that it has the document",
        );
        Ok(())
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
                let told = retry::describe(failure, verdict, self.budget.spent(), self.budget.failing());
                let wait = retry::wait_first(verdict);
                // To send it again is no help as long as the proxy is as it is.
                let advice = match told.kind() {
                    ErrorKind::ProxyFailed => format!("{} {wait}", told.next_step()).trim_end().to_owned(),
                    _ => wait.to_owned(),
                };
                Err(told.with_next_step(advice).resumable(true))
            }
        }
    }
}

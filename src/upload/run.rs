//! One upload from its first request to its last: follow the plan, keep parts in flight, take over what the service says.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::StatusCode;

use super::body::InFlightPart;
use super::plan::{Plan, Step};
use super::put::{is_unreadable, PutOutcome, Sender};
use super::uploaded::Uploaded;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::error_response;
use crate::http::redact::host;
use crate::http::response::Response;
use crate::http::retry::Budget;
use crate::range::RangeSet;
use crate::session;

/// How long the responses to the parts in flight may take after the upload failed.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// Within this the system has closed the connections that were given up.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(50);

/// A range that was sent, its sending, and what became of it.
type DonePart = (Range<u64>, Arc<InFlightPart>, PutOutcome);

/// One upload from its first request to its last.
pub(super) struct Upload<'a> {
    pub(super) sender: &'a Sender<'a>,
    pub(super) plan: Plan,
    parts: FuturesUnordered<BoxFuture<'a, DonePart>>,
    pub(super) budget: Budget,
    /// Why the next status is requested: what failed since the last one.
    failure: Option<Error>,
    /// The last refusal, in the service's words.
    pub(super) last_refusal: Option<Error>,
    /// When the session expires, as the service said last.
    pub(super) expires: Option<SystemTime>,
    /// The service said that the document is complete, and it was not the last range that it said so of, or it did not
    /// name the document, or it has another document (an error). The status shows whether the session is gone.
    pub(super) early_complete: Option<Result<Response>>,
    /// The session is gone: the document is complete, or it is not. Nothing more is sent.
    gone: Option<Error>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(sender: &'a Sender<'a>) -> Self {
        let plan = if sender.options.fresh_session { Plan::fresh } else { Plan::new };
        Upload {
            sender,
            plan: plan(sender.size, sender.options).after(sender.sent_before()),
            parts: FuturesUnordered::new(),
            budget: Budget::for_upload(&sender.options.call),
            failure: None,
            last_refusal: None,
            expires: None,
            early_complete: None,
            gone: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<Uploaded> {
        match self.run_to_end().await {
            Ok(uploaded) => Ok(uploaded),
            // No status contradicts what the service said, since none could be had.
            Err(_) if matches!(self.early_complete, Some(Ok(_))) && self.plan.may_be_complete() => Ok(self.unconfirmed(
                "Every byte was sent, and the service said that the document is complete, but not as it is known to say so, and no status could be had",
            )),
            Err(error) => Err(self.fail(error).await),
        }
    }

    async fn run_to_end(&mut self) -> Result<Uploaded> {
        loop {
            let step = match &self.gone {
                Some(gone) if self.parts.is_empty() => return self.on_session_gone(gone.clone()),
                // Parts in flight are only awaited.
                Some(_) => Step::Wait,
                None => self.plan.step(),
            };
            match step {
                Step::Send(range) => self.send(range),
                Step::Wait => {
                    let (range, part, outcome) = self.parts.next().await.expect("only parts in flight are waited for");
                    if let Some(response) = self.on_part_done(&range, &part, outcome)? {
                        return Ok(self.uploaded(Some(response)));
                    }
                }
                Step::GetStatus => self.get_status().await?,
            }
        }
    }

    /// Ends an upload that failed: what leaves of its error, once nothing is in flight any more.
    async fn fail(&mut self, first: Error) -> Error {
        self.drain().await;
        let gone = self.gone.take();
        // The next upload may not take for sent what the service has not, nor anything of a session that is gone.
        let not_there = match gone {
            Some(_) => RangeSet::of(0..self.sender.size),
            None if self.plan.is_known() => self.plan.missing().clone(),
            None => RangeSet::new(),
        };
        // Nothing goes on in a session that turned out to be gone meanwhile, whatever the first error was.
        let error = match gone {
            Some(gone) if first.is_resumable() => self.on_session_gone(gone).err().unwrap_or(first),
            _ => first,
        };
        // The first error is worth more than that of a resume file that cannot be written.
        let _ = self.sender.forget(not_there).await;
        self.explain(error)
    }

    /// Waits a moment for the parts in flight when the upload fails: then they need not be sent again, and no byte
    /// of this upload is under way when the next begins.
    async fn drain(&mut self) {
        let rest = async {
            while let Some((range, part, outcome)) = self.parts.next().await {
                let _ = self.on_part_done(&range, &part, outcome);
            }
        };
        if tokio::time::timeout(DRAIN_TIMEOUT, rest).await.is_err() {
            self.parts.clear();
            tokio::time::sleep(CLOSE_TIMEOUT).await;
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

    /// Takes over what became of a part: the response of the last one, when that says that the document is complete.
    fn on_part_done(
        &mut self,
        range: &Range<u64>,
        part: &InFlightPart,
        outcome: PutOutcome,
    ) -> Result<Option<Response>> {
        let there_before = self.plan.bytes_there();
        let mut result = Ok(None);
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
                result = Ok(Some(response));
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
                self.gone = Some(error);
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

    /// The service contradicts itself: the status comes before more is sent, at the cost of a try.
    fn doubt(&mut self, what: &str) {
        self.plan.request_status();
        let message = format!("{} {what}.", host(self.sender.upload_url.url()));
        self.failure.get_or_insert(Error::new(ErrorKind::UnexpectedResponse, message).retryable(true));
    }

    /// Gets the upload status, after the wait that a failure before it calls for.
    async fn get_status(&mut self) -> Result<()> {
        let (is_first, is_retry) = (!self.plan.is_known(), self.failure.is_some());
        // The status sends no byte again, and may show that the document is complete: it is worth a request of its own
        // when no try is left.
        let exhausted = match self.wait_before_retry().await {
            Err(error) if self.plan.may_be_complete() => Some(error),
            waited => {
                waited?;
                None
            }
        };
        match (self.missing_at_service().await, exhausted) {
            (Ok(missing), exhausted) => {
                self.on_status(missing, is_first, is_retry).await?;
                exhausted.map_or(Ok(()), Err)
            }
            (Err(gone), _) if gone.kind() == ErrorKind::SessionGone => {
                self.gone = Some(gone);
                Ok(())
            }
            (Err(_), Some(exhausted)) => Err(exhausted),
            // What cannot be read at first is no upload session; later it is as good as a lost response.
            (Err(error), None) if error.is_retryable() || (is_unreadable(&error) && !is_first) => {
                self.failed(error.retryable(true));
                self.plan.request_status();
                Ok(())
            }
            (Err(error), None) => {
                let is_refused = error.http_status() == Some(StatusCode::UNAUTHORIZED.as_u16());
                Err(error.resumable(!is_refused))
            }
        }
    }

    async fn missing_at_service(&mut self) -> Result<RangeSet> {
        let sender = self.sender;
        let status = session::status_once(&sender.client(), sender.upload_url, &sender.options.call).await?;
        self.expires = status.expires.or(self.expires);
        status.missing.ok_or_else(|| {
            error_response::unexpected(&status.response, sender.upload_url.url(), session::STATUS).retryable(true)
        })
    }

    async fn on_status(&mut self, missing: RangeSet, is_first: bool, is_retry: bool) -> Result<()> {
        if is_first {
            self.check_size(&missing)?;
        }
        // The session is open, whatever was said before.
        let early_complete = self.early_complete.take();
        let there_before = self.plan.bytes_there();
        self.plan.set_status(&missing);
        self.sender.forget(missing).await?;
        let (there, sender) = (self.plan.bytes_there(), self.sender);
        if self.plan.everything_was_sent() {
            if let Some(Err(conflict)) = early_complete {
                return Err(conflict);
            }
            if is_first && sender.sent_before().is_empty() {
                return Err(self.expects_no_bytes());
            }
            // It is not complete: then it would be gone. A service may need a moment to complete the document.
            self.doubt(
                "has the upload session open and lists nothing as missing, but did not say that it has the document",
            );
        } else if self.plan.progressed() {
            self.budget.refill();
        } else if there < there_before || !(is_first || is_retry) {
            self.doubt("lists bytes as missing that it had acknowledged");
        }
        sender.document.progress.on_part_done(0, there);
        sender.options.call.verbose(|| format!("The service has {there} of {} bytes.", sender.size));
        Ok(())
    }

    /// Spends a try on the failure since the last status, if there was one.
    async fn wait_before_retry(&mut self) -> Result<()> {
        let Some(failure) = self.failure.take() else { return Ok(()) };
        self.budget.wait(&self.sender.options.call, failure).await.map_err(|error| {
            let next_step = match error.first_step() {
                NextStep::WaitThenRunAgain => "Wait that long.".into(),
                NextStep::TryLater => NextStep::TryLater,
                // To send it again is no help as long as the proxy is as it is.
                _ if error.kind() == ErrorKind::ProxyFailed => return error.resumable(true),
                _ => NextStep::default(),
            };
            error.with_next_step(next_step).resumable(true)
        })
    }
}

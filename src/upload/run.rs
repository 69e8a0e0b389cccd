//! One upload from its first request to its last: follow the plan, keep ranges in flight, believe the service.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::StatusCode;

use super::body::Flight;
use super::plan::{Plan, Step};
use super::put::{Landing, Sender};
use super::range::RangeSet;
use super::uploaded::Uploaded;
use crate::answer::{self, Answer};
use crate::error::{Error, ErrorKind, Result};
use crate::redact::host;
use crate::retry::{self, Budget, RetryPolicy, Verdict};
use crate::session;

/// How long what is in flight may take to arrive after the upload failed.
const GRACE: Duration = Duration::from_secs(2);

/// A range that was sent, its sending, and how that ended.
type Landed = (Range<u64>, Arc<Flight>, Landing);

/// One upload from its first request to its last.
pub(super) struct Upload<'a> {
    pub(super) sender: &'a Sender<'a>,
    pub(super) plan: Plan,
    flights: FuturesUnordered<BoxFuture<'a, Landed>>,
    budget: Budget,
    pub(super) started: Instant,
    pub(super) retries: u32,
    /// Why the status has to be asked for, since the last one.
    failure: Option<Error>,
    /// What ends the upload once the status has told what became of it.
    last: Option<Error>,
    /// What the service refused last, in its words.
    pub(super) refused: Option<Error>,
    /// Until when the session is to last, as it was told last.
    pub(super) expires: Option<SystemTime>,
    /// An answer that says that the document is complete, and that is a surprise.
    pub(super) claimed: Option<Answer>,
    /// What is told when the session turns out to be complete, with another document.
    pub(super) wrong: Option<Error>,
    /// Whether the last answer that a range was in doubt for is one that the service is not known to give.
    pub(super) odd: bool,
    /// Whether the last status listed nothing as missing, of a session that is open all the same.
    pub(super) listed_nothing: bool,
    /// Bytes that the service refused, or that did not leave, when they were sent last: it has them not.
    refuted: RangeSet,
    /// Whether the state that the session began with is known.
    asked: bool,
    pub(super) complete: Option<Answer>,
    pub(super) gone: Option<Error>,
}

impl<'a> Upload<'a> {
    pub(super) fn new(sender: &'a Sender<'a>) -> Self {
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
            expires: None,
            claimed: None,
            wrong: None,
            odd: false,
            listed_nothing: false,
            refuted: RangeSet::new(),
            // A status of a fresh session comes after bytes were sent: it may have been completed by them.
            asked: fresh,
            complete: None,
            gone: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<Uploaded> {
        match self.run_to_its_end().await {
            Ok(uploaded) => Ok(uploaded),
            // It said so, if not as it should, and nobody was there to ask: that is no failure of the document's.
            Err(_) if self.claimed.is_some() && self.plan.may_be_complete() => Ok(self.unconfirmed(
                "Every byte was sent, and the service said that the document is complete, but not as it is known to say so, and could not be asked",
            )),
            Err(first) => {
                self.land_the_rest().await;
                // Nothing goes on in a session that turned out to be gone meanwhile, whatever the first error was.
                let gone = self.gone.clone().filter(|_| first.is_resumable());
                let error = gone.and_then(|gone| self.ended(gone).err()).unwrap_or(first);
                // And no later upload may take it for complete.
                let is_gone = error.kind() == ErrorKind::SessionGone || self.gone.is_some();
                let refuted = if is_gone { RangeSet::of(0..self.sender.size) } else { self.refuted.clone() };
                // A resume file that cannot be written now is not what is told.
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
            // Connections that are given up close by themselves, and soon.
            tokio::time::sleep(GRACE / 40).await;
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
        self.refuted = self.refuted.difference(&RangeSet::of(range.clone()));
        match landing {
            Landing::Kept(missing, expires) => {
                self.expires = expires.or(self.expires);
                self.plan.acknowledged(range, missing.as_ref());
                if self.plan.progressed() {
                    self.budget.refill();
                } else if self.plan.bytes_there() <= there_before {
                    self.doubt("acknowledged a range and still lists it as missing");
                }
            }
            // The last range goes when all others are answered: before that, and without a word on the document, the
            // status has to agree.
            Landing::Complete(answer, true) if self.plan.is_last(range) => {
                self.plan.acknowledged(range, None);
                self.complete = Some(answer);
            }
            Landing::Complete(answer, _) => {
                self.plan.claimed(range);
                self.claimed = Some(answer);
            }
            Landing::Wrong(error) => {
                self.plan.lost(range);
                self.failed(error.clone().retryable(true));
                self.wrong = Some(error);
            }
            Landing::Unknown(error, is_whole) => {
                let is_there = error.http_status() == Some(StatusCode::RANGE_NOT_SATISFIABLE.as_u16());
                if !is_whole && !is_there {
                    self.refuted = self.refuted.union(&RangeSet::of(range.clone()));
                }
                self.unanswered(range, is_whole, &error);
                self.failed(error);
            }
            Landing::Unreadable(error, is_whole) => {
                self.unanswered(range, is_whole, &error);
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

    fn unanswered(&mut self, range: &Range<u64>, is_whole: bool, error: &Error) {
        self.odd = matches!(error.kind(), ErrorKind::UnexpectedResponse | ErrorKind::ResponseTooLarge);
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
    pub(super) fn doubt(&mut self, what: &str) {
        self.plan.doubt();
        let error =
            Error::new(ErrorKind::UnexpectedResponse, format!("{} {what}.", host(self.sender.upload_url.url())))
                .retryable(true);
        self.failure.get_or_insert(error);
    }

    /// Asks what is missing, after the wait that a failure before it calls for. Answers the end, if that is what it finds.
    async fn ask_status(&mut self) -> Result<Option<Uploaded>> {
        let failure = self.failure.take();
        let is_retry = failure.is_some();
        if let Some(failure) = failure {
            match self.wait_before_retry(failure).await {
                // To ask repeats no byte, and the document may be complete: better to know it than to call it failed.
                Err(error) if self.plan.may_be_complete() => drop(self.last.get_or_insert(error)),
                waited => waited?,
            }
        }
        let first = !std::mem::replace(&mut self.asked, true);
        let sender = self.sender;
        let asked = session::status_once(&sender.client(), sender.upload_url, &sender.options.call).await;
        let missing = match (asked, self.last.take()) {
            (Ok(status), None) => {
                self.expires = status.expires.or(self.expires);
                match status.missing {
                    Some(missing) => missing,
                    None => {
                        let url = sender.upload_url.url();
                        self.failed(answer::unexpected(&status.answer, url, session::STATUS).retryable(true));
                        self.plan.doubt();
                        return Ok(None);
                    }
                }
            }
            (Err(error), _) if error.kind() == ErrorKind::SessionGone => {
                self.gone = Some(error.clone());
                return self.ended(error).map(Some);
            }
            (status, Some(last)) => {
                if let Some(missing) = status.ok().and_then(|status| status.missing) {
                    self.plan.learn(&missing);
                    let _ = sender.forget(missing).await;
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
        if first {
            self.check_size(&missing)?;
        }
        let there_before = self.plan.bytes_there();
        self.plan.learn(&missing);
        if self.plan.everything_was_sent() {
            return self.lists_nothing(first);
        }
        self.listed_nothing = false;
        // It is not complete, whatever was said.
        (self.claimed, self.wrong) = (None, None);
        sender.forget(missing).await?;
        if self.plan.progressed() {
            self.budget.refill();
        } else if self.plan.bytes_there() < there_before || !(first || is_retry) {
            // It took back what it had said; how often it may do that is bounded.
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

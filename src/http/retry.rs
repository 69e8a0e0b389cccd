//! Which failures are worth another try, and when.
//!
//! Waits are exponential with full jitter, so that many clients do not come back at once; a `Retry-After` (RFC 9110,
//! section 10.2.3, seconds or a date) is obeyed instead. A budget counts consecutive tries without progress.

use std::time::{Duration, Instant, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::call::CallOptions;
use crate::error::{Error, NextStep, Result};
use crate::event::Event;

/// A connection that was given up closes by itself, and within this: a request for the status that overtakes that would
/// be answered while the connection's bytes are still under way.
const SHORTEST_DELAY: Duration = Duration::from_millis(10);

/// A wait beyond this names no time at which anyone would come back.
const LONGEST_USABLE: Duration = Duration::from_secs(30 * 86_400);

/// The tries that are left, and the waits before them.
pub(crate) struct Budget {
    /// Consecutive tries without progress after the first.
    max_retry: u32,
    /// The bound of the first wait; each further one doubles.
    first_delay: Duration,
    /// Whether a wait is somewhere within its bound, or as long as that, as the caller's own delay is.
    is_random: bool,
    /// The bound of every wait.
    longest_delay: Duration,
    /// A `Retry-After` beyond this ends the call at once: the person had better come back.
    longest_retry_after: Duration,
    spent: u32,
    total: u32,
    /// The last progress, or the beginning.
    since: Instant,
}

impl Budget {
    /// A full one for a request to Graph.
    pub(crate) fn for_graph(call: &CallOptions) -> Self {
        let first_delay = call.retry_delay.unwrap_or(Duration::from_secs(1));
        Budget {
            max_retry: call.max_retry.unwrap_or(3),
            first_delay,
            is_random: call.retry_delay.is_none(),
            longest_delay: first_delay.max(Duration::from_secs(30)),
            longest_retry_after: Duration::from_secs(180),
            ..Budget::for_upload(call)
        }
    }

    /// A full one for the ranges of an upload, whose session outlives long waits.
    pub(crate) fn for_upload(call: &CallOptions) -> Self {
        Budget {
            max_retry: call.max_retry.unwrap_or(8),
            first_delay: Duration::from_millis(500),
            is_random: true,
            longest_delay: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(600),
            spent: 0,
            total: 0,
            since: Instant::now(),
        }
    }

    /// How many tries were spent since there was progress.
    pub(crate) fn spent(&self) -> u32 {
        self.spent
    }

    /// How many tries were spent in all.
    pub(crate) fn total(&self) -> u32 {
        self.total
    }

    /// There was progress: the next failure is the first again.
    pub(crate) fn refill(&mut self) {
        (self.spent, self.since) = (0, Instant::now());
    }

    /// Waits before the try that a failure calls for.
    ///
    /// # Errors
    /// The failure itself, with the tries before it, when another try would not help or is not left.
    pub(crate) async fn wait(&mut self, call: &CallOptions, failure: Error) -> Result<()> {
        let Some(delay) = self.spend(&failure) else {
            return Err(describe(failure, self.spent, self.since.elapsed()));
        };
        call.observer.event(Event::Retry {
            attempt: self.spent,
            max_attempts: self.max_retry,
            delay,
            reason: failure.message().to_owned(),
        });
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// The wait before another try; `None` when there is none.
    fn spend(&mut self, failure: &Error) -> Option<Duration> {
        if !failure.is_retryable() || self.spent >= self.max_retry {
            return None;
        }
        let bound = self.first_delay.saturating_mul(1 << self.spent.min(20)).min(self.longest_delay);
        let delay = match asked_wait(failure) {
            Some(asked) if asked > self.longest_retry_after => return None,
            Some(asked) => asked,
            None if self.is_random => bound.mul_f64(fastrand::f64()),
            None => bound,
        };
        self.spent += 1;
        self.total += 1;
        Some(delay.max(SHORTEST_DELAY))
    }
}

/// Runs an attempt, given how many came before it, until it succeeds or the budget is spent.
pub(crate) async fn with_retries<T, F>(call: &CallOptions, mut attempt: impl FnMut(u32) -> F) -> Result<T>
where
    F: std::future::Future<Output = Result<T>>,
{
    let mut budget = Budget::for_graph(call);
    loop {
        match attempt(budget.spent()).await {
            Ok(done) => return Ok(done),
            Err(failure) => budget.wait(call, failure).await?,
        }
    }
}

/// The wait that a failure asks for, if it asks for any: a date that has passed, or no wait at all, leaves the
/// waits of the budget as they are.
fn asked_wait(failure: &Error) -> Option<Duration> {
    let headers = &failure.error_response().filter(|_| failure.is_retryable())?.headers;
    retry_after(headers, SystemTime::now()).filter(|wait| !wait.is_zero())
}

/// The wait that a response asks for: seconds, or the time until a date; a date that has passed is no wait at all. The
/// time that counts is the response's own `Date`, so that a clock that is wrong, here or there, changes nothing; `now` is
/// for responses without one.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds are still a number of seconds: too many.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let sent = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(date.duration_since(sent.unwrap_or(now)).unwrap_or_default())
}

/// Whether a range, or the status of a session, with this response may succeed later.
pub(crate) fn is_retryable_for_upload(status: StatusCode) -> bool {
    matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::LOCKED | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error()
}

/// A failure with what came before it: how often it was tried, for how long, and when to come back.
pub(crate) fn describe(failure: Error, tries: u32, elapsed: Duration) -> Error {
    let mut message = failure.message().to_owned();
    if tries > 0 {
        let retries = if tries == 1 { "retry" } else { "retries" };
        message = format!("{}, after {tries} {retries} in {}.", message.trim_end_matches('.'), in_words(elapsed));
    }
    match asked_wait(&failure) {
        Some(wait) if wait > LONGEST_USABLE => failure
            .with_message(format!("{message} It asks to be tried again, and names no usable time."))
            .with_next_step(NextStep::TryLater),
        Some(wait) => failure
            .with_message(format!("{message} It asks to be tried again in {}.", in_words(wait)))
            .with_next_step(NextStep::WaitThenRunAgain),
        None => failure.with_message(message),
    }
}

/// A duration as a person would say it, from two minutes on rounded up: who comes back so much later has waited long
/// enough.
pub(crate) fn in_words(duration: Duration) -> String {
    let many = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let seconds = duration.as_secs();
    let minutes = seconds.div_ceil(60);
    match (minutes / 60, minutes % 60) {
        _ if seconds == 0 => format!("{} ms", duration.as_millis()),
        _ if seconds < 120 => many(seconds, "second"),
        (0..=1, _) => many(minutes, "minute"),
        (72.., _) => many(minutes.div_ceil(24 * 60), "day"),
        (hours, 0) => many(hours, "hour"),
        (hours, minutes) => format!("{} {}", many(hours, "hour"), many(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, ErrorResponse};

    fn refused(retry_after: Option<&str>) -> Error {
        let value = retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap()));
        let response = ErrorResponse { status: 503, headers: value.into_iter().collect(), ..Default::default() };
        Error::new(ErrorKind::RequestFailed, "busy").retryable(true).with_error_response(response)
    }

    fn graph() -> Budget {
        Budget::for_graph(&CallOptions::default())
    }

    #[test]
    fn waits_grow_within_their_bounds_and_the_budget_ends() {
        let mut budget = Budget::for_upload(&CallOptions { max_retry: Some(6), ..Default::default() });
        for tries in 0..6 {
            let bound = Duration::from_millis(500) * 2u32.pow(tries);
            let delay = budget.spend(&refused(None)).unwrap();
            assert!(delay <= bound.min(Duration::from_secs(30)), "{delay:?} > {bound:?}");
        }
        assert_eq!(budget.spend(&refused(None)), None);
        budget.refill();
        assert!(budget.spend(&refused(None)).is_some() && budget.total() == 7);
        assert_eq!(budget.spend(&Error::new(ErrorKind::TlsFailed, "no")), None, "what cannot pass is not tried again");
    }

    #[test]
    fn a_wait_that_was_asked_for_is_obeyed_unless_absurd() {
        assert_eq!(graph().spend(&refused(Some("7"))), Some(Duration::from_secs(7)));
        assert_eq!(graph().spend(&refused(Some("86400"))), None);
        for none in ["0", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            let longest = (0..200).filter_map(|_| graph().spend(&refused(Some(none)))).max();
            let bound = Duration::from_secs(1);
            assert!(longest > Some(bound / 4) && longest <= Some(bound), "{none}: {longest:?}");
        }
    }

    #[test]
    fn a_failure_is_described_with_its_tries_and_its_wait() {
        let asked = |wait: &str| format!("busy, after 2 retries in 1 second. It asks to be tried again in {wait}.");
        for (seconds, expected) in [
            ("239", asked("4 minutes")),
            ("7199", asked("2 hours")),
            ("7260", asked("2 hours 1 minute")),
            ("9999", asked("2 hours 47 minutes")),
            ("86400", asked("24 hours")),
            ("260000", asked("4 days")),
            ("7", asked("7 seconds")),
            ("0", "busy, after 2 retries in 1 second.".to_owned()),
        ] {
            assert_eq!(describe(refused(Some(seconds)), 2, Duration::from_secs(1)).message(), expected);
        }
        let error = describe(refused(Some(&u64::MAX.to_string())), 0, Duration::ZERO);
        assert_eq!(error.message(), "busy It asks to be tried again, and names no usable time.");
        assert_eq!(error.next_step(), "Try again later.");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_response_s_own_clock() {
        let now = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let (date, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:51:37 GMT");
        for (value, seconds) in [("120", Some(120)), (later, Some(120)), (date, Some(0)), ("soon -1", None)] {
            let headers = [(RETRY_AFTER, value.parse().unwrap())].into_iter().collect();
            assert_eq!(retry_after(&headers, now(784_111_777)), seconds.map(Duration::from_secs), "{value}");
        }
        let headers = [(DATE, date.parse().unwrap()), (RETRY_AFTER, later.parse().unwrap())].into_iter().collect();
        for ours in [0, 784_111_777 - 86_400, 4_000_000_000] {
            assert_eq!(retry_after(&headers, now(ours)), Some(Duration::from_secs(120)));
        }
    }
}

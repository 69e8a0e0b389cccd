//! Which failures are worth another try, and when.
//!
//! Waits are exponential with full jitter, so that many clients do not come back at once; a `Retry-After` (RFC 9110,
//! section 10.2.3, seconds or a date) is obeyed instead. A budget counts consecutive tries without progress.

use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::call::CallOptions;
use crate::error::{Error, Result};
use crate::event::Event;

/// A connection that was given up closes by itself, and within this: a question that overtakes that would be answered
/// while its bytes are still under way.
const SHORTEST_DELAY: Duration = Duration::from_millis(10);

/// A wait beyond this names no time at which anyone would come back.
const LONGEST_USABLE: Duration = Duration::from_secs(30 * 86_400);

/// How often and how long.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Consecutive tries without progress after the first.
    pub max_retry: u32,
    /// The bound of the first wait; each further one doubles.
    pub first_delay: Duration,
    /// Whether a wait is somewhere within its bound, or as long as that: somebody asked for it.
    pub is_random: bool,
    /// The bound of every wait.
    pub longest_delay: Duration,
    /// A `Retry-After` beyond this ends the call at once: the person had better come back.
    pub longest_retry_after: Duration,
}

impl RetryPolicy {
    /// For a request to Graph.
    pub fn for_graph(max_retry: Option<u32>, first_delay: Option<Duration>) -> Self {
        let longest_delay = Duration::from_secs(30).max(first_delay.unwrap_or_default());
        RetryPolicy {
            max_retry: max_retry.unwrap_or(3),
            first_delay: first_delay.unwrap_or(Duration::from_secs(1)),
            is_random: first_delay.is_none(),
            longest_delay,
            longest_retry_after: Duration::from_secs(180),
        }
    }

    /// For the ranges of an upload, which have an hour.
    pub fn for_upload(max_retry: Option<u32>) -> Self {
        RetryPolicy {
            max_retry: max_retry.unwrap_or(8),
            first_delay: Duration::from_millis(500),
            is_random: true,
            longest_delay: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(600),
        }
    }
}

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Try again after this wait.
    Retry {
        /// 1 for the first retry since there was progress.
        attempt: u32,
        /// The wait.
        delay: Duration,
    },
    /// Another try would not help.
    Final,
    /// It might help, but the budget is spent.
    Exhausted,
    /// The service asked to be left alone for longer than anyone would wait.
    ComeBackLater(Duration),
}

/// The tries that are left.
#[derive(Debug)]
pub struct Budget {
    policy: RetryPolicy,
    spent: u32,
    /// When the first failure since there was progress asked for a try.
    failing_since: Option<Instant>,
    delays: ExponentialBackoff,
}

impl Budget {
    /// A full budget.
    pub fn new(policy: RetryPolicy) -> Self {
        let delays = delays(&policy);
        Budget { policy, spent: 0, failing_since: None, delays }
    }

    /// How many tries there may be in a row.
    pub fn max_retry(&self) -> u32 {
        self.policy.max_retry
    }

    /// How many tries were spent since there was progress.
    pub fn spent(&self) -> u32 {
        self.spent
    }

    /// For how long nothing but failures came.
    pub fn failing(&self) -> Duration {
        self.failing_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// There was progress: the next failure is the first again.
    pub fn refill(&mut self) {
        self.failing_since = None;
        if self.spent > 0 {
            self.spent = 0;
            self.delays = delays(&self.policy);
        }
    }

    /// A failure asks for another try.
    pub fn spend(&mut self, error: &Error) -> Verdict {
        if !error.is_retryable() {
            return Verdict::Final;
        }
        self.failing_since.get_or_insert_with(Instant::now);
        if self.spent >= self.policy.max_retry {
            return Verdict::Exhausted;
        }
        let asked = error.error_response().and_then(|refusal| retry_after(&refusal.headers, SystemTime::now()));
        let bound = self.delays.next().unwrap_or(self.policy.longest_delay);
        let delay = match asked {
            Some(asked) if asked > self.policy.longest_retry_after => return Verdict::ComeBackLater(asked),
            Some(asked) if !asked.is_zero() => asked.max(SHORTEST_DELAY),
            // A date that has passed, or no wait at all, may not turn the budget into a volley.
            _ if self.policy.is_random => bound.mul_f64(fastrand::f64()).max(SHORTEST_DELAY),
            _ => bound.max(SHORTEST_DELAY),
        };
        self.spent += 1;
        Verdict::Retry { attempt: self.spent, delay }
    }
}

fn delays(policy: &RetryPolicy) -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(policy.first_delay)
        .with_max_delay(policy.longest_delay)
        .with_factor(2.0)
        .with_max_times(usize::MAX)
        .build()
}

/// The wait that a response asks for: seconds, or the time until a date; a date that has passed is no wait at all. The
/// time that counts is the response's own `Date`, so that a clock that is wrong, here or there, changes nothing; `now` is
/// for answers without one.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds are still a number of seconds: too many.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let answered = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let now = answered.unwrap_or(now);
    Some(date.duration_since(now).unwrap_or_default())
}

/// Whether a Graph request that was answered so may succeed later. Creating a session is safe to repeat: an unused one
/// costs nothing.
pub fn is_retryable_for_graph(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// Whether a range, or the status of a session, that was answered so may succeed later.
pub fn is_retryable_for_upload(status: StatusCode) -> bool {
    matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::LOCKED | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error()
}

/// A failure told as a story: what, how often, how long, and when to come back.
pub fn describe(error: Error, verdict: Verdict, tries: u32, elapsed: Duration) -> Error {
    let mut told = error.message().to_owned();
    if tries > 0 {
        let retries = if tries == 1 { "retry" } else { "retries" };
        told = format!("{}, after {tries} {retries} in {}.", told.trim_end_matches('.'), in_words(elapsed));
    }
    let asked = match verdict {
        Verdict::ComeBackLater(wait) => Some(wait),
        _ => error.error_response().and_then(|refusal| retry_after(&refusal.headers, SystemTime::now())),
    };
    match asked.filter(|wait| error.is_retryable() && !wait.is_zero()) {
        Some(wait) if wait > LONGEST_USABLE => {
            error.with_message(format!("{told} It asks to be tried again, and names no usable time."))
        }
        Some(wait) => error
            .with_message(format!("{told} It asks to be tried again in {}.", in_words(wait)))
            .with_next_step("Wait that long, then run the command again."),
        None => error.with_message(told),
    }
}

/// What comes before everything else that can be done.
pub(crate) fn wait_first(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ComeBackLater(wait) if wait > LONGEST_USABLE => "Try again later.",
        Verdict::ComeBackLater(_) => "Wait that long.",
        _ => "",
    }
}

/// A duration as a person would say it, from two minutes on rounded up: who comes back so much later has waited long
/// enough.
pub fn in_words(duration: Duration) -> String {
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

/// Runs an attempt, given how many came before it, until it succeeds or the budget is spent.
pub(crate) async fn with_retries<T, F>(call: &CallOptions, mut attempt: impl FnMut(u32) -> F) -> Result<T>
where
    F: std::future::Future<Output = Result<T>>,
{
    let started = Instant::now();
    let mut budget = Budget::new(RetryPolicy::for_graph(call.max_retry, call.retry_delay));
    loop {
        let error = match attempt(budget.spent()).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        match budget.spend(&error) {
            Verdict::Retry { attempt, delay } => {
                announce(call, &budget, attempt, delay, &error);
                tokio::time::sleep(delay).await;
            }
            verdict => return Err(describe(error, verdict, budget.spent(), started.elapsed())),
        }
    }
}

/// Tells the observer of a retry.
pub(crate) fn announce(call: &CallOptions, budget: &Budget, attempt: u32, delay: Duration, error: &Error) {
    call.observer.event(Event::Retry {
        attempt,
        max_attempts: budget.max_retry(),
        delay,
        reason: error.message().to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, ErrorResponse};

    fn refused(retry_after: Option<&str>) -> Error {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        Error::new(ErrorKind::RequestFailed, "busy").retryable(true).with_error_response(ErrorResponse {
            status: 503,
            headers,
            ..ErrorResponse::default()
        })
    }

    #[test]
    fn waits_grow_within_their_bounds_and_the_budget_ends() {
        let policy = RetryPolicy::for_upload(Some(6));
        let mut budget = Budget::new(policy.clone());
        for attempt in 1..=6 {
            let bound = policy.first_delay * 2u32.pow(attempt - 1);
            match budget.spend(&refused(None)) {
                Verdict::Retry { attempt: told, delay } => {
                    assert_eq!(told, attempt);
                    assert!(delay <= bound.min(policy.longest_delay), "{delay:?} > {bound:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(budget.spend(&refused(None)), Verdict::Exhausted);
        budget.refill();
        assert!(matches!(budget.spend(&refused(None)), Verdict::Retry { attempt: 1, .. }));
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        let mut budget = Budget::new(RetryPolicy::for_graph(None, None));
        assert_eq!(budget.spend(&Error::new(ErrorKind::TlsFailed, "no")), Verdict::Final);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_obeyed_unless_absurd() {
        let mut budget = Budget::new(RetryPolicy::for_graph(None, None));
        assert_eq!(budget.spend(&refused(Some("7"))), Verdict::Retry { attempt: 1, delay: Duration::from_secs(7) });
        assert_eq!(budget.spend(&refused(Some("86400"))), Verdict::ComeBackLater(Duration::from_secs(86_400)));
    }

    #[test]
    fn waits_are_told_once_and_rounded_up() {
        for (asked, told) in [
            (239, "4 minutes"),
            (7199, "2 hours"),
            (7260, "2 hours 1 minute"),
            (9999, "2 hours 47 minutes"),
            (86_400, "24 hours"),
            (260_000, "4 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(asked)), told);
            let verdict = Verdict::ComeBackLater(Duration::from_secs(asked));
            let error = describe(refused(Some(&asked.to_string())), verdict, 2, Duration::from_secs(1));
            let expected = format!("busy, after 2 retries in 1 second. It asks to be tried again in {told}.");
            assert_eq!(error.message(), expected);
        }
    }

    #[test]
    fn the_wait_that_was_asked_for_last_is_told_when_the_tries_are_spent() {
        let error = describe(refused(Some("7")), Verdict::Exhausted, 1, Duration::from_secs(9));
        assert!(error.message().ends_with("It asks to be tried again in 7 seconds."), "{error}");
        assert_eq!(describe(refused(Some("0")), Verdict::Exhausted, 0, Duration::ZERO).message(), "busy");
    }

    #[test]
    fn a_wait_that_nobody_could_wait_names_no_time() {
        let verdict = Verdict::ComeBackLater(Duration::from_secs(u64::MAX));
        let error = describe(refused(None), verdict, 0, Duration::ZERO);
        assert!(error.message().ends_with("It asks to be tried again, and names no usable time."), "{error}");
        assert_eq!(wait_first(verdict), "Try again later.");
    }

    #[test]
    fn no_wait_and_a_date_that_has_passed_leave_the_waits_as_they_are() {
        for asked in ["0", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            let longest = (0..200)
                .map(|_| match Budget::new(RetryPolicy::for_graph(None, None)).spend(&refused(Some(asked))) {
                    Verdict::Retry { delay, .. } => delay,
                    other => panic!("{other:?}"),
                })
                .max();
            let bound = Duration::from_secs(1);
            assert!(longest > Some(bound / 4) && longest <= Some(bound), "{asked}: {longest:?}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_changes_no_wait() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        headers.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:51:37 GMT".parse().unwrap());
        for ours in [0, 784_111_777 - 86_400, 784_111_777 + 86_400, 4_000_000_000] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(ours);
            assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(120)));
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, wait) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            assert_eq!(retry_after(&headers, now), wait.map(Duration::from_secs), "{value}");
        }
    }
}

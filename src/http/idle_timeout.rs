//! The idle time-out: an attempt is given up when nothing of it moves for so long.
//!
//! What moves is what reqwest shows: frames of the body that the connection takes, and chunks of the response that come
//! in. So there is no limit on a transfer that is slow and goes on.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::blocking::lock;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes that the system may still hold of what the connection took, in the buffers of HTTP and of sockets.
const MAX_BUFFERED: u64 = 4 * 1024 * 1024;

/// When something of a request last moved.
pub(crate) struct IdleTimer(Mutex<State>);

struct State {
    started: Instant,
    /// When the connection last took a frame, or the body last had something to give again.
    last_activity: Instant,
    bytes_taken: u64,
    /// Since when the body waits for its source.
    paused_since: Option<Instant>,
    /// For how long it waited before that.
    paused: Duration,
}

impl IdleTimer {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        IdleTimer(Mutex::new(State {
            started: now,
            last_activity: now,
            bytes_taken: 0,
            paused_since: None,
            paused: Duration::ZERO,
        }))
    }

    /// The connection took bytes of the body.
    pub(crate) fn record_frame(&self, bytes: usize) {
        let mut state = self.state();
        state.bytes_taken += bytes as u64;
        state.last_activity = Instant::now();
    }

    /// The body waits for its source, or does no longer. A slow disk is not an idle service: the clock stands still.
    pub(crate) fn set_paused(&self, is_paused: bool) {
        let mut state = self.state();
        match (state.paused_since, is_paused) {
            (None, true) => state.paused_since = Some(Instant::now()),
            (Some(since), false) => {
                state.paused += since.elapsed();
                state.last_activity = Instant::now();
                state.paused_since = None;
            }
            _ => {}
        }
    }

    /// Awaits a future for as long as something moves; `None` after `idle_timeout` without.
    pub(crate) async fn guard<F: Future>(&self, idle_timeout: Duration, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        loop {
            let deadline = self.state().deadline(idle_timeout);
            tokio::select! {
                biased;
                output = &mut future => return Some(output),
                () = tokio::time::sleep_until(deadline.into()) => {
                    if self.state().deadline(idle_timeout) <= Instant::now() {
                        return None;
                    }
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl State {
    fn deadline(&self, idle_timeout: Duration) -> Instant {
        match self.paused_since {
            Some(_) => Instant::now() + idle_timeout,
            None => self.last_activity + self.drain_time() + idle_timeout,
        }
    }

    /// How long what was taken may need to leave the system's buffers, where its progress cannot be seen, at the rate seen so far:
    /// on a network of 20 kB/s that is minutes, on a fast one nothing.
    fn drain_time(&self) -> Duration {
        let sending = (self.last_activity - self.started).saturating_sub(self.paused);
        let buffered = self.bytes_taken.min(MAX_BUFFERED);
        match self.bytes_taken {
            0 => Duration::ZERO,
            taken => sending.mul_f64(buffered as f64 / taken as f64),
        }
    }
}

/// Bytes of a body that the connection takes at once. Small frames show early that a slow connection still moves.
pub(crate) const FRAME: usize = 32 * 1024;

/// A body in memory that records in a timer what of it was taken.
pub(crate) fn body_of(bytes: &Bytes, timer: &Arc<IdleTimer>) -> reqwest::Body {
    if bytes.len() <= FRAME {
        return bytes.clone().into();
    }
    reqwest::Body::wrap(TimedBody { bytes: bytes.clone(), timer: Arc::clone(timer) })
}

struct TimedBody {
    bytes: Bytes,
    timer: Arc<IdleTimer>,
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.bytes.len().min(FRAME);
        if length == 0 {
            return Poll::Ready(None);
        }
        self.timer.record_frame(length);
        Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_wait_ends_when_nothing_moves() {
        assert_eq!(IdleTimer::new().guard(Duration::from_millis(20), std::future::pending::<()>()).await, None);
        assert_eq!(IdleTimer::new().guard(Duration::from_millis(20), std::future::ready(7)).await, Some(7));
    }

    #[test]
    fn a_source_that_is_waited_for_stops_the_clock() {
        let timer = IdleTimer::new();
        let minutes_ago = Instant::now() - 10 * IDLE;
        {
            let mut state = timer.state();
            (state.started, state.last_activity, state.paused_since) = (minutes_ago, minutes_ago, Some(minutes_ago));
            assert!(state.deadline(IDLE) > Instant::now());
        }
        timer.set_paused(false);
        timer.record_frame(1);
        let deadline = timer.state().deadline(IDLE);
        assert!(deadline > Instant::now() + IDLE / 2, "the wait is no silence of the service");
        assert!(deadline < Instant::now() + 2 * IDLE, "nor does it make the connection slow");
    }

    #[test]
    fn what_the_system_holds_may_leave_at_the_rate_seen_so_far() {
        let now = Instant::now();
        let state = |bytes_taken, seconds| State {
            started: now - Duration::from_secs(seconds),
            last_activity: now,
            bytes_taken,
            paused_since: None,
            paused: Duration::ZERO,
        };
        assert_eq!(state(0, 100).drain_time(), Duration::ZERO);
        assert_eq!(state(1000, 7).drain_time(), Duration::from_secs(7));
        assert_eq!(state(4 * MAX_BUFFERED, 100).drain_time(), Duration::from_secs(25));
    }
}

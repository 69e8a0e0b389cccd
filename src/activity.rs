//! Whether anything moves, so that a slow line is told apart from a dead one.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::line::Latest;
use crate::traffic::{Seen, Traffic};

/// When a byte last moved.
pub(crate) struct Activity {
    started: Instant,
    /// When the connection last took something of the body, or that left the system; or a wait for others ended.
    sent: Latest,
    /// When something last came in.
    heard: Latest,
    bytes: AtomicU64,
    /// When the last of them were taken, or seen to leave the system.
    left: AtomicU64,
    is_handed_over: AtomicBool,
    held: AtomicBool,
    traffic: Mutex<Traffic>,
    /// Tells when something last came in, where the connection is known.
    line: OnceLock<Box<dyn Fn() -> Option<Instant> + Send + Sync>>,
}

/// Bytes that a system may hold between us and the line after the body was handed over: socket and HTTP buffers.
const BUFFERED_AT_MOST: u64 = 4 * 1024 * 1024;

/// So few bytes leave the system within any time-out, and are not looked for.
const FEW: u64 = 128 * 1024;

/// How often it is looked, within a silence that would be too long, for what moves without being told.
const LOOKS: u32 = 4;

impl Activity {
    /// Of an answer whose head is there, by what tells when something last came in.
    pub(crate) fn heard_by(line: impl Fn() -> Option<Instant> + Send + Sync + 'static) -> Self {
        let activity = Self::towards(Vec::new());
        activity.hear_by(line);
        activity
    }

    /// Of a request that goes to one of these ports.
    pub(crate) fn towards(ports: Vec<u16>) -> Self {
        Activity {
            started: Instant::now(),
            sent: Latest::now(),
            heard: Latest::now(),
            bytes: AtomicU64::new(0),
            left: AtomicU64::new(0),
            is_handed_over: AtomicBool::new(false),
            held: AtomicBool::new(false),
            traffic: Mutex::new(Traffic::to(ports)),
            line: OnceLock::new(),
        }
    }

    /// The connection is known, or will be, by what tells when something last came in on it.
    pub(crate) fn hear_by(&self, line: impl Fn() -> Option<Instant> + Send + Sync + 'static) {
        let _ = self.line.set(Box::new(line));
    }

    /// Bytes of the body were taken by the connection.
    pub(crate) fn moved(&self, bytes: usize) {
        let before = self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let by_now = before + bytes as u64;
        if before <= FEW && by_now > FEW {
            self.traffic().begin(by_now);
        }
        self.leave();
    }

    fn leave(&self) {
        self.left.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.sent.renew();
    }

    /// Whether the connection took anything of the body.
    pub(crate) fn has_moved(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > 0
    }

    /// The body waits for something else than the line, which others watch over; and then it does no longer.
    pub(crate) fn hold(&self, held: bool) {
        if self.held.swap(held, Ordering::Relaxed) != held {
            self.sent.renew();
        }
    }

    /// Awaits a future for as long as something moves; `Err` after `silence` without.
    pub(crate) async fn guard<F: std::future::Future>(&self, silence: Duration, future: F) -> Result<F::Output, ()> {
        let mut future = std::pin::pin!(future);
        let look_every = silence / LOOKS;
        // What is awaited begins now, after what came before it.
        self.heard.renew();
        let mut next_look = Instant::now() + look_every;
        loop {
            let deadline = self.deadline(silence);
            tokio::select! {
                biased;
                output = &mut future => return Ok(output),
                () = tokio::time::sleep_until(deadline.min(next_look).into()) => {
                    next_look = Instant::now() + look_every;
                    self.look();
                    if self.deadline(silence) <= Instant::now() {
                        return Err(());
                    }
                }
            }
        }
    }

    /// Looks for what moves without being told: bytes that were taken long ago and are on their way only now, and those of
    /// an answer of which there is not enough yet.
    fn look(&self) {
        if self.held.load(Ordering::Relaxed) {
            return self.sent.renew();
        }
        let (bytes, line) = (self.bytes.load(Ordering::Relaxed), self.line.get());
        // Of a small request not before its connection has it, and so late that a quick one costs nothing.
        let is_watched = bytes > FEW || (line.is_none() && self.is_handed_over.load(Ordering::Relaxed));
        let seen = if is_watched { self.traffic().look(bytes, self.started.elapsed()) } else { Seen::default() };
        if bytes > FEW && seen.is_less_unsent {
            self.leave();
        }
        if let Some(at) = line.map_or(seen.heard, |line| line()) {
            self.heard.is_at_least(at);
        }
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deadline(&self, silence: Duration) -> Instant {
        (self.sent.get() + self.draining()).max(self.heard.get()) + silence
    }

    /// What was taken may still wait in buffers, where nobody sees it move, also in those of the other side: the time that
    /// they need to drain at the speed seen so far. On a line of 20 kB/s that is minutes, on a fast one nothing.
    fn draining(&self) -> Duration {
        let (bytes, millis) = (self.bytes.load(Ordering::Relaxed), self.left.load(Ordering::Relaxed));
        Duration::from_millis((millis * bytes.min(BUFFERED_AT_MOST)).checked_div(bytes).unwrap_or(0))
    }
}

/// Bytes of a body handed to the connection at once. Small ones show early that a slow line still moves.
pub(crate) const FRAME: usize = 32 * 1024;

/// A body in memory.
pub(crate) fn body_of(bytes: &Bytes, activity: &Arc<Activity>) -> reqwest::Body {
    if bytes.len() <= FRAME {
        return bytes.clone().into();
    }
    reqwest::Body::wrap(Counted { bytes: bytes.clone(), activity: Arc::clone(activity) })
}

/// The body, which tells as well when the connection has the whole request.
pub(crate) fn handing_over(body: reqwest::Body, activity: &Arc<Activity>) -> reqwest::Body {
    reqwest::Body::wrap(HandedOver { body, activity: Arc::clone(activity) })
}

/// A body that is dropped when all of it was taken; at once where there is nothing in it.
struct HandedOver {
    body: reqwest::Body,
    activity: Arc<Activity>,
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        self.activity.is_handed_over.store(true, Ordering::Relaxed);
    }
}

impl Body for HandedOver {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that tells what of it was taken.
struct Counted {
    bytes: Bytes,
    activity: Arc<Activity>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.bytes.len().min(FRAME);
        if length == 0 {
            return Poll::Ready(None);
        }
        self.activity.moved(length);
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

    #[tokio::test]
    async fn silence_ends_a_wait_unless_others_are_waited_for() {
        let silence = Duration::from_millis(20);
        assert_eq!(Activity::towards(Vec::new()).guard(silence, std::future::pending::<()>()).await, Err(()));

        let held = Activity::towards(Vec::new());
        held.hold(true);
        // Ten times the silence passes before the others are there; then silence counts again.
        let others = async {
            tokio::time::sleep(10 * silence).await;
            held.hold(false);
            std::future::pending::<()>().await;
        };
        let started = Instant::now();
        assert_eq!(held.guard(silence, others).await, Err(()));
        assert!(started.elapsed() >= 11 * silence, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn what_comes_in_on_the_line_ends_a_silence() {
        let silence = Duration::from_millis(20);
        let loud = Activity::heard_by(|| Some(Instant::now()));
        assert_eq!(loud.guard(silence, tokio::time::sleep(10 * silence)).await, Ok(()));

        let last = Instant::now() + 3 * silence;
        let ends = Activity::heard_by(move || Some(last.min(Instant::now())));
        assert_eq!(ends.guard(silence, std::future::pending::<()>()).await, Err(()));
        assert!(last.elapsed() + Duration::from_millis(1) >= silence, "{:?}", last.elapsed());
    }
}

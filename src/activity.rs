//! Whether anything moves, so that a slow line is told apart from a dead one.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::line::{Latest, Wire};

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
    held: AtomicBool,
    /// Tells which connection it is, once there is one.
    line: OnceLock<Box<dyn Fn() -> Option<Wire> + Send + Sync>>,
    /// What the system held of it at the last look.
    unsent: Mutex<Option<u64>>,
}

/// Bytes that a system may hold between us and the line after the body was handed over: socket and HTTP buffers.
const BUFFERED_AT_MOST: u64 = 4 * 1024 * 1024;

/// Bytes that the other side takes at once when it has room again: a large window's half, or a buffer's.
const STEP: u64 = 256 * 1024;

/// So few bytes leave the system within any time-out, and are not looked for.
const FEW: u64 = 128 * 1024;

/// How often it is looked, within a silence that would be too long, for what moves without being told.
const LOOKS: u32 = 4;

impl Activity {
    pub(crate) fn new() -> Self {
        Activity {
            started: Instant::now(),
            sent: Latest::now(),
            heard: Latest::now(),
            bytes: AtomicU64::new(0),
            left: AtomicU64::new(0),
            held: AtomicBool::new(false),
            line: OnceLock::new(),
            unsent: Mutex::default(),
        }
    }

    /// What tells which connection it is; nothing before there is one.
    pub(crate) fn is_on(&self, line: impl Fn() -> Option<Wire> + Send + Sync + 'static) {
        let _ = self.line.set(Box::new(line));
    }

    /// Bytes of the body were taken by the connection.
    pub(crate) fn moved(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
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
        let Some(wire) = self.line.get().and_then(|line| line()) else { return };
        self.heard.is_at_least(wire.last_heard());
        if self.bytes.load(Ordering::Relaxed) > FEW {
            let mut last = self.unsent();
            let now = wire.unsent();
            if last.zip(now).is_some_and(|(last, now)| now < last) {
                self.leave();
            }
            *last = now;
        }
    }

    fn unsent(&self) -> MutexGuard<'_, Option<u64>> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deadline(&self, silence: Duration) -> Instant {
        (self.sent.get() + self.draining()).max(self.heard.get()) + silence
    }

    /// What was taken may still wait in buffers, where nobody sees it move, also in those of the other side: the time that
    /// they need to drain at the speed seen so far. On a line of 20 kB/s that is minutes, on a fast one nothing. What the
    /// system is seen to hold leaves in steps, and is waited for no longer than for one of them.
    fn draining(&self) -> Duration {
        let (bytes, millis) = (self.bytes.load(Ordering::Relaxed), self.left.load(Ordering::Relaxed));
        let (gone, most) = match *self.unsent() {
            Some(unsent @ 1..) => (bytes.saturating_sub(unsent), STEP),
            _ => (bytes, BUFFERED_AT_MOST),
        };
        Duration::from_millis((millis * gone.min(most)).checked_div(gone).unwrap_or(0))
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
        assert_eq!(Activity::new().guard(silence, std::future::pending::<()>()).await, Err(()));

        let held = Activity::new();
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
}

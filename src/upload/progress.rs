//! How far an upload is, counted from several ranges at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::blocking::lock;
use crate::event::{Event, Observer};

/// Bytes that are there and bytes on the wire.
pub(super) struct Progress {
    observer: Arc<dyn Observer>,
    bytes_total: u64,
    started: Instant,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    there: u64,
    on_wire: u64,
    /// By this upload, repeats included.
    sent: u64,
    rate: Rate,
}

impl Progress {
    pub(super) fn new(observer: Arc<dyn Observer>, bytes_total: u64) -> Self {
        Progress { observer, bytes_total, started: Instant::now(), counts: Mutex::default() }
    }

    /// Bytes of a range were read, and go to the connection next.
    pub(super) fn on_bytes_taken(&self, bytes: u64) {
        self.update(|counts| {
            counts.on_wire += bytes;
            counts.sent += bytes;
        });
    }

    /// A part is done: `taken` bytes are no longer on the wire, and `there` bytes are at the service.
    pub(super) fn on_part_done(&self, taken: u64, there: u64) {
        self.update(|counts| {
            counts.on_wire = counts.on_wire.saturating_sub(taken);
            counts.there = there;
        });
    }

    /// The document is complete.
    pub(super) fn on_completed(&self) {
        self.update(|counts| (counts.on_wire, counts.there) = (0, self.bytes_total));
    }

    /// Bytes sent by this upload, repeats included.
    pub(super) fn sent(&self) -> u64 {
        lock(&self.counts).sent
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn update(&self, change: impl FnOnce(&mut Counts)) {
        let (bytes_done, bytes_per_second) = {
            let mut counts = lock(&self.counts);
            change(&mut counts);
            let sent = counts.sent;
            ((counts.there + counts.on_wire).min(self.bytes_total), counts.rate.now(sent))
        };
        self.observer.event(Event::Progress { bytes_done, bytes_total: self.bytes_total, bytes_per_second });
    }
}

/// Bytes a second over the last seconds, from samples half a second apart; 0 until there are two.
#[derive(Default)]
pub(crate) struct Rate {
    samples: VecDeque<(Instant, u64)>,
}

impl Rate {
    const SPACING: Duration = Duration::from_millis(500);
    const SAMPLES: usize = 10;

    pub(crate) fn now(&mut self, moved: u64) -> u64 {
        self.at(moved, Instant::now())
    }

    fn at(&mut self, sent: u64, now: Instant) -> u64 {
        if self.samples.back().is_none_or(|&(last, _)| now - last >= Self::SPACING) {
            if self.samples.len() == Self::SAMPLES {
                self.samples.pop_front();
            }
            self.samples.push_back((now, sent));
        }
        let Some(&(since, before)) = self.samples.front() else { return 0 };
        // What the system's buffers take at once says nothing of the connection's speed.
        if now - since < Self::SPACING {
            return 0;
        }
        (sent - before) * 1000 / (now - since).as_millis() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        assert_eq!(rate.at(0, start), 0);
        assert_eq!(rate.at(4_000_000, start + Duration::from_millis(10)), 0, "taken in by the system");
        let mut rate = Rate::default();
        assert_eq!(rate.at(0, start), 0);
        for second in 1..=20 {
            assert_eq!(rate.at(second * 1000, start + Duration::from_secs(second)), 1000);
        }
        let slow = (1..=10).map(|second| rate.at(20_000 + second, start + Duration::from_secs(20 + second))).last();
        assert_eq!(slow, Some(1));
    }
}

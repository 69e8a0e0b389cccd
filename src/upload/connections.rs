//! Whether an upload uses its connections again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// After more broken connections than this an upload uses none twice.
const MOST_BROKEN: usize = 2;

/// What an upload has seen of its connections. Some services and proxies close each a moment after the response: the next
/// request on it is lost, and so would be the retry on the connection over which the status came.
#[derive(Default)]
pub(super) struct Connections {
    broken: AtomicUsize,
    is_last_broken: AtomicBool,
}

impl Connections {
    /// A connection broke before the response came.
    pub(super) fn on_broken(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
        self.is_last_broken.store(true, Ordering::Relaxed);
    }

    /// A range was acknowledged.
    pub(super) fn on_acknowledged(&self) {
        self.is_last_broken.store(false, Ordering::Relaxed);
    }

    /// Whether the next request needs a connection of its own.
    pub(super) fn are_unreliable(&self) -> bool {
        self.is_last_broken.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed) > MOST_BROKEN
    }
}

//! Connections that do not last.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// After so many broken connections an upload uses none twice any more.
const MOST_BROKEN: usize = 2;

/// What an upload knows of its connections. Some services and proxies close one a moment after each answer: what is sent
/// on it next is lost, and so would be the next try on the connection of the question that came before it.
#[derive(Default)]
pub(super) struct Lines {
    broken: AtomicUsize,
    in_doubt: AtomicBool,
}

impl Lines {
    /// A connection broke, and no answer came.
    pub(super) fn broke(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
        self.in_doubt.store(true, Ordering::Relaxed);
    }

    /// A range was acknowledged.
    pub(super) fn held(&self) {
        self.in_doubt.store(false, Ordering::Relaxed);
    }

    /// Whether the next request goes on a connection of its own.
    pub(super) fn are_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed) > MOST_BROKEN
    }
}

//! What rings when an operation has something to tell.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What whoever waits for several operations is woken by.
#[derive(Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_one();
    }

    /// Waits until it was rung; `false` when that did not happen in time.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = |rung: &mut bool| !*rung;
        match timeout {
            None => *self.heard.wait_while(rung, silent).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                *self.heard.wait_timeout_while(rung, timeout, silent).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }
}

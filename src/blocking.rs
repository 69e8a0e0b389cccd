//! Work that may wait for a disk or a share, on a thread that may wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};

/// Locks a mutex, also after a panic: no value here is changed in more than one step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on a thread of its own, so that no connection waits for it and its caller can give up. `what` begins the
/// sentence that a panic is reported in: "Reading the document".
pub(crate) async fn run<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(Error::new(ErrorKind::Internal, format!("{what} failed: {panic}."))))
}

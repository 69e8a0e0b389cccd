//! The threads that operations run on: made once, at the first need, and never waited for.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, ErrorKind, Result};

/// One thread saturates a line, and hands nothing over to another within a request; file reads, digests and name look-ups
/// have threads of their own. Where the system itself judges certificates, its judgement may wait for a network, and the
/// other operations go on meanwhile.
const WORKERS: usize = if cfg!(any(windows, target_vendor = "apple")) { 2 } else { 1 };

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

pub(super) fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("mgprint")
            .enable_all()
            .on_thread_start(mask_sigpipe)
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Internal,
                    format!("The threads of the mgprint library cannot be started: {error}."),
                )
            })
    })
}

/// A connection that is reset in the middle of a PUT can raise SIGPIPE, which ends a host that keeps the default action.
#[cfg(unix)]
fn mask_sigpipe() {
    // SAFETY: the set is initialized by sigemptyset before it is read, and only this thread's mask changes.
    unsafe {
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
    }
}

#[cfg(not(unix))]
fn mask_sigpipe() {}

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
        keep_loaded();
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

/// The threads run code of this library, so it must stay when the host unloads it. On Linux the linker's `-z nodelete`
/// says so.
#[cfg(windows)]
fn keep_loaded() {
    const PIN: u32 = 1;
    const FROM_ADDRESS: u32 = 4;
    #[link(name = "kernel32")]
    extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const u16, module: *mut *mut std::ffi::c_void) -> i32;
    }
    let mut module = std::ptr::null_mut();
    // SAFETY: the address is one of this library's; the handle that the call writes is not used.
    unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, keep_loaded as *const () as *const u16, &mut module) };
}

#[cfg(target_vendor = "apple")]
fn keep_loaded() {
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the address is one of this library's; the path that the call finds lives as long as the library.
    unsafe {
        if libc::dladdr(keep_loaded as *const libc::c_void, found.as_mut_ptr()) != 0 {
            libc::dlopen(found.assume_init().dli_fname, libc::RTLD_NOLOAD | libc::RTLD_NODELETE | libc::RTLD_LAZY);
        }
    }
}

#[cfg(not(any(windows, target_vendor = "apple")))]
fn keep_loaded() {}

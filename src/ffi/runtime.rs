//! The threads that operations run on: made once, with the first client, and never waited for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc, Barrier, RwLock};
use std::time::Duration;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use super::entry::Entry;
use crate::error::{Error, ErrorKind, Result};
use crate::status::Status;

/// One thread saturates a line, and hands nothing over to another within a request; file reads, digests and name look-ups
/// have threads of their own. Where the system itself judges certificates, its judgement may wait for a network, and the
/// other operations go on meanwhile.
const WORKERS: usize = if cfg!(any(windows, target_vendor = "apple")) { 2 } else { 1 };

/// Threads for what may wait for a disk or for a name: so many are there from the beginning, and further ones come at need.
/// Where the system gives none, what they were for waits for these.
const BLOCKING: usize = 2;

/// As many may hang in a share that does not answer before others wait for them.
const MOST_BLOCKING: usize = 128;

/// The name of our threads.
const THREAD: &str = "mgprint";

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// The process that the threads are in: none goes along with a fork.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Makes the threads, all that an operation needs, or says that the system gives none.
pub(super) fn runtime() -> Entry<&'static Runtime> {
    check_process()?;
    Ok(RUNTIME.get_or_try_init(|| {
        keep_loaded();
        keep_quiet();
        let runtime = without_signals(make)?;
        PROCESS.store(std::process::id(), Ordering::Release);
        Ok::<_, Error>(runtime)
    })?)
}

/// Refuses in a child of the process that has the threads: nothing would ever end there.
pub(super) fn check_process() -> Entry<()> {
    match PROCESS.load(Ordering::Acquire) {
        0 => Ok(()),
        process if process == std::process::id() => Ok(()),
        _ => Err(Status::InvalidState.into()),
    }
}

fn make() -> Result<Runtime> {
    // The runtime panics where it gets no thread. So that it does not, as many are made before, and one for luck.
    try_threads(WORKERS + BLOCKING + 1).map_err(|error| no_threads(&error))?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(MOST_BLOCKING)
        .thread_keep_alive(Duration::from_secs(100 * 365 * 24 * 3600))
        .thread_name(THREAD)
        .enable_all()
        .build()
        .map_err(|error| Error::of_limit(&error, "The threads cannot be made").unwrap_or_else(|| no_threads(&error)))?;
    let (began, beginning) = mpsc::channel();
    let barrier = Arc::new(Barrier::new(BLOCKING));
    for _ in 0..BLOCKING {
        let (began, barrier) = (began.clone(), Arc::clone(&barrier));
        // They wait for one another, so that none does the work of two.
        runtime.spawn_blocking(move || {
            barrier.wait();
            let _ = began.send(());
        });
    }
    for _ in 0..BLOCKING {
        if beginning.recv_timeout(Duration::from_secs(5)).is_err() {
            runtime.shutdown_background();
            return Err(no_threads(&"it did not begin in time"));
        }
    }
    Ok(runtime)
}

fn try_threads(count: usize) -> std::io::Result<()> {
    let going = Arc::new(RwLock::new(()));
    let closed = going.write();
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let going = Arc::clone(&going);
            std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || drop(going.read()))
        })
        .collect();
    drop(closed);
    threads.into_iter().try_for_each(|thread| thread.map(|thread| drop(thread.join())))
}

/// A panic on one of our threads becomes an error. Its text may hold what is secret, and goes to no host's screen.
fn keep_quiet() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD) {
            others(panic);
        }
    }));
}

fn no_threads(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::SystemLimit, format!("The system gives this process no further thread: {error}."))
        .with_next_step("Raise the limit of threads and processes (ulimit -u, pids.max), or end what is not needed.")
}

/// The library's threads take none of the host's signals: a handler of the host's would run on them, and a signal that the
/// host blocks on its own threads would end the process. A thread starts with the signals blocked that its maker blocks.
#[cfg(unix)]
fn without_signals<T>(make: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;
    let (mut all, mut before) = (MaybeUninit::<libc::sigset_t>::uninit(), MaybeUninit::<libc::sigset_t>::uninit());
    // SAFETY: the sets are initialized before they are read, and only this thread's mask changes.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        // These tell of a fault of the thread itself.
        for synchronous in
            [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGSYS]
        {
            libc::sigdelset(all.as_mut_ptr(), synchronous);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
        let made = make();
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        made
    }
}

#[cfg(not(unix))]
fn without_signals<T>(make: impl FnOnce() -> T) -> T {
    make()
}

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

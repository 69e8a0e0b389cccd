//! Operations: what takes time. Started, listened to, ended, read, freed; nothing is ever called back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use futures_util::FutureExt;
use once_cell::sync::Lazy;
use tokio_util::sync::CancellationToken;

use super::client::{client, ClientHandle};
use super::entry::Entry;
use super::event::{Event, EventKind};
use super::guard::{give, run};
use super::handle::Registry;
use super::kept_error::cancelled;
use super::result::Success;
use super::runtime::{check_process, runtime};
use super::settings::Settings;
use super::shared::Shared;
use super::text::{Str, View};
use crate::blocking::lock;
use crate::error::{Error, ErrorKind, Result};
use crate::status::Status;
use crate::upload::NotTaken;

/// An operation; freed with mgprint_operation_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OperationHandle {
    /// 0 for none.
    pub id: u64,
}

static OPERATIONS: Registry<Operation> = Registry::new(0x04);

static FINISHED: Lazy<View<Event>> = Lazy::new(|| View::new(|_| Event::of(EventKind::Finished)));

pub(super) struct Operation {
    pub(super) shared: Arc<Shared>,
    cancel: CancellationToken,
    /// The last event that was handed out.
    last: Mutex<Option<Arc<View<Event>>>>,
}

fn keep(shared: Arc<Shared>, cancel: CancellationToken) -> OperationHandle {
    OperationHandle { id: OPERATIONS.insert(Operation { shared, cancel, last: Mutex::default() }) }
}

/// Starts an operation. `fed`: size and name of a document that the host feeds.
pub(super) fn start<F>(
    settings: Settings,
    fed: Option<(u64, &str)>,
    work: impl FnOnce(Arc<Shared>) -> F,
) -> Entry<OperationHandle>
where
    F: Future<Output = Result<Success>> + Send + 'static,
{
    let runtime = runtime()?;
    let shared = Shared::new(settings, fed);
    let cancel = CancellationToken::new();
    let handle = keep(shared.clone(), cancel.clone());
    let started = Instant::now();
    let work = AssertUnwindSafe(work(shared.clone())).catch_unwind();
    runtime.spawn(async move {
        let mut outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            outcome = work => outcome.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Internal, "A defect of the mgprint library was caught."))
            }),
        };
        if let Ok(success) = &mut outcome {
            success.view.value.elapsed_ms = started.elapsed().as_millis() as u64;
        }
        shared.finish(outcome);
    });
    Ok(handle)
}

/// An operation that has ended.
pub(super) fn ended(success: Success) -> OperationHandle {
    let shared = Shared::new(Settings::default(), None);
    shared.finish(Ok(success));
    keep(shared, CancellationToken::new())
}

pub(super) fn operation(handle: OperationHandle) -> Entry<Arc<Operation>> {
    let operation = OPERATIONS.get(handle.id)?;
    check_process()?;
    Ok(operation)
}

/// Waits for the next event, at most `timeout_ms`. `*out_event` is valid until the next event of the same operation is
/// asked for, or the operation is freed; so one thread at a time asks.
///
/// @return PENDING when there was none in time.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_next_event(
    operation: OperationHandle,
    timeout_ms: u32,
    out_event: *mut *const Event,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_event, std::ptr::null_mut(), || {
            let handle = operation;
            let operation = self::operation(handle)?;
            let view = operation.shared.next(timeout_ms).ok_or(Status::Pending)?;
            // Freed while it was waited for, it takes all else that it hands out along.
            if view.value.kind == EventKind::Finished || OPERATIONS.get(handle.id).is_err() {
                return Ok(&raw const FINISHED.value);
            }
            let mut last = lock(&operation.last);
            Ok(&raw const last.insert(Arc::new(view)).value)
        })
    }
}

/// Ends an operation: FINISHED follows at once, with CANCELLED as its result unless it had ended before. As often as wanted.
/// Bytes that the service acknowledged stay there, and an upload can go on later. A session that the operation itself was
/// creating, or had created without a resume file, and so nobody else knows, is cancelled at the service, where that responds
/// within half a minute and the process lasts that long.
#[no_mangle]
pub extern "C" fn mgprint_operation_cancel(operation: OperationHandle) -> Status {
    run(|| {
        self::operation(operation)?.cancel.cancel();
        Ok(())
    })
}

/// Answers BYTES_WANTED: with the bytes, exactly as many as it asked for, which are copied; or, where `failure` is not empty,
/// with the reason why there are none, a sentence, and the operation ends with SOURCE_UNREADABLE and says so. The answers to
/// several events may come in any order. One that is refused harms nothing: the operation goes on waiting for the right
/// one, or has no use for it.
///
/// @return INVALID_STATE when nobody waits for bytes at that offset, or not any more: after a broken connection bytes are
/// asked for anew, and after the end not at all. INVALID_ARGUMENT for another number of bytes than was asked for.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_supply(
    operation: OperationHandle,
    offset: u64,
    bytes: Str,
    failure: Str,
) -> Status {
    run(|| {
        let operation = self::operation(operation)?;
        let source = operation.shared.supplied.as_ref().ok_or(Status::InvalidState)?;
        // SAFETY: the host's promises.
        let (bytes, failure) = unsafe { (bytes.bytes()?, failure.text()?) };
        let taken = if failure.is_empty() { source.supply(offset, bytes) } else { source.fail(offset, failure) };
        Ok(taken.map_err(|not_taken| match not_taken {
            NotTaken::NotWanted => Status::InvalidState,
            NotTaken::WrongLength => Status::InvalidArgument,
        })?)
    })
}

/// Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token, and so do all
/// that follow. With {0} there is none, and the operation ends with what the service said.
///
/// @return INVALID_STATE where no token is wanted, or not any more; INVALID_ARGUMENT for a client of another endpoint.
#[no_mangle]
pub extern "C" fn mgprint_operation_renew(operation: OperationHandle, client: ClientHandle) -> Status {
    run(|| {
        let client = if client.id == 0 { None } else { Some(self::client(client)?.client.clone()) };
        self::operation(operation)?.shared.renew(client)
    })
}

/// Frees an operation, what was read from it and its events; ends it first where it still runs. A thread that
/// waits for it is woken, with FINISHED.
#[no_mangle]
pub extern "C" fn mgprint_operation_free(operation: OperationHandle) -> Status {
    run(|| Ok(OPERATIONS.free(operation.id)?.inspect(|operation| operation.cancel.cancel())))
}

//! Operations: what takes time. Started, listened to, ended, read, freed; nothing is ever called back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use futures_util::future::{select_all, FutureExt};
use once_cell::sync::Lazy;
use tokio_util::sync::CancellationToken;

use super::client::{client, ClientHandle};
use super::entry::Entry;
use super::error::cancelled;
use super::error_view::ErrorHandle;
use super::event::{Event, EventKind};
use super::guard::{give, run};
use super::handle::Registry;
use super::park::wait_for;
use super::result::{OperationResult, Success};
use super::runtime::{check_process, runtime};
use super::settings::Settings;
use super::shared::Shared;
use super::text::{Str, View};
use crate::blocking::lock;
use crate::error::{Error, Result};
use crate::status::Status;

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
            outcome = work => outcome.unwrap_or_else(|_| Err(Error::internal())),
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
        Ok(taken?)
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

/// Waits for the end of an operation, at most `timeout_ms`, and gives its result: OK or UNCONFIRMED with `*out_result`,
/// or its failure with `out_error`. Events stay where they are, for whoever asks. `*out_result` is valid until the operation
/// is freed; `out_result` may be NULL.
///
/// @return PENDING when it did not end in time; INVALID_STATE where it needs answers to events before its end (a document
/// that the host feeds, RENEW_TOKEN) and timeout_ms is not 0; else what the operation came to.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_wait(
    operation: OperationHandle,
    timeout_ms: u32,
    out_result: *mut *const OperationResult,
    out_error: *mut ErrorHandle,
) -> Status {
    let (mut confirmed, mut nowhere) = (true, std::ptr::null());
    let out_result = if out_result.is_null() { &mut nowhere } else { out_result };
    // SAFETY: the host's promises. The struct lives as long as the operation does.
    let status = unsafe {
        give(out_result, out_error, || {
            let operation = self::operation(operation)?;
            let success = operation.shared.wait(timeout_ms)?.as_ref().map_err(|error| error.clone())?;
            confirmed = success.is_confirmed;
            Ok(&raw const success.view.value)
        })
    };
    if status == Status::Ok && !confirmed {
        Status::Unconfirmed
    } else {
        status
    }
}

/// Waits until one of several operations has an event, at most `timeout_ms`. Answers where in `operations` the first of them
/// stands; mgprint_operation_next_event then gives the event without waiting.
///
/// @return PENDING when none had one in time; INVALID_HANDLE when one of them is none; INVALID_ARGUMENT when count is 0 or
/// above 65536.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_wait_any(
    operations: *const OperationHandle,
    count: usize,
    timeout_ms: u32,
    out_index: *mut usize,
) -> Status {
    const MOST: usize = 65_536;
    // SAFETY: the host's promises; the handles are looked at when they are not NULL and of a bounded number.
    unsafe {
        give(out_index, std::ptr::null_mut(), || {
            if operations.is_null() || !(1..=MOST).contains(&count) {
                return Err(Status::InvalidArgument.into());
            }
            let handles = std::slice::from_raw_parts(operations, count);
            Ok(first_with_event(handles, timeout_ms)?.ok_or(Status::Pending)?)
        })
    }
}

fn first_with_event(handles: &[OperationHandle], timeout_ms: u32) -> Entry<Option<usize>> {
    let operations = handles.iter().map(|&handle| operation(handle)).collect::<Entry<Vec<_>>>()?;
    let events = operations.iter().map(|operation| Box::pin(operation.shared.event_comes()));
    Ok(wait_for(timeout_ms, select_all(events)).map(|((), index, _)| index))
}

//! Waiting for operations on a thread of the host's: for the end of one, and for an event of several.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_util::future::select_all;

use super::error::ErrorHandle;
use super::guard::{give, Entry};
use super::operation::{operation, OperationHandle};
use super::result::OperationResult;
use crate::status::Status;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread; `None` when it takes longer than `timeout_ms`, of which the highest is for ever.
pub(super) fn wait_for<T>(timeout_ms: u32, future: impl Future<Output = T>) -> Option<T> {
    let deadline = (timeout_ms != u32::MAX).then(|| Instant::now() + Duration::from_millis(timeout_ms.into()));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut context, mut future) = (Context::from_waker(&waker), pin!(future));
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
        match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            None => thread::park(),
            Some(Duration::ZERO) => return None,
            Some(left) => thread::park_timeout(left),
        }
    }
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

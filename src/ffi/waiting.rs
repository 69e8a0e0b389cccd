//! Waiting for operations: for the end of one, and for an event of several.

use futures_util::future::select_all;

use super::entry::Entry;
use super::guard::give;
use super::kept_error::ErrorHandle;
use super::operation::{operation, OperationHandle};
use super::park::wait_for;
use super::result::OperationResult;
use crate::status::Status;

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

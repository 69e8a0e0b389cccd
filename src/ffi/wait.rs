//! Waiting for several operations at once.

use std::sync::Arc;
use std::time::Duration;

use super::bell::Bell;
use super::border::{enter, out, Entry};
use super::operation::{waiting_room, OperationHandle};
use super::status::Status;

/// Waits until one of several operations has an event, at most `timeout_ms` milliseconds: 0 looks without waiting,
/// UINT32_MAX waits for ever. Answers where in `operations` the first of them stands; mgprint_operation_next_event then
/// gives the event without waiting. One thread at a time for one operation.
///
/// @return OK with an index; PENDING without; INVALID_HANDLE when one of them is none; INVALID_ARGUMENT when count is 0
/// or above 65536, or operations or out_index is NULL.
///
/// # Safety
/// `operations` is NULL or points to `count` handles; `out_index` is NULL or points to memory for a size.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_wait_any(
    operations: *const OperationHandle,
    count: usize,
    timeout_ms: u32,
    out_index: *mut usize,
) -> Status {
    const MOST: usize = 65_536;
    let timeout = (timeout_ms != u32::MAX).then(|| Duration::from_millis(timeout_ms.into()));
    enter(|| {
        let out_index = out(out_index)?;
        if operations.is_null() || !(1..=MOST).contains(&count) {
            return Err(Status::InvalidArgument.into());
        }
        // SAFETY: not NULL, of a bounded length, and the caller promises `count` handles.
        let handles = unsafe { std::slice::from_raw_parts(operations, count) };
        let index = first_with_event(handles, timeout)?.ok_or(Status::Pending)?;
        // SAFETY: checked not to be NULL, and the caller promises memory for a size.
        unsafe { out_index.write(index) };
        Ok(())
    })
}

fn first_with_event(handles: &[OperationHandle], timeout: Option<Duration>) -> Entry<Option<usize>> {
    let rooms = handles.iter().map(|&handle| waiting_room(handle)).collect::<Entry<Vec<_>>>()?;
    let bell = Arc::new(Bell::default());
    let look = || rooms.iter().position(|room| room.has_event_or_rings(&bell));
    let mut found = look();
    // Whatever comes after the look rings the bell.
    if found.is_none() && bell.wait(timeout) {
        found = look();
    }
    rooms.iter().for_each(|room| room.forget(&bell));
    Ok(found)
}

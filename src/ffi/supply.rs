//! The bytes that an operation asks of its host.

use super::border::{enter, text, Entry};
use super::operation::{supplied, OperationHandle};
use super::status::Status;
use super::upload::document;
use crate::upload::NotTaken;

/// Answers a BYTES_WANTED event with the bytes, exactly as many as it asked for. They are copied during the call. The
/// answers to several events may come in any order. Any thread.
///
/// An answer that is refused harms nothing: the operation goes on waiting for the right one, or has no use for it.
///
/// @return INVALID_STATE when nobody waits for bytes at that offset, or not any more: after a broken connection bytes
/// are asked for anew, and after the end not at all; also for an operation that is none of mgprint_upload_stream_start.
/// INVALID_ARGUMENT when bytes is NULL, or length is not what was asked for. INVALID_HANDLE.
///
/// # Safety
/// `bytes` is NULL or points to `length` readable bytes.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_supply(
    operation: OperationHandle,
    offset: u64,
    bytes: *const u8,
    length: usize,
) -> Status {
    enter(|| {
        let source = supplied(operation)?;
        // SAFETY: the caller's promise is that of `document`.
        taken(source.supply(offset, unsafe { document(bytes, length)? }))
    })
}

/// Answers a BYTES_WANTED event with the reason why there are no bytes, a sentence: the operation ends with
/// SOURCE_UNREADABLE and says so. Any thread.
///
/// @return INVALID_STATE as mgprint_operation_supply; INVALID_TEXT; INVALID_ARGUMENT when message is NULL and its length
/// is not 0; INVALID_HANDLE.
///
/// # Safety
/// `message` is NULL or points to as many readable bytes as its length says.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_supply_failed(
    operation: OperationHandle,
    offset: u64,
    message: *const u8,
    message_length: usize,
) -> Status {
    enter(|| {
        let source = supplied(operation)?;
        // SAFETY: the caller's promise is that of `text`.
        taken(source.fail(offset, unsafe { text(message, message_length)? }))
    })
}

fn taken(taken: Result<(), NotTaken>) -> Entry<()> {
    Ok(taken.map_err(|not_taken| match not_taken {
        NotTaken::NotWanted => Status::InvalidState,
        NotTaken::WrongLength => Status::InvalidArgument,
    })?)
}

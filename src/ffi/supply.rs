//! What an operation asks of its host: bytes, and the way to the host that they go to.

use super::border::{enter, text, Entry};
use super::client::{client, ClientHandle};
use super::operation::{route, supplied, OperationHandle};
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

/// Answers a ROUTE_WANTED event: names the client through which the bytes go to a host, as the event's text has it; one
/// with another proxy, say. Its endpoint and token are not used. What is named before it is asked for is asked for no more.
/// A host that has no such client ends the operation with mgprint_operation_cancel. Any thread.
///
/// @return INVALID_STATE when the operation has not the option ROUTE; INVALID_TEXT; INVALID_ARGUMENT when host is NULL and
/// its length is not 0; INVALID_HANDLE.
///
/// # Safety
/// `host` is NULL or points to as many readable bytes as its length says.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_route(
    operation: OperationHandle,
    host: *const u8,
    host_length: usize,
    client: ClientHandle,
) -> Status {
    enter(|| {
        let client = self::client(client)?;
        // SAFETY: the caller's promise is that of `text`.
        route(operation, unsafe { text(host, host_length)? }, client)
    })
}

fn taken(taken: Result<(), NotTaken>) -> Entry<()> {
    Ok(taken.map_err(|not_taken| match not_taken {
        NotTaken::NotWanted => Status::InvalidState,
        NotTaken::WrongLength => Status::InvalidArgument,
    })?)
}

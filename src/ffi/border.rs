//! What every entry does: catch panics, refuse NULL, read text, write outputs on success alone.

use std::panic::{catch_unwind, AssertUnwindSafe};

use super::status::Status;
use crate::error::{Error, ErrorKind};

/// Text from a host longer than this is refused, in bytes: no URL, header, token, path or body is that long.
const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// Why an entry refuses.
pub(super) enum Refused {
    /// With a number alone: the caller's own mistake.
    Status(Status),
    /// With an error that a person can read.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Error(error)
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Refused::Status(status)
    }
}

pub(super) type Entry<T> = Result<T, Refused>;

/// Runs an entry that can be refused with a number alone.
pub(super) fn enter(entry: impl FnOnce() -> Entry<()>) -> Status {
    match catch_unwind(AssertUnwindSafe(entry)) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(Refused::Status(status))) => status,
        Ok(Err(Refused::Error(error))) => (&error).into(),
        Err(_) => Status::Internal,
    }
}

/// Checks a pointer for an output before any work is done.
pub(super) fn out<T>(pointer: *mut T) -> Entry<*mut T> {
    if pointer.is_null() {
        return Err(Status::InvalidArgument.into());
    }
    Ok(pointer)
}

/// The text that a host passes. NULL is allowed for no bytes.
///
/// # Safety
/// `data` is NULL or points to `length` readable bytes that do not change during the call.
pub(super) unsafe fn text<'a>(data: *const u8, length: usize) -> Entry<&'a str> {
    if length == 0 {
        return Ok("");
    }
    if data.is_null() {
        return Err(Status::InvalidArgument.into());
    }
    if length > LONGEST_TEXT {
        return Err(Status::InvalidText.into());
    }
    // SAFETY: not NULL, and the caller promises `length` readable bytes.
    let bytes = unsafe { std::slice::from_raw_parts(data, length) };
    std::str::from_utf8(bytes).map_err(|_| Status::InvalidText.into())
}

/// Looks a handle up.
pub(super) fn held<T>(found: Option<T>) -> Entry<T> {
    found.ok_or(Refused::Status(Status::InvalidHandle))
}

/// A handle for what was made; 0 means that the table is full.
pub(super) fn kept(id: u64) -> Entry<u64> {
    match id {
        0 => Err(Error::new(ErrorKind::Internal, "Too many handles are open; free those that are not needed.").into()),
        id => Ok(id),
    }
}

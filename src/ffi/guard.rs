//! What every entry does: catch panics, refuse NULL, write outputs on success alone.

use std::panic::{catch_unwind, AssertUnwindSafe};

use super::entry::{Entry, Refused};
use super::error_view::{keep_error, ErrorHandle};
use crate::status::Status;

/// Runs an entry that has an output: `out` gets it on success alone, and `out_error`, where it is not NULL, an error handle
/// or none.
///
/// # Safety
/// `out` and `out_error` are NULL or point to memory for what is written to them.
pub(super) unsafe fn give<T>(out: *mut T, out_error: *mut ErrorHandle, entry: impl FnOnce() -> Entry<T>) -> Status {
    let mut error = ErrorHandle::NONE;
    let guarded = AssertUnwindSafe(|| {
        #[cfg(feature = "panic-in-entries")]
        assert!(std::env::var_os("MGPRINT_PANIC").is_none(), "A panic on demand.");
        match if out.is_null() { Err(Status::InvalidArgument.into()) } else { entry() } {
            Ok(value) => {
                // SAFETY: not NULL, and the caller promises memory for it.
                unsafe { out.write(value) };
                Status::Ok
            }
            Err(Refused::Status(status)) => status,
            Err(Refused::Error(refused)) => {
                let status = refused.kind();
                if !out_error.is_null() {
                    error = keep_error(refused);
                }
                status
            }
        }
    });
    let status = catch_unwind(guarded).unwrap_or(Status::Internal);
    if !out_error.is_null() {
        // SAFETY: not NULL, and the caller promises memory for a handle.
        unsafe { out_error.write(error) };
    }
    status
}

/// Runs an entry without an output, whose error says why it refuses.
///
/// # Safety
/// `out_error` is NULL or points to memory for a handle.
pub(super) unsafe fn run_telling(out_error: *mut ErrorHandle, entry: impl FnOnce() -> Entry<()>) -> Status {
    // SAFETY: the caller's promise, and a local unit.
    unsafe { give(&mut (), out_error, entry) }
}

/// Runs an entry that refuses with a number alone.
pub(super) fn run<T>(entry: impl FnOnce() -> Entry<T>) -> Status {
    // SAFETY: NULL is allowed.
    unsafe { run_telling(std::ptr::null_mut(), || entry().map(drop)) }
}

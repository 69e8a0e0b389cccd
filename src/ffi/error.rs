//! Reading and freeing errors.

use super::error_view::{ErrorHandle, ErrorView, ERRORS};
use super::guard::{give, run};
use crate::error::{Error, ErrorKind};
use crate::status::Status;

/// The error of an operation that its caller ended.
pub(super) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "The operation was cancelled.").resumable(true)
}

/// Reads an error. `*out_view` is valid until the error is freed.
#[no_mangle]
pub unsafe extern "C" fn mgprint_error_read(error: ErrorHandle, out_view: *mut *const ErrorView) -> Status {
    // SAFETY: the host's promises. The struct lives as long as the handle does.
    unsafe { give(out_view, std::ptr::null_mut(), || Ok(&raw const ERRORS.get(error.id)?.value)) }
}

/// Frees an error.
#[no_mangle]
pub extern "C" fn mgprint_error_free(error: ErrorHandle) -> Status {
    run(|| ERRORS.free(error.id))
}

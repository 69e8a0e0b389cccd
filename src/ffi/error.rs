//! Errors as handles.

use super::guard::{give, run};
use super::kept_error::{ErrorHandle, ErrorView, ERRORS};
use crate::status::Status;

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

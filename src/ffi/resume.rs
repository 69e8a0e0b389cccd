//! What there is to go on with.

use super::border::out;
use super::error::{enter_with_error, ErrorHandle};
use super::operation::{start, OperationHandle};
use super::options::{operation_settings, OptionsHandle};
use super::result::Success;
use super::status::Status;
use crate::error::{Error, ErrorKind};

/// Starts reading the resume file that the options name (RESUME_FILE, RESUME_IDENTITY), for a host that wants to go on
/// with an upload and does not know its upload URL. The result's json is {"uploadUrl":"","identity":"","size":0}, and the
/// upload URL in it is a secret; it is empty when there is nothing to go on with, and a session is to be created. A file
/// that mgprint_upload_file_start would refuse, or that is in use, is refused here already. Nothing is sent. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL, or the options name no resume file. `out_error`
/// may be NULL.
///
/// # Safety
/// `out_operation` and `out_error` are NULL or point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_resume_read_start(
    options: OptionsHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and of the write, which is checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let settings = operation_settings(options)?;
            let resume = settings
                .resume()
                .ok_or_else(|| Error::new(ErrorKind::InvalidArgument, "The options name no resume file."))?;
            let operation = start(settings, |_, _| async move {
                let read = tokio::task::spawn_blocking(move || resume.read()).await;
                let resumable = read.map_err(|panic| {
                    Error::new(ErrorKind::Internal, format!("Reading the resume file failed: {panic}."))
                })??;
                Ok(resumable.map_or_else(Success::default, |resumable| Success::of_json(&resumable.to_json())))
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

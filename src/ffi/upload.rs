//! Operations that send documents.

use std::path::PathBuf;

use super::border::{enter_with_error, out, text};
use super::client::{client, ClientHandle};
use super::error::ErrorHandle;
use super::operation::{start, OperationHandle};
use super::options::{operation_settings, OptionsHandle};
use super::status::Status;
use crate::endpoint::UploadUrl;
use crate::upload;

/// Starts sending a file to an upload session: what the session still misses of it, asked for first, so that the same
/// call also resumes. `path` is UTF-8; a relative one is relative to the process's directory. The file is checked by
/// the operation, before anything is sent. The result's json is the printDocument. `options` may be 0. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL or the path is
/// empty or holds a NUL. `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_upload_file_start(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    path: *const u8,
    path_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let client = self::client(client)?;
            let url = UploadUrl::parse(text(upload_url, upload_url_length)?, client.endpoint())?;
            let path = text(path, path_length)?;
            if path.is_empty() || path.contains('\0') {
                return Err(Status::InvalidArgument.into());
            }
            let path = PathBuf::from(path);
            let operation = start(operation_settings(options)?, |settings, observer| async move {
                Ok(upload::upload_file(&client, &url, &path, &settings.upload(observer)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

//! Operations that send documents.

use std::path::PathBuf;
use std::sync::Arc;

use super::border::{out, text, Entry};
use super::client::{client, ClientHandle};
use super::error::{enter_with_error, ErrorHandle};
use super::operation::{start, start_supplied, OperationHandle};
use super::options::{operation_settings, OptionsHandle};
use super::status::Status;
use crate::http::endpoint::UploadUrl;
use crate::upload::{self, MemorySource};

/// Starts sending a file to an upload session: what the session still misses of it, asked for first, so that the same
/// call also resumes. `path` is UTF-8; a relative one is relative to the process's directory. The file is checked by
/// the operation, before anything is sent. A process sends 64 files at once, and others wait for their turn. The result's
/// json is the printDocument. `options` may be 0. Any thread.
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
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text` and `file_path`, and of the write,
    // checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let client = self::client(client)?;
            let url = UploadUrl::parse(text(upload_url, upload_url_length)?, client.endpoint())?;
            let path = file_path(path, path_length)?;
            let operation = start(operation_settings(options)?, |settings, shared| async move {
                Ok(upload::upload_file(&client, &url, &path, &settings.upload(shared)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts sending a document that is in memory: as mgprint_upload_file_start, but for where the bytes come from. They
/// are copied during the call. Any thread.
///
/// @return As mgprint_upload_file_start; INVALID_ARGUMENT when bytes is NULL and length is not 0.
///
/// # Safety
/// `upload_url` and `bytes` are NULL or point to as many readable bytes as their lengths say; `out_operation` and
/// `out_error` are NULL or point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_upload_bytes_start(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    bytes: *const u8,
    length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text` and `document`, and of the write,
    // checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let client = self::client(client)?;
            let url = UploadUrl::parse(text(upload_url, upload_url_length)?, client.endpoint())?;
            let source = Arc::new(MemorySource::new(document(bytes, length)?.to_vec()));
            let operation = start(operation_settings(options)?, |settings, shared| async move {
                Ok(upload::upload(&client, &url, source, &settings.upload(shared)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts sending a document whose bytes the host supplies, `size` of them: as mgprint_upload_file_start, but that each
/// piece is asked for with a BYTES_WANTED event and answered with mgprint_operation_supply. Pieces come in any order
/// and, after a failure, again: what the host reads from must be able to seek. `name` is what messages call the
/// document; it may be empty. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL. `out_error`
/// may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_upload_stream_start(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    size: u64,
    name: *const u8,
    name_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let client = self::client(client)?;
            let url = UploadUrl::parse(text(upload_url, upload_url_length)?, client.endpoint())?;
            let (settings, name) = (operation_settings(options)?, text(name, name_length)?);
            let operation = start_supplied(settings, size, name, |settings, shared, source| async move {
                Ok(upload::upload(&client, &url, source, &settings.upload(shared)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// The path of a document that a host passes.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn file_path(path: *const u8, length: usize) -> Entry<PathBuf> {
    // SAFETY: the caller's promise is that of `text`.
    let path = unsafe { text(path, length)? };
    if path.is_empty() || path.contains('\0') {
        return Err(Status::InvalidArgument.into());
    }
    Ok(PathBuf::from(path))
}

/// The bytes of a document that a host passes.
///
/// # Safety
/// `data` is NULL or points to `length` readable bytes that do not change during the call.
pub(super) unsafe fn document<'a>(data: *const u8, length: usize) -> Entry<&'a [u8]> {
    match length {
        0 => Ok(&[]),
        _ if data.is_null() || length > isize::MAX as usize => Err(Status::InvalidArgument.into()),
        // SAFETY: not NULL, no longer than an object can be, and the caller promises `length` readable bytes.
        _ => Ok(unsafe { std::slice::from_raw_parts(data, length) }),
    }
}

//! Operations that send a document for which there is no upload session yet.

use std::path::PathBuf;
use std::sync::Arc;

use super::border::{out, text, Entry};
use super::client::{client, ClientHandle};
use super::error::{enter_with_error, ErrorHandle};
use super::operation::{start, start_supplied, OperationHandle};
use super::options::{operation_settings, OptionsHandle};
use super::request::{request, RequestHandle};
use super::status::Status;
use super::upload::{document, file_path};
use crate::document as whole;
use crate::upload::MemorySource;

/// Starts sending a file to a print document: creates its upload session by a request of
/// mgprint_request_new_create_session, to whose body the size of the file is added, and then sends the bytes as
/// mgprint_upload_file_start does. With RESUME_FILE the same call goes on with the session that the resume file knows;
/// give RESUME_IDENTITY the document's ids, so that no other document does. Without, the upload URL goes with the
/// operation: one that fails begins anew, and its session is cancelled where the service can be reached. The result's
/// json is the printDocument. `options` may be 0. Nothing that is passed needs to live on after the call. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT when out_operation is NULL or the path is empty or holds a
/// NUL. `out_error` may be NULL.
///
/// # Safety
/// `path` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_send_file_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    path: *const u8,
    path_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `file_path`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let (client, request) = (self::client(client)?, self::request(request)?);
            let path: PathBuf = file_path(path, path_length)?;
            let operation = start(operation_settings(options)?, |settings, shared| async move {
                Ok(whole::send_file(&client, &request, &path, &settings.upload(shared)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts sending a document that is in memory to a print document: as mgprint_send_file_start without a resume file. The
/// bytes are copied during the call. Any thread.
///
/// @return As mgprint_send_file_start; INVALID_ARGUMENT when bytes is NULL and length is not 0.
///
/// # Safety
/// `bytes` is NULL or points to as many readable bytes as `length` says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_send_bytes_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    bytes: *const u8,
    length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `document`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let (client, request) = (self::client(client)?, self::request(request)?);
            let source = Arc::new(MemorySource::new(document(bytes, length)?.to_vec()));
            let operation = start(operation_settings(options)?, |settings, shared| async move {
                Ok(whole::send(&client, &request, source, &settings.upload(shared)).await?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts sending a document whose bytes the host supplies to a print document: as mgprint_send_file_start without a
/// resume file, with the bytes as in mgprint_upload_stream_start. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
///
/// # Safety
/// `name` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_send_stream_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
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
            let (client, request) = (self::client(client)?, self::request(request)?);
            let (settings, name) = (operation_settings(options)?, text(name, name_length)?);
            let operation: Entry<_> = start_supplied(settings, size, name, |settings, shared, source| async move {
                Ok(whole::send(&client, &request, source, &settings.upload(shared)).await?.into())
            });
            out_operation.write(operation?);
            Ok(())
        })
    }
}

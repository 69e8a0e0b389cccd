//! Operations on upload sessions.

use http::StatusCode;

use super::border::{out, text};
use super::client::{client, ClientHandle};
use super::error::{enter_with_error, ErrorHandle};
use super::operation::{start, OperationHandle};
use super::options::{operation_settings, OptionsHandle};
use super::request::{request, RequestHandle};
use super::result::Success;
use super::status::Status;
use super::text::headers_from_json;
use crate::call::CallOptions;
use crate::error::Result;
use crate::graph;
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::http::response::Response;
use crate::request::Request;
use crate::session;

/// Starts sending a request of mgprint_request_new_create_session. The result's json is the uploadSession. `options`
/// may be 0. Nothing that is passed needs to live on after the call. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
///
/// # Safety
/// `out_operation` and `out_error` are NULL or point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_session_create_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    let work = |client: Client, request: Request, call: CallOptions| async move {
        Ok(session::create_upload_session(&client, &request, &call).await?.response.into())
    };
    // SAFETY: the caller's promises are those of `start_with_request`.
    unsafe { start_with_request(client, options, request, out_operation, out_error, work) }
}

/// Starts sending a request of mgprint_request_new_graph. The result's json is the response's body: a JSON object, the
/// digits of a count, or nothing. `options` may be 0. Nothing that is passed needs to live on after the call. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
///
/// # Safety
/// `out_operation` and `out_error` are NULL or point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_graph_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    let work = |client: Client, request: Request, call: CallOptions| async move {
        Ok(graph::send_graph_request(&client, &request, &call).await?.into())
    };
    // SAFETY: the caller's promises are those of `start_with_request`.
    unsafe { start_with_request(client, options, request, out_operation, out_error, work) }
}

/// Starts reading a response that a host's own steps gave to a request of mgprint_request_new_graph, as
/// mgprint_session_read_start reads a session. Any thread.
///
/// @return As mgprint_session_read_start.
///
/// # Safety
/// As mgprint_session_read_start.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_graph_read_start(
    client: ClientHandle,
    request: RequestHandle,
    http_status: u32,
    headers: *const u8,
    headers_length: usize,
    body: *const u8,
    body_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let (client, request) = (self::client(client)?, self::request(request)?);
            let status = u16::try_from(http_status).ok().and_then(|status| StatusCode::from_u16(status).ok());
            let headers = headers_from_json(text(headers, headers_length)?).ok_or(Status::InvalidArgument)?;
            let body = text(body, body_length)?.to_owned().into();
            let answer = Response::of(status.ok_or(Status::InvalidArgument)?, headers, body);
            let operation = start(operation_settings(0)?, |_, _| async move {
                Ok(graph::read_graph_response(&client, &request, answer?)?.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts sending a request as mgprint_session_create_start does, retries included, but answers whatever came: the
/// result's http_status, headers and json are those of the answer, a refusal's too. For hosts that put steps of their
/// own around the sending; mgprint_session_read_start then reads what they made of the answer. Any thread.
///
/// @return As mgprint_session_create_start.
///
/// # Safety
/// As mgprint_session_create_start.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_send_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    let work = |client: Client, request: Request, call: CallOptions| async move {
        Ok(request.send(&client, &call).await?.into())
    };
    // SAFETY: the caller's promises are those of `start_with_request`.
    unsafe { start_with_request(client, options, request, out_operation, out_error, work) }
}

/// Starts reading an uploadSession from an answer that a host's own steps gave to a request: the same checks, bounds and
/// errors as in mgprint_session_create_start. Nothing is sent. `headers` is JSON, {"name":["value"]}. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT for a status that HTTP does not have, headers in another form,
/// or out_operation NULL. `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_session_read_start(
    client: ClientHandle,
    request: RequestHandle,
    http_status: u32,
    headers: *const u8,
    headers_length: usize,
    body: *const u8,
    body_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let (client, request) = (self::client(client)?, self::request(request)?);
            let status = u16::try_from(http_status).ok().and_then(|status| StatusCode::from_u16(status).ok());
            let headers = headers_from_json(text(headers, headers_length)?).ok_or(Status::InvalidArgument)?;
            let body = text(body, body_length)?.to_owned().into();
            let answer = Response::of(status.ok_or(Status::InvalidArgument)?, headers, body);
            let operation = start(operation_settings(0)?, |_, _| async move {
                Ok(session::read_upload_session(&client, &request, answer?)?.response.into())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// Starts asking what an upload session still misses (GET uploadUrl). The result's json is the session's state, its
/// bytes_total the size of the document, and its bytes_sent how many bytes of it are at the service. Where EXPECTED_SIZE
/// does not tell the size, they count up to the end of the last missing range; both are 0 where nothing can be counted.
/// The upload URL is its own secret; no token is sent. `options` may be 0. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL. `out_error`
/// may be NULL.
///
/// # Safety
/// `upload_url` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are
/// NULL or point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_session_status_start(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    let work = |client: Client, url: UploadUrl, call: CallOptions, size: Option<u64>| async move {
        let status = session::upload_session_status(&client, &url, &call).await?;
        let (total, there) = status.bytes(size).unwrap_or_default();
        Ok(Success::of_status(status.response, total, there))
    };
    // SAFETY: the caller's promises are those of `start_with_url`.
    unsafe { start_with_url(client, options, upload_url, upload_url_length, out_operation, out_error, work) }
}

/// Starts cancelling an upload session (DELETE uploadUrl): the service forgets its bytes. `options` may be 0. Any
/// thread.
///
/// @return As mgprint_session_status_start.
///
/// # Safety
/// As mgprint_session_status_start.
#[no_mangle]
pub unsafe extern "C" fn mgprint_session_cancel_start(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    let work = |client: Client, url: UploadUrl, call: CallOptions, _| async move {
        Ok(session::cancel_upload_session(&client, &url, &call).await?.into())
    };
    // SAFETY: the caller's promises are those of `start_with_url`.
    unsafe { start_with_url(client, options, upload_url, upload_url_length, out_operation, out_error, work) }
}

/// # Safety
/// `out_operation` and `out_error` are NULL or point to memory for a handle.
unsafe fn start_with_request<F>(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
    work: impl FnOnce(Client, Request, CallOptions) -> F,
) -> Status
where
    F: std::future::Future<Output = Result<Success>> + Send + 'static,
{
    // SAFETY: the caller's promises are those of `enter_with_error` and of the write, which is checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let (client, request) = (self::client(client)?, self::request(request)?);
            let operation = start(operation_settings(options)?, |settings, observer| {
                work(client, request, settings.call(observer))
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

/// # Safety
/// `upload_url` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are
/// NULL or point to memory for a handle.
unsafe fn start_with_url<F>(
    client: ClientHandle,
    options: OptionsHandle,
    upload_url: *const u8,
    upload_url_length: usize,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
    work: impl FnOnce(Client, UploadUrl, CallOptions, Option<u64>) -> F,
) -> Status
where
    F: std::future::Future<Output = Result<Success>> + Send + 'static,
{
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_operation = out(out_operation)?;
            let client = self::client(client)?;
            let url = UploadUrl::parse(text(upload_url, upload_url_length)?, client.endpoint())?;
            let operation = start(operation_settings(options)?, |settings, observer| {
                work(client, url, settings.call(observer), settings.expected_size())
            })?;
            out_operation.write(operation);
            Ok(())
        })
    }
}

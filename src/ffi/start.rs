//! Operations on requests and on upload sessions.

use http::StatusCode;

use super::client::{client, ClientHandle};
use super::entry::refused;
use super::error_view::ErrorHandle;
use super::guard::give;
use super::numbers::SessionActionNumber;
use super::operation::{ended, start, OperationHandle};
use super::option_key::Scope;
use super::options::OptionsHandle;
use super::request::{request, KeptRequest, RequestHandle};
use super::result::Success;
use super::text::{headers_from_json, Str};
use crate::document;
use crate::error::Result;
use crate::graph;
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::http::response::Response;
use crate::session;
use crate::status::Status;

/// Starts sending a request. The result's json is the body of the response: a JSON object, the digits of a count, or
/// nothing; that of a request for an upload session is the uploadSession, and is read.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let (client, kept) = (self::client(client)?, self::request(request)?);
            let settings = client.settings(options, Scope::REQUEST)?;
            start(settings, None, |shared| async move {
                let (client, call) = (&client.client, shared.settings.call(shared.clone()));
                if kept.is_as_is {
                    return Ok(kept.request.send(client, &call).await?.into());
                }
                if kept.request.is_for_session() {
                    let (session, undo) = document::create_session(client, &kept.request, &call, None).await?;
                    undo.disarm();
                    return Ok(Success::of_session(&session, None));
                }
                Ok(graph::send_graph_request(client, &kept.request, &call).await?.into())
            })
        })
    }
}

/// Starts downloading: sends a request (GET …/$value), and writes what comes to the file of `path`, in place of one that is
/// there, on Unix with its permissions. It goes to a file beside that, which is renamed when it is whole: nothing is left of a
/// download that fails or is cancelled. One redirect to the host that has the content is followed, without the
/// token and the request's headers. The result's bytes_done is the size of the file.
///
/// @return INVALID_ARGUMENT for a path that is empty or holds a NUL. With a request that is no GET the operation ends so.
#[no_mangle]
pub unsafe extern "C" fn mgprint_download_start(
    client: ClientHandle,
    options: OptionsHandle,
    request: RequestHandle,
    path: Str,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let (client, kept) = (self::client(client)?, self::request(request)?);
            let settings = client.settings(options, Scope::CONTENT)?;
            let path = path.path()?;
            start(settings, None, |shared| async move {
                let call = shared.settings.call(shared.clone());
                Ok(graph::download(&client.client, &kept.request, &path, &call).await?.into())
            })
        })
    }
}

/// Reads a response that a host's own steps gave to a request, with the checks, bounds and errors of mgprint_request_start.
/// `headers` is JSON, {"name":["value"]}. Nothing is sent: the operation has ended, and its result is there.
///
/// @return INVALID_ARGUMENT for a status that HTTP does not have, or headers in another form; what is wrong with the response.
#[no_mangle]
pub unsafe extern "C" fn mgprint_response_read(
    client: ClientHandle,
    request: RequestHandle,
    http_status: u32,
    headers: Str,
    body: Str,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let (client, kept) = (self::client(client)?, self::request(request)?);
            let status = u16::try_from(http_status).ok().and_then(|status| StatusCode::from_u16(status).ok());
            let headers = headers_from_json(headers.text()?)
                .ok_or_else(|| refused("The headers are no JSON of the form {\"name\":[\"value\"]}."))?;
            let body = body.text()?.to_owned().into();
            let status = status.ok_or_else(|| refused("The status is none of HTTP's."))?;
            let response = Response::of(status, headers, body);
            Ok(ended(read(&client.client, &kept, response)?))
        })
    }
}

fn read(client: &Client, kept: &KeptRequest, response: Response) -> Result<Success> {
    if kept.request.is_for_session() {
        let session = session::read_upload_session(client, &kept.request, response)?;
        return Ok(Success::of_session(&session, None));
    }
    Ok(graph::read_graph_response(client, &kept.request, response)?.into())
}

/// What is done with an upload session.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionAction {
    /// Asks the service what it still misses (GET uploadUrl).
    Status = 1,
    /// Has the service forget it, and the bytes that it has (DELETE uploadUrl).
    Cancel = 2,
}

/// Starts an operation on an upload session. An upload URL is its own secret; no token goes with it.
///
/// @return INVALID_UPLOAD_URL.
#[no_mangle]
pub unsafe extern "C" fn mgprint_session_start(
    client: ClientHandle,
    options: OptionsHandle,
    action: SessionActionNumber,
    upload_url: Str,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let client = self::client(client)?;
            let (scope, is_cancelled) = match action {
                1 => (Scope::STATUS, false),
                2 => (Scope::CANCEL, true),
                _ => return Err(refused("The action is none.")),
            };
            let settings = client.settings(options, scope)?;
            let url = UploadUrl::parse(upload_url.text()?, client.client.endpoint())?;
            start(settings, None, move |shared| async move {
                let (client, call) = (&client.client, shared.settings.call(shared.clone()));
                if is_cancelled {
                    return Ok(session::cancel_upload_session(client, &url, &call).await?.into());
                }
                let status = session::upload_session_status(client, &url, &call).await?;
                Ok(Success::of_session(&status, shared.settings.expected_size()))
            })
        })
    }
}

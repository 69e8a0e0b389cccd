//! Graph requests: built by the engine, looked at and added to by the host, then sent.

use std::sync::{Mutex, PoisonError};

use super::border::{enter, held, kept, out, text, Entry};
use super::client::{client, ClientHandle};
use super::error::{enter_with_error, ErrorHandle};
use super::handle::Registry;
use super::status::Status;
use super::text::{headers_json, OwnedText, Text};
use crate::graph::{graph_request, GraphCall};
use crate::request::Request;
use crate::session::{create_session_request, Parent};

/// Handle of a request; freed with mgprint_request_free.
pub type RequestHandle = u64;

static REQUESTS: Registry<Mutex<KeptRequest>> = Registry::new(0x03);

struct KeptRequest {
    request: Request,
    /// What the last view points into.
    shown: [OwnedText; 4],
}

pub(super) fn request(handle: RequestHandle) -> Entry<Request> {
    let kept = held(REQUESTS.get(handle))?;
    let request = kept.lock().unwrap_or_else(PoisonError::into_inner).request.clone();
    Ok(request)
}

/// What a print job belongs to.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobParent {
    /// /print/printers/{id}
    Printer = 1,
    /// /print/shares/{id}
    Share = 2,
}

/// A request as it will go out, before the headers of sign-in and of the connection. Its texts belong to the request's
/// handle, until the next read of the same request.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RequestView {
    /// Such as "POST".
    pub method: Text,
    /// The whole address.
    pub url: Text,
    /// JSON, {"name":["value"]}.
    pub headers: Text,
    /// The body, byte for byte.
    pub body: Text,
}

/// Builds the request that creates an upload session for a document:
/// POST {endpoint}/v1.0/print/{printers|shares}/{id}/jobs/{id}/documents/{id}/microsoft.graph.createUploadSession.
/// `parent` is an mgprint_job_parent. Each id becomes one segment of the path, whatever is in it. `body` is JSON, sent
/// byte for byte; no bytes stand for {}. Texts are copied; nothing is sent. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT for a parent that is none, an id that is empty or a dot segment, or
/// out_request NULL; INVALID_TEXT; INVALID_BODY. `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_request_new_create_session(
    client: ClientHandle,
    parent: i32,
    parent_id: *const u8,
    parent_id_length: usize,
    job_id: *const u8,
    job_id_length: usize,
    document_id: *const u8,
    document_id_length: usize,
    body: *const u8,
    body_length: usize,
    out_request: *mut RequestHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_request = out(out_request)?;
            let client = self::client(client)?;
            let parent = match parent {
                1 => Parent::Printer,
                2 => Parent::Share,
                _ => return Err(Status::InvalidArgument.into()),
            };
            let (parent_id, job_id) = (text(parent_id, parent_id_length)?, text(job_id, job_id_length)?);
            let (document_id, body) = (text(document_id, document_id_length)?, text(body, body_length)?);
            let request =
                create_session_request(&client, parent, parent_id, job_id, document_id, body.to_owned().into())?;
            let kept_request = KeptRequest { request, shown: Default::default() };
            out_request.write(kept(REQUESTS.insert(Mutex::new(kept_request)))?);
            Ok(())
        })
    }
}

/// Builds a request to Graph. `address` is a path below the endpoint's version, percent-encoded, with its query
/// (/print/shares?$top=5), or a whole address of the endpoint's own scheme, host and port, such as a next link. `body` is a
/// JSON object, sent byte for byte; no bytes stand for no body. `what` says in English what is being done, such as "list
/// the printer shares": errors say so. `repeatable` tells whether it may be sent again after its response was lost, which
/// a POST that creates something may not. Texts are copied; nothing is sent. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT for a method or an address that cannot be used, or out_request NULL;
/// INVALID_TEXT; INVALID_BODY. `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_request_new_graph(
    client: ClientHandle,
    method: *const u8,
    method_length: usize,
    address: *const u8,
    address_length: usize,
    body: *const u8,
    body_length: usize,
    what: *const u8,
    what_length: usize,
    repeatable: bool,
    out_request: *mut RequestHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_request = out(out_request)?;
            let client = self::client(client)?;
            let (method, address) = (text(method, method_length)?, text(address, address_length)?);
            let (body, what) = (text(body, body_length)?, text(what, what_length)?);
            let call = GraphCall { method, address, what, repeatable };
            let request = graph_request(&client, call, body.to_owned().into())?;
            let kept_request = KeptRequest { request, shown: Default::default() };
            out_request.write(kept(REQUESTS.insert(Mutex::new(kept_request)))?);
            Ok(())
        })
    }
}

/// Makes any request, as the steps of a host's own pipeline left it: https, or http to loopback. Headers are added with
/// mgprint_request_add_header. Texts are copied; nothing is sent. Any thread.
///
/// @return INVALID_ARGUMENT for a method or an address that cannot be used, or out_request NULL; INVALID_TEXT.
/// `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
/// point to memory for a handle.
#[no_mangle]
#[allow(clippy::too_many_arguments)] // C has no slices: each text is two arguments.
pub unsafe extern "C" fn mgprint_request_new(
    method: *const u8,
    method_length: usize,
    url: *const u8,
    url_length: usize,
    body: *const u8,
    body_length: usize,
    out_request: *mut RequestHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error`, of `text`, and of the write, checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_request = out(out_request)?;
            let (method, url) = (text(method, method_length)?, text(url, url_length)?);
            let request = Request::new(method, url, text(body, body_length)?.to_owned().into())?;
            let kept_request = KeptRequest { request, shown: Default::default() };
            out_request.write(kept(REQUESTS.insert(Mutex::new(kept_request)))?);
            Ok(())
        })
    }
}

/// Adds a header of the host's. The first value for a name replaces the engine's own (Content-Type, Authorization,
/// User-Agent); later ones join it. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_HEADER, with an error that names the header, for a name or value that
/// cannot be sent, and for headers of the connection and of framing (Host, Content-Length, Transfer-Encoding and so
/// on). `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_error` is NULL or points to memory
/// for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_add_header(
    request: RequestHandle,
    name: *const u8,
    name_length: usize,
    value: *const u8,
    value_length: usize,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and `text`.
    unsafe {
        enter_with_error(out_error, || {
            let kept = held(REQUESTS.get(request))?;
            let (name, value) = (text(name, name_length)?, text(value, value_length)?);
            kept.lock().unwrap_or_else(PoisonError::into_inner).request.add_header(name, value)?;
            Ok(())
        })
    }
}

/// Reads a request as it will go out. One thread at a time for one request.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_view is NULL. `out_error` may be NULL.
///
/// # Safety
/// `out_view` is NULL or points to memory for a view; `out_error` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_read(
    request: RequestHandle,
    out_view: *mut RequestView,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and of the write, which is checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_view = out(out_view)?;
            let kept = held(REQUESTS.get(request))?;
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let request = &kept.request;
            let body = String::from_utf8_lossy(request.body());
            kept.shown =
                [request.method().into(), request.url().into(), headers_json(request.headers()).into(), body.into()];
            let [method, url, headers, body] = kept.shown.each_ref().map(OwnedText::text);
            out_view.write(RequestView { method, url, headers, body });
            Ok(())
        })
    }
}

/// Frees a request. 0 is allowed. An operation that sends it keeps what it needs. Any thread.
///
/// @return INVALID_HANDLE when it is freed already or never was a request.
#[no_mangle]
pub extern "C" fn mgprint_request_free(request: RequestHandle) -> Status {
    enter(|| if request == 0 { Ok(()) } else { held(REQUESTS.remove(request)).map(drop) })
}

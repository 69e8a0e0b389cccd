//! Requests to Graph: built by the engine, looked at and added to by the host, then sent.

use std::sync::{Arc, Mutex};

use super::client::{client, ClientHandle};
use super::entry::{refused, Entry};
use super::error_view::ErrorHandle;
use super::guard::{give, run, run_telling};
use super::handle::Registry;
use super::numbers::{JobParentNumber, RequestModeNumber};
use super::text::{headers_json, Str, View};
use crate::blocking::lock;
use crate::graph::{graph_request, upload_properties, GraphCall};
use crate::http::client::Client;
use crate::request::Request;
use crate::session::{create_session_request, Parent};
use crate::status::Status;

/// A request; freed with mgprint_request_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RequestHandle {
    /// 0 for none.
    pub id: u64,
}

static REQUESTS: Registry<Mutex<KeptRequest>> = Registry::new(0x03);

#[derive(Clone)]
pub(super) struct KeptRequest {
    pub(super) request: Request,
    /// Whatever is responded is handed out, also a refusal.
    pub(super) is_as_is: bool,
    /// What the last read handed out.
    view: Option<Arc<View<RequestView>>>,
}

fn keep(request: Request, is_as_is: bool) -> RequestHandle {
    RequestHandle { id: REQUESTS.insert(Mutex::new(KeptRequest { request, is_as_is, view: None })) }
}

pub(super) fn request(handle: RequestHandle) -> Entry<KeptRequest> {
    let kept = REQUESTS.get(handle.id)?;
    let request = lock(&kept).clone();
    Ok(request)
}

/// How a request may be sent.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestMode {
    /// Again after its response was lost: reading, changing, deleting, and whatever does no harm twice.
    Repeatable = 1,
    /// Not again after it may have arrived: a POST that creates something.
    Once = 2,
    /// As the steps of a host's own pipeline left it: to any https address, with any body; and whatever is responded is
    /// the result, also a refusal. `what` stays empty, and `client` may be {0} here, though not where it is sent.
    AsIs = 3,
}

/// A document of a print job. Each id becomes one segment of an address, whatever is in it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// The printer's or share's id.
    pub parent_id: Str,
    /// The print job's id.
    pub job_id: Str,
    /// The document's id.
    pub document_id: Str,
    /// What the document is to be called there, such as "report.pdf"; may be empty.
    pub name: Str,
    /// Its media type, such as "application/pdf"; may be empty.
    pub content_type: Str,
    /// What the job belongs to.
    pub parent: JobParentNumber,
}

/// A request as it will go out, before the headers of sign-in and of the connection.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RequestView {
    /// Bytes of this struct.
    pub size: usize,
    /// Such as "POST".
    pub method: Str,
    /// The whole address.
    pub url: Str,
    /// JSON, {"name":["value"]}.
    pub headers: Str,
    /// The body, byte for byte.
    pub body: Str,
}

/// Makes a request. `address` is a path below the endpoint's version, percent-encoded, with its query
/// (/print/shares?$top=5), or a whole address of the endpoint's own scheme, host and port, such as a next link. `body` is a
/// JSON object, sent byte for byte; no bytes for no body. `what` says in English what is being done, such as "list the
/// printer shares": errors say so. Nothing is sent.
///
/// @return INVALID_ARGUMENT for a method or an address that cannot be used; INVALID_BODY.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_new(
    client: ClientHandle,
    mode: RequestModeNumber,
    method: Str,
    address: Str,
    body: Str,
    what: Str,
    out_request: *mut RequestHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_request, out_error, || {
            let (method, address, what) = (method.text()?, address.text()?, what.text()?);
            let body = body.text()?.to_owned().into();
            let repeatable = mode == RequestMode::Repeatable as i32;
            if repeatable || mode == RequestMode::Once as i32 {
                let call = GraphCall { method, address, what, repeatable };
                return Ok(keep(graph_request(&self::client(client)?.client, call, body)?, false));
            }
            if mode != RequestMode::AsIs as i32 || !what.is_empty() {
                return Err(refused("The mode is none, or `what` is given for a request AS_IS."));
            }
            Ok(keep(Request::new(method, address, body)?, true))
        })
    }
}

/// Makes the request that creates an upload session for a document of `size` bytes; 0 where mgprint_upload_start is to
/// say it: POST {endpoint}/v1.0/print/…/documents/{id}/microsoft.graph.createUploadSession. Nothing is sent.
///
/// @return INVALID_ARGUMENT for a parent that is none, and an id that is empty or a dot segment.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_new_session(
    client: ClientHandle,
    document: *const Document,
    size: u64,
    out_request: *mut RequestHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_request, out_error, || {
            Ok(keep(session_request(&self::client(client)?.client, document, size)?, false))
        })
    }
}

/// # Safety
/// `document` is NULL or points to a document whose texts are as [`Str::text`] needs them.
pub(super) unsafe fn session_request(client: &Client, document: *const Document, size: u64) -> Entry<Request> {
    // SAFETY: the caller's promises.
    unsafe {
        let document = document.as_ref().ok_or(Status::InvalidArgument)?;
        let parent = match document.parent {
            1 => Parent::Printer,
            2 => Parent::Share,
            _ => return Err(refused("The parent of the document is neither PRINTER nor SHARE.")),
        };
        let (parent_id, job_id) = (document.parent_id.text()?, document.job_id.text()?);
        let body = upload_properties(document.name.text()?, document.content_type.text()?, (size > 0).then_some(size));
        Ok(create_session_request(client, parent, parent_id, job_id, document.document_id.text()?, body)?)
    }
}

/// Adds a header of the host's. The first value for a name replaces the engine's own (Content-Type, Authorization,
/// User-Agent); later ones join it.
///
/// @return INVALID_HEADER, with an error that names the header, for a name or value that cannot be sent, and for headers of
/// the connection and of framing (Host, Content-Length, Transfer-Encoding and so on).
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_add_header(
    request: RequestHandle,
    name: Str,
    value: Str,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        run_telling(out_error, || {
            let kept = REQUESTS.get(request.id)?;
            let (name, value) = (name.text()?, value.text()?);
            lock(&kept).request.add_header(name, value)?;
            Ok(())
        })
    }
}

/// Reads a request as it will go out. `*out_view` is valid until the same request is read again or freed.
#[no_mangle]
pub unsafe extern "C" fn mgprint_request_read(request: RequestHandle, out_view: *mut *const RequestView) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_view, std::ptr::null_mut(), || {
            let kept = REQUESTS.get(request.id)?;
            let mut kept = lock(&kept);
            let request = &kept.request;
            let view = View::new(|texts| RequestView {
                size: std::mem::size_of::<RequestView>(),
                method: texts.keep(request.method()),
                url: texts.keep(request.url()),
                headers: texts.keep(headers_json(request.headers())),
                body: texts.keep(String::from_utf8_lossy(request.body())),
            });
            Ok(&raw const kept.view.insert(Arc::new(view)).value)
        })
    }
}

/// Frees a request. An operation that sends it keeps what it needs.
#[no_mangle]
pub extern "C" fn mgprint_request_free(request: RequestHandle) -> Status {
    run(|| REQUESTS.free(request.id))
}

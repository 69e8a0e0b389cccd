//! Errors as handles.

use std::ffi::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

use super::border::{enter, held, out, Entry, Refused};
use super::handle::Registry;
use super::status::Status;
use super::text::{headers_json, OwnedText, Text};
use crate::error::{Error, ErrorKind};

/// Handle of an error; freed with mgprint_error_free.
pub type ErrorHandle = u64;

static ERRORS: Registry<KeptError> = Registry::new(0xE5);

struct KeptError {
    error: Error,
    id: OwnedText,
    message: OwnedText,
    next_step: OwnedText,
    graph_code: OwnedText,
    graph_message: OwnedText,
    request_id: OwnedText,
    client_request_id: OwnedText,
    date: OwnedText,
    headers: OwnedText,
    answer_headers: OwnedText,
    body: OwnedText,
}

pub(super) fn keep_error(error: Error) -> ErrorHandle {
    let refusal = error.error_response().cloned();
    let of = |get: fn(&crate::error::ErrorResponse) -> Option<String>| {
        OwnedText::from(refusal.as_ref().and_then(get).unwrap_or_default())
    };
    ERRORS.insert(KeptError {
        id: error.kind().id().into(),
        message: error.message().into(),
        next_step: error.next_step().into(),
        graph_code: of(|refusal| refusal.graph_code.clone()),
        graph_message: of(|refusal| refusal.graph_message.clone()),
        request_id: of(|refusal| refusal.request_id.clone()),
        client_request_id: error.client_request_id().unwrap_or_default().into(),
        date: of(|refusal| refusal.date.clone()),
        headers: of(|refusal| Some(headers_json(&refusal.headers))),
        answer_headers: match error.response_headers() {
            none if none.is_empty() => OwnedText::default(),
            headers => headers_json(headers).into(),
        },
        body: of(|refusal| Some(refusal.body.clone())),
        error,
    })
}

/// Runs an entry that tells why it refuses: `out_error`, where it is not NULL, gets an error handle, or 0 on success
/// and where there is no more to say than the number.
///
/// # Safety
/// `out_error` is NULL or points to memory for a handle.
pub(super) unsafe fn enter_with_error(out_error: *mut ErrorHandle, entry: impl FnOnce() -> Entry<()>) -> Status {
    let outcome = catch_unwind(AssertUnwindSafe(entry));
    let (status, error) = match outcome {
        Ok(Ok(())) => (Status::Ok, None),
        Ok(Err(Refused::Status(status))) => (status, None),
        Ok(Err(Refused::Error(error))) => ((&error).into(), Some(error)),
        Err(_) => {
            (Status::Internal, Some(Error::new(ErrorKind::Internal, "A defect of the mgprint library was caught.")))
        }
    };
    if !out_error.is_null() {
        // SAFETY: not NULL, and the caller promises memory for a handle.
        unsafe { out_error.write(error.map_or(0, keep_error)) };
    }
    status
}

/// What an error says. Its texts belong to the error's handle.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ErrorView {
    /// What kind of thing failed.
    pub status: Status,
    /// The HTTP status of the answer; 0 when none came.
    pub http_status: u32,
    /// Trying again later can help.
    pub retryable: bool,
    /// Of an upload: as far as is known the session still exists, and the same upload can go on.
    pub resumable: bool,
    /// The stable name of the kind, such as "ConnectionFailed".
    pub id: Text,
    /// What was being done, to what, and what happened. Free of secrets and of control characters.
    pub message: Text,
    /// What a person can do about it; may be empty.
    pub next_step: Text,
    /// error.code of a Graph error, as the service sent it; empty when it did not.
    pub graph_code: Text,
    /// error.message of a Graph error, as the service sent it, secrets masked; may hold control characters.
    pub graph_message: Text,
    /// The service's id of the request; empty when it gave none.
    pub request_id: Text,
    /// The id under which the request went out; empty for requests to an upload URL.
    pub client_request_id: Text,
    /// When the service answered.
    pub date: Text,
    /// Response headers as JSON, {"name":["value"]}, secret values masked; empty when no answer came.
    pub headers: Text,
    /// The response body, secrets masked, at most 64 KiB of it; may hold control characters.
    pub body: Text,
}

/// Reads an error. The texts in `out_view` are valid until the error is freed. Any thread.
///
/// @return INVALID_ARGUMENT when out_view is NULL; INVALID_HANDLE.
///
/// # Safety
/// `out_view` is NULL or points to memory for a view.
#[no_mangle]
pub unsafe extern "C" fn mgprint_error_read(error: ErrorHandle, out_view: *mut ErrorView) -> Status {
    enter(|| {
        let out_view = out(out_view)?;
        let kept = held(ERRORS.get(error))?;
        let view = ErrorView {
            status: (&kept.error).into(),
            http_status: kept.error.http_status().map_or(0, u32::from),
            retryable: kept.error.is_retryable(),
            resumable: kept.error.is_resumable(),
            id: kept.id.text(),
            message: kept.message.text(),
            next_step: kept.next_step.text(),
            graph_code: kept.graph_code.text(),
            graph_message: kept.graph_message.text(),
            request_id: kept.request_id.text(),
            client_request_id: kept.client_request_id.text(),
            date: kept.date.text(),
            headers: kept.headers.text(),
            body: kept.body.text(),
        };
        // SAFETY: checked not to be NULL, and the caller promises memory for a view.
        unsafe { out_view.write(view) };
        Ok(())
    })
}

/// Reads the headers of the answer that an error is about, as they came: JSON, {"name":["value"]}, secrets not masked, to
/// be shown nowhere. Empty when no answer came; there too where an answer began and did not come to its end. The text is
/// valid until the error is freed. Any thread.
///
/// @return INVALID_ARGUMENT when out_headers is NULL; INVALID_HANDLE.
///
/// # Safety
/// `out_headers` is NULL or points to memory for a text.
#[no_mangle]
pub unsafe extern "C" fn mgprint_error_answer_headers(error: ErrorHandle, out_headers: *mut Text) -> Status {
    enter(|| {
        let out_headers = out(out_headers)?;
        let kept = held(ERRORS.get(error))?;
        // SAFETY: checked not to be NULL, and the caller promises memory for a text.
        unsafe { out_headers.write(kept.answer_headers.text()) };
        Ok(())
    })
}

/// Frees an error and its texts. 0 is allowed. Any thread.
///
/// @return INVALID_HANDLE when it is freed already or never was an error.
#[no_mangle]
pub extern "C" fn mgprint_error_free(error: ErrorHandle) -> Status {
    enter(|| if error == 0 { Ok(()) } else { held(ERRORS.remove(error)).map(drop) })
}

/// The stable name of a status, such as "ConnectionFailed"; NULL for a number that is none. Static: never freed. Any
/// thread.
#[no_mangle]
pub extern "C" fn mgprint_status_name(status: i32) -> *const c_char {
    NAMES.iter().find(|(number, _)| *number as i32 == status).map_or(std::ptr::null(), |(_, name)| name.as_ptr())
}

/// The names that [`ErrorKind::id`] gives, with a NUL behind each, and those of the border's own numbers.
const NAMES: &[(Status, &std::ffi::CStr)] = &[
    (Status::Ok, c"Ok"),
    (Status::Pending, c"Pending"),
    (Status::InvalidArgument, c"InvalidArgument"),
    (Status::InvalidHandle, c"InvalidHandle"),
    (Status::InvalidText, c"InvalidText"),
    (Status::InvalidState, c"InvalidState"),
    (Status::Internal, c"Internal"),
    (Status::InvalidEndpoint, c"InvalidEndpoint"),
    (Status::InvalidUploadUrl, c"InvalidUploadUrl"),
    (Status::InvalidHeader, c"InvalidHeader"),
    (Status::InvalidProxy, c"InvalidProxy"),
    (Status::InvalidBody, c"InvalidBody"),
    (Status::AuthenticationNeeded, c"AuthenticationNeeded"),
    (Status::SourceNotFound, c"SourceNotFound"),
    (Status::SourceUnreadable, c"SourceUnreadable"),
    (Status::SourceNotAFile, c"SourceNotAFile"),
    (Status::SourceEmpty, c"SourceEmpty"),
    (Status::SourceChanged, c"SourceChanged"),
    (Status::SizeMismatch, c"SizeMismatch"),
    (Status::ResumeFileRefused, c"ResumeFileRefused"),
    (Status::ResumeFileInUse, c"ResumeFileInUse"),
    (Status::ResumeFileFailed, c"ResumeFileFailed"),
    (Status::ConnectionFailed, c"ConnectionFailed"),
    (Status::TlsFailed, c"TlsFailed"),
    (Status::Timeout, c"Timeout"),
    (Status::ProxyFailed, c"ProxyFailed"),
    (Status::Cancelled, c"Cancelled"),
    (Status::RequestFailed, c"RequestFailed"),
    (Status::UnexpectedResponse, c"UnexpectedResponse"),
    (Status::ResponseTooLarge, c"ResponseTooLarge"),
    (Status::RedirectRefused, c"RedirectRefused"),
    (Status::SessionGone, c"SessionGone"),
    (Status::ShareNotFound, c"ShareNotFound"),
    (Status::NotSupported, c"NotSupported"),
    (Status::PrintJobEnded, c"PrintJobEnded"),
];

/// The error of an operation that its caller ended.
pub(super) fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "The operation was cancelled.").resumable(true)
}

//! Errors that a host holds, and what they say.

use super::handle::Registry;
use super::text::{headers_json, Str, View};
use crate::error::Error;
use crate::status::Status;

/// An error; freed with mgprint_error_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ErrorHandle {
    /// 0 for none.
    pub id: u64,
}

impl ErrorHandle {
    pub(super) const NONE: ErrorHandle = ErrorHandle { id: 0 };
}

pub(super) static ERRORS: Registry<View<ErrorView>> = Registry::new(0xE5);

/// What an error says.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ErrorView {
    /// Bytes of this struct.
    pub size: usize,
    /// What kind of thing failed.
    pub status: Status,
    /// The HTTP status of the response; 0 when none came.
    pub http_status: u32,
    /// Trying again later can help.
    pub retryable: bool,
    /// Of an upload: as far as is known the session still exists, and the same upload can go on.
    pub resumable: bool,
    /// The stable name of the kind, such as "ConnectionFailed".
    pub id: Str,
    /// What was being done, to what, and what happened. Free of secrets and of control characters.
    pub message: Str,
    /// What a person can do about it; may be empty.
    pub next_step: Str,
    /// error.code of a Graph error, as the service sent it; empty when it did not.
    pub graph_code: Str,
    /// error.message of a Graph error, as the service sent it, secrets masked; may hold control characters.
    pub graph_message: Str,
    /// The service's id of the request; empty when it gave none.
    pub request_id: Str,
    /// The id under which the request went out; empty for requests to an upload URL.
    pub client_request_id: Str,
    /// When the service responded.
    pub date: Str,
    /// Response headers as JSON, {"name":["value"]}, secret values masked; empty when no response came.
    pub headers: Str,
    /// The same as they came, secrets and all, to be shown nowhere; also of a response that began and broke off.
    pub secret_headers: Str,
    /// The response body, secrets masked, at most 64 KiB of it; may hold control characters.
    pub body: Str,
}

pub(super) fn keep_error(error: Error) -> ErrorHandle {
    let response = error.error_response().cloned().unwrap_or_default();
    let has_response = error.error_response().is_some();
    let view = View::new(|texts| ErrorView {
        size: std::mem::size_of::<ErrorView>(),
        status: error.kind(),
        http_status: error.http_status().map_or(0, u32::from),
        retryable: error.is_retryable(),
        resumable: error.is_resumable(),
        id: texts.keep(error.kind().id()),
        message: texts.keep(error.message()),
        next_step: texts.keep(error.next_step()),
        graph_code: texts.keep(response.graph_code.unwrap_or_default()),
        graph_message: texts.keep(response.graph_message.unwrap_or_default()),
        request_id: texts.keep(response.request_id.unwrap_or_default()),
        client_request_id: texts.keep(error.client_request_id().unwrap_or_default()),
        date: texts.keep(response.date.unwrap_or_default()),
        headers: if has_response { texts.keep(headers_json(&response.headers)) } else { Str::EMPTY },
        secret_headers: match error.response_headers() {
            none if none.is_empty() => Str::EMPTY,
            headers => texts.keep(headers_json(headers)),
        },
        body: texts.keep(response.body),
    });
    ErrorHandle { id: ERRORS.insert(view) }
}

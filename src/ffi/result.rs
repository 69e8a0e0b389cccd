//! What an operation came to, as it is handed out.

use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::ExposeSecret;

use super::text::{headers_json, Range, Str, Texts, View};
use crate::graph::Downloaded;
use crate::http::redact;
use crate::http::response::Response;
use crate::print::Printed;
use crate::session::UploadSession;
use crate::upload::Uploaded;

/// How an operation succeeded. Members that are not of its kind are 0 or empty.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct OperationResult {
    /// Bytes of this struct.
    pub size: usize,
    /// The HTTP status of the last response; 0 when there was none.
    pub http_status: u32,
    /// Upload: tries after failures.
    pub retries: u32,
    /// The service's response, byte for byte: what was asked of Graph, the uploadSession, its status, or the printDocument;
    /// empty when there is none. Of a printDocument that repeats what is secret of the upload URL, that is masked.
    pub json: Str,
    /// Response headers as JSON, {"name":["value"]}, names in lower case; empty when there was no response.
    pub headers: Str,
    /// Session: where the bytes go, a secret.
    pub upload_url: Str,
    /// Session: when the service forgets it, in seconds since 1970 (UTC); 0 when it does not say.
    pub expires_at: i64,
    /// Session: what it still misses, in order.
    pub missing: *const Range,
    /// Session: how many ranges these are.
    pub missing_count: usize,
    /// Session: whether the service said what it misses; else no ranges do not mean that nothing is missing.
    pub missing_is_known: bool,
    /// Upload, session: bytes of the document. Where EXPECTED_SIZE is not set, they count up to the end of the last
    /// missing range, and are 0 where nothing can be counted.
    pub bytes_total: u64,
    /// Upload: bytes sent by this operation, repeats included. Session: bytes of the document that are at the service.
    /// Download: bytes of the file.
    pub bytes_done: u64,
    /// From the start to the end.
    pub elapsed_ms: u64,
}

/// What an operation leaves behind.
pub(super) struct Success {
    pub(super) view: View<OperationResult>,
    pub(super) is_confirmed: bool,
}

impl Success {
    fn new(make: impl FnOnce(&mut Texts) -> OperationResult) -> Self {
        Success { view: View::new(make), is_confirmed: true }
    }

    /// A session, from the response to whoever created it or asked for its status.
    pub(super) fn of_session(session: &UploadSession, size: Option<u64>) -> Self {
        let (bytes_total, bytes_done) = session.bytes(size).unwrap_or_default();
        let ranges: Vec<Range> = session
            .missing
            .iter()
            .flat_map(|ranges| ranges.iter())
            .map(|range| Range { start: range.start, end: range.end })
            .collect();
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        Success::new(|texts| OperationResult {
            upload_url: texts.keep(session.upload_url.as_ref().map_or("", |url| url.expose_secret())),
            expires_at: session.expires.map_or(0, seconds),
            missing_count: ranges.len(),
            missing: texts.keep_ranges(ranges),
            missing_is_known: session.missing.is_some(),
            bytes_total,
            bytes_done,
            ..of_response(&session.response, texts)
        })
    }
}

fn empty() -> OperationResult {
    OperationResult { size: std::mem::size_of::<OperationResult>(), ..OperationResult::default() }
}

fn of_response(response: &Response, texts: &mut Texts) -> OperationResult {
    OperationResult {
        http_status: response.status.as_u16().into(),
        json: texts.keep(String::from_utf8_lossy(&response.body)),
        headers: texts.keep(headers_json(&response.headers)),
        ..empty()
    }
}

impl From<Response> for Success {
    fn from(response: Response) -> Self {
        Success::new(|texts| of_response(&response, texts))
    }
}

impl From<Downloaded> for Success {
    fn from(downloaded: Downloaded) -> Self {
        Success::new(|texts| OperationResult {
            bytes_total: downloaded.bytes,
            bytes_done: downloaded.bytes,
            ..of_response(&downloaded.response, texts)
        })
    }
}

impl From<Printed> for Success {
    fn from(printed: Printed) -> Self {
        Success::new(|texts| OperationResult {
            json: texts.keep(printed.to_json()),
            headers: if printed.headers.is_empty() { Str::EMPTY } else { texts.keep(headers_json(&printed.headers)) },
            retries: printed.retries,
            bytes_total: printed.bytes_total,
            bytes_done: printed.bytes_sent,
            ..empty()
        })
    }
}

impl From<Uploaded> for Success {
    fn from(uploaded: Uploaded) -> Self {
        let mut success = Success::new(|texts| {
            // The host of a document whose session was created with it never saw the upload URL, and could not recognise its token.
            let masked =
                uploaded.response.as_ref().map(|response| redact::known_in_json(&response.body, &response.secrets));
            OperationResult {
                json: texts.keep(masked.unwrap_or_default()),
                retries: uploaded.retries,
                bytes_total: uploaded.bytes_total,
                bytes_done: uploaded.bytes_sent,
                ..uploaded.response.as_ref().map_or_else(empty, |response| of_response(response, texts))
            }
        });
        success.is_confirmed = uploaded.confirmed;
        success
    }
}

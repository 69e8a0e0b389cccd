//! What an operation came to, as it is handed out.

use std::time::Duration;

use super::text::{headers_json, OwnedText, Text};
use crate::http::redact;
use crate::http::response::Response;
use crate::upload::Uploaded;

/// How an operation succeeded. Its texts belong to the operation's handle.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OperationResult {
    /// The service's answer, byte for byte: the uploadSession, its status, or the printDocument; empty when there is none.
    /// Of a printDocument that repeats what is secret of the upload URL, that is masked.
    pub json: Text,
    /// Response headers as JSON, {"name":["value"]}, names in lower case; empty when there was no answer.
    pub headers: Text,
    /// The HTTP status of the last answer; 0 when there was none.
    pub http_status: u32,
    /// Upload: tries after failures.
    pub retries: u32,
    /// Upload, status: bytes of the document.
    pub bytes_total: u64,
    /// Upload: bytes sent by this operation, repeats included. Status: bytes of the document that are at the service.
    pub bytes_sent: u64,
    /// From the start to the end.
    pub elapsed_ms: u64,
    /// Upload: false when every byte was acknowledged or sent, and the service's word that it has the document is missing:
    /// its last answer was lost, say, and the session is gone as that of a complete document is. A LOG event of level 0
    /// tells what is not known. Look at the print job before sending the document again.
    pub confirmed: bool,
}

/// What an operation leaves behind, in the form that is handed out.
#[derive(Default)]
pub(super) struct Success {
    json: OwnedText,
    headers: OwnedText,
    http_status: u32,
    retries: u32,
    bytes_total: u64,
    bytes_sent: u64,
    elapsed: Duration,
    confirmed: bool,
}

impl Success {
    pub(super) fn after(self, elapsed: Duration) -> Self {
        Success { elapsed, ..self }
    }

    pub(super) fn view(&self) -> OperationResult {
        OperationResult {
            json: self.json.text(),
            headers: self.headers.text(),
            http_status: self.http_status,
            retries: self.retries,
            bytes_total: self.bytes_total,
            bytes_sent: self.bytes_sent,
            elapsed_ms: self.elapsed.as_millis() as u64,
            confirmed: self.confirmed,
        }
    }

    /// What needed no answer of a service.
    pub(super) fn of_json(json: &str) -> Self {
        Success { json: json.into(), ..Success::default() }
    }

    /// What a session said of its state.
    pub(super) fn of_status(answer: Response, bytes_total: u64, bytes_there: u64) -> Self {
        Success { bytes_total, bytes_sent: bytes_there, ..answer.into() }
    }
}

impl From<Response> for Success {
    fn from(answer: Response) -> Self {
        Success {
            json: String::from_utf8_lossy(&answer.body).into(),
            headers: headers_json(&answer.headers).into(),
            http_status: answer.status.as_u16().into(),
            confirmed: true,
            ..Success::default()
        }
    }
}

impl From<Uploaded> for Success {
    fn from(uploaded: Uploaded) -> Self {
        // The host of a document whose session was created with it never saw the upload URL, and could not tell its token.
        let json = uploaded.response.as_ref().map(|response| redact::known_in_json(&response.body, &response.secrets));
        Success {
            json: json.unwrap_or_default().into(),
            retries: uploaded.retries,
            bytes_total: uploaded.bytes_total,
            bytes_sent: uploaded.bytes_sent,
            confirmed: uploaded.confirmed,
            ..uploaded.response.map(Success::from).unwrap_or_default()
        }
    }
}

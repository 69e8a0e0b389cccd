//! One range: its PUT, and what the response means.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{HeaderValue, CONTENT_RANGE};
use http::{Method, StatusCode};
use serde_json::Value;

use super::barrier::CompletionBarrier;
use super::body::{Document, InFlightPart, RangeBody};
use super::connections::Connections;
use super::options::UploadOptions;
use super::progress::Progress;
use super::resume::Journal;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::http::error_response;
use crate::http::exchange::Exchange;
use crate::http::redact::host;
use crate::http::response::{member, Response};
use crate::http::retry;
use crate::range::RangeSet;
use crate::session;

const WHAT: &str = "send a range of the document";

/// What became of the PUT of one range.
pub(super) enum PutOutcome {
    /// The service has the range. Its response may list what is missing, and say until when the session lasts.
    Acknowledged { missing: Option<RangeSet>, expires: Option<SystemTime> },
    /// The service says that the document is complete; a response that names the document is the one that is documented.
    Completed { response: Response, names_document: bool },
    /// The service says that the document is complete, with another size than that of the document.
    SizeConflict(Error),
    /// The service may have the range, a part of it, or nothing; the upload status shows which. Where not all of the range was
    /// sent, at least its end is missing.
    Unknown { error: Error, sent_whole: bool },
    /// The session is gone.
    SessionGone(Error),
    /// Another try would end in the same way.
    Failed(Error),
}

/// What sends ranges; shared by those in flight.
pub(super) struct Sender<'a> {
    client: &'a Client,
    connections: Connections,
    pub(super) upload_url: &'a UploadUrl,
    pub(super) document: Arc<Document>,
    pub(super) options: &'a UploadOptions,
    pub(super) size: u64,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        client: &'a Client,
        upload_url: &'a UploadUrl,
        source: Arc<dyn Source>,
        options: &'a UploadOptions,
        journal: Option<Arc<Journal>>,
    ) -> Result<Self> {
        let size = source.size();
        if let Some(expected) = options.expected_size.filter(|&expected| expected != size) {
            return Err(size_mismatch(size, &format!("for {expected} bytes")));
        }
        let progress = Progress::new(Arc::clone(&options.call.observer), size);
        let document = Arc::new(Document { source, progress, barrier: CompletionBarrier::new(), journal });
        Ok(Sender { client, connections: Connections::default(), upload_url, document, options, size })
    }

    /// For the next request.
    pub(super) fn client(&self) -> Client {
        if self.connections.are_unreliable() {
            self.client.on_new_connections()
        } else {
            self.client.clone()
        }
    }

    /// What an earlier upload with the same resume file sent, or was about to.
    pub(super) fn sent_before(&self) -> RangeSet {
        self.document.journal.as_ref().map_or_else(RangeSet::new, |journal| journal.sent_before().clone())
    }

    /// In the resume file, if there is one: bytes that the service has not.
    pub(super) async fn forget(&self, bytes: RangeSet) -> Result<()> {
        match &self.document.journal {
            Some(journal) if !bytes.is_empty() => Arc::clone(journal).remove(bytes).await,
            _ => Ok(()),
        }
    }

    /// `PUT uploadUrl` with `Content-Range: bytes FIRST-LAST/SIZE`, and never an Authorization.
    pub(super) async fn put(&self, range: Range<u64>, part: Arc<InFlightPart>) -> PutOutcome {
        let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, self.size);
        let mut headers = self.options.call.upload_headers.0.clone();
        headers.insert(CONTENT_RANGE, HeaderValue::from_str(&content_range).expect("digits are ASCII"));
        let client = self.client();
        let exchange = Exchange {
            client: &client,
            what: WHAT,
            method: Method::PUT,
            url: self.upload_url.url().clone(),
            headers,
            // Each attempt, also one after a redirect, has a body of its own, and reads the range again.
            body: &|timer| {
                let document = Arc::clone(&self.document);
                reqwest::Body::wrap(RangeBody::new(document, &range, Arc::clone(timer), Arc::clone(&part)))
            },
            shown_body: &[],
            sink: None,
            is_long: true,
            call: &self.options.call,
        };
        let response = exchange.send().await;
        match &response {
            Ok(response) if response.status.is_success() => self.connections.on_acknowledged(),
            Err(error) if error.kind() == ErrorKind::ConnectionFailed => self.connections.on_broken(),
            _ => {}
        }
        let sent_whole = part.is_whole();
        match (part.failure(), response) {
            (Some(failure), _) => PutOutcome::Failed(failure),
            (None, Ok(response)) => self.read(response, sent_whole),
            // The status of the response is lost with its body, and the range may have been taken all the same.
            (None, Err(error)) if error.is_retryable() || is_unreadable(&error) => {
                PutOutcome::Unknown { error: error.retryable(true), sent_whole }
            }
            (None, Err(error)) => PutOutcome::Failed(error.resumable(true)),
        }
    }

    fn read(&self, response: Response, sent_whole: bool) -> PutOutcome {
        let status = response.status;
        let refused = || session::refused(&response, self.upload_url, WHAT);
        match status {
            _ if status.is_success() && !sent_whole => {
                let (host, status) = (host(self.upload_url.url()), status.as_u16());
                let message = format!("{host} answered {status} before it had the whole range.");
                let error = Error::new(ErrorKind::UnexpectedResponse, message).retryable(true);
                PutOutcome::Unknown { error, sent_whole }
            }
            StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED => {
                // An HTML page comes from something between here and the service, which may have kept the bytes.
                let sent_whole = !response.is_html();
                self.read_success(response)
                    .unwrap_or_else(|error| PutOutcome::Unknown { error: error.retryable(true), sent_whole })
            }
            // The service has the range already, in whole or in part.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                PutOutcome::Unknown { error: refused().retryable(true), sent_whole: false }
            }
            _ if session::is_gone(&response) => PutOutcome::SessionGone(refused()),
            // Something on the way answers in the service's place.
            StatusCode::NOT_FOUND | StatusCode::GONE if !response.redirected => {
                PutOutcome::Unknown { error: refused().retryable(true), sent_whole: false }
            }
            _ if retry::is_retryable_for_upload(status) => {
                PutOutcome::Unknown { error: refused(), sent_whole: status.is_server_error() && sent_whole }
            }
            _ if status.is_success() => {
                let error = error_response::unexpected(&response, self.upload_url.url(), WHAT).retryable(true);
                PutOutcome::Unknown { error, sent_whole }
            }
            _ => PutOutcome::Failed(refused()),
        }
    }

    /// A response of 200, 201 or 202: by its body it acknowledges the range, or completes the document.
    fn read_success(&self, response: Response) -> Result<PutOutcome> {
        if response.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(match response.status {
                StatusCode::ACCEPTED => PutOutcome::Acknowledged { missing: None, expires: None },
                _ => PutOutcome::Completed { response, names_document: false },
            });
        }
        let object = error_response::json_object(&response, self.upload_url.url(), WHAT)?;
        let size = member(&object, "size").and_then(Value::as_u64);
        let expects_more = match member(&object, "nextExpectedRanges") {
            Some(Value::Array(ranges)) => !ranges.is_empty() || size.is_none(),
            _ => false,
        };
        if response.status == StatusCode::ACCEPTED || expects_more {
            let (missing, expires) = (session::missing_ranges(&object)?, session::expires(&object));
            return Ok(PutOutcome::Acknowledged { missing, expires });
        }
        Ok(match size {
            Some(size) if size != self.size => {
                let why = format!("it has {size} bytes of the document's {}", self.size);
                PutOutcome::SizeConflict(self.wrong_document(&why))
            }
            size => PutOutcome::Completed { response, names_document: size.is_some() },
        })
    }

    pub(super) fn wrong_document(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::UnexpectedResponse,
            format!("{} says that the document is complete, but {why}.", host(self.upload_url.url())),
        )
        .with_next_step("Do not print this document: cancel the job, create a new upload session and send it again.")
    }
}

/// A session that was created for another document than this one.
pub(super) fn size_mismatch(size: u64, created: &str) -> Error {
    Error::new(
        ErrorKind::SizeMismatch,
        format!("The document has {size} bytes, but the upload session was created {created}. Nothing was sent."),
    )
    .with_next_step("Give the file that the session was created for, or create a session with this file's size.")
    .resumable(true)
}

/// Whether a response came, and its body could not be read.
pub(super) fn is_unreadable(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedResponse | ErrorKind::ResponseTooLarge)
}
